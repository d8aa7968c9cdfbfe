"""How states, reasons and open points are called."""

from flask_babel import lazy_gettext as _l

STATES = {
    "draft": (_l("Draft"), "rest"),
    "ready": (_l("Ready to launch"), "soon"),
    "live": (_l("Live"), "now"),
    "paused": (_l("Sending paused"), "soon"),
    "closed": (_l("Closed"), "good"),
}
EXCLUSIONS = {
    "do_not_contact": _l("The customer does not want to be contacted"),
    "no_address": _l("No e-mail address"),
    "opted_out": _l("Unsubscribed"),
    "undeliverable": _l("Undeliverable: earlier mails did not arrive"),
    "bad_address": _l("The address can't be written in a mail"),
    "fatigued": _l("Asked only recently"),
    "duplicate_address": _l("The same address is already used for another customer"),
}
CHECKS = {
    "name": (_l("The survey has a name"), "surveys.edit"),
    "questionnaire": (_l("The questionnaire is published"), "surveys.edit"),
    "times": (_l("It is open for at least an hour from now"), "surveys.edit"),
    "recipients": (_l("There is somebody to ask: recipients or an open link"), "surveys.recipients"),
    "texts": (_l("The invitation is written in every language needed"), "surveys.texts"),
    "reminders": (_l("The reminder is written in every language needed"), "surveys.texts"),
    "sender": (_l("The firm has a sender address"), "settings.index"),
    "mail_server": (
        _l("A mail server is set (without one, mails are kept here and not sent)"),
        "surveys.show",
    ),
    "address": (_l("Customers can open the links in the mails and on posters"), "surveys.show"),
}
TEXT_PROBLEMS = {
    "empty": _l("This text is still empty."),
    "unknown_variable": _l("%(value)s is not a variable. Check its spelling."),
    "too_long": _l("This text is too long: at most %(value)s characters."),
    "one_line_only": _l("The subject must be one line."),
    "link_missing": _l("Put {link} where the button shall stand; without it nobody can answer."),
    "link_in_subject": _l("The link can't stand in the subject."),
}
STRATA = {
    "stratum": _l("Region and kind"),
    "region": _l("Region"),
    "kind": _l("Kind of customer"),
    "size": _l("Size"),
    "tenure": _l("New or old"),
    "unit": _l("Branch or department"),
}
PARTS = {
    "enterprise": _l("Enterprise"),
    "individual": _l("Individual"),
    "new": _l("New customers"),
    "old": _l("Customers for over a year"),
}
PEOPLE = {
    "waiting": (_l("Not started"), "rest"),
    "started": (_l("Started"), "now"),
    "finished": (_l("Finished"), "good"),
    "declined": (_l("Declined"), "soon"),
    "undelivered": (_l("Mail did not arrive"), "late"),
    "opted_out": (_l("Unsubscribed"), "soon"),
}
CHANNELS = {
    "web": _l("Website"),
    "wechat": _l("WeChat"),
    "poster": _l("Poster"),
    "other": _l("Another place"),
}
REFUSALS = {
    "not_allowed": _l("Your role does not include this step."),
    "not_now": _l("That is not possible in the present state. Look at the page again."),
    "incomplete": _l("Something is still missing; the list below says what."),
    "ended": _l("This survey is closed. Its links take no more answers."),
    "still_inviting": _l(
        "Invitations are still going out. Wait until all have left, or confirm that you mean it."
    ),
    "too_soon": _l(
        "Everybody who could be reminded has had a mail within the last two days. Wait, or confirm that you mean it."
    ),
    "in_the_past": _l("The new end must lie in the future."),
    "released": _l("The results are already released."),
    "changed_meanwhile": _l("Somebody else has changed this survey meanwhile. Look at it, then try again."),
}
