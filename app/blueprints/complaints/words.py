"""How outcomes, queues, steps and refusals are called; what the summary says as well is in `web.case_words`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.errors import Refused
from app.models import Letter
from app.queries import users
from app.queries.complaints.trees import tree
from app.rules.worktime import Limit, Unit
from app.web.case_words import CHANNELS as CHANNELS
from app.web.case_words import CLOCKS as CLOCKS
from app.web.case_words import KINDS as KINDS
from app.web.case_words import SATISFACTIONS as SATISFACTIONS
from app.web.case_words import STATES as STATES
from app.web.i18n import firm_timezone, page_language

# By which somebody can be told something, or called back.
REPLY_CHANNELS = ("phone", "visit", "email", "letter", "social")
SEVERITIES = {"general": _l("General"), "major": _l("Major"), "urgent": _l("Urgent")}
OUTCOMES = {
    "satisfied": _l("Satisfied"),
    "dissatisfied_accepted": _l("No agreement reached"),
    "unreachable": _l("Could not be reached"),
    "rejected": _l("Not accepted as a complaint"),
    "merged": _l("Merged"),
    "withdrawn": _l("Withdrawn by the customer"),
}
CLOSING_OUTCOMES = ("satisfied", "dissatisfied_accepted", "unreachable")
PARTIES = {"customer": _l("The customer"), "third_party": _l("Somebody else, such as a supplier")}
QUEUES = {
    "mine": _l("Mine"),
    "unit": _l("My unit"),
    "unassigned": _l("Unassigned"),
    "today": _l("Due today"),
    "overdue": _l("Overdue"),
    "waiting": _l("Waiting"),
    "callbacks": _l("Callbacks"),
    "all": _l("All open"),
    "closed": _l("Case closed"),
}
STEPS = {
    "classify": _l("Sort anew"),
    "note": _l("Note to colleagues"),
    "reply": _l("What we told the customer"),
    "add": _l("What the customer told us"),
    "assign": _l("Assign"),
    "accept": _l("Accept"),
    "send_back": _l("Send back"),
    "transfer": _l("Transfer"),
    "wait": _l("Wait"),
    "resume": _l("Take up again"),
    "resolve": _l("Resolve"),
    "callback": _l("Record the callback"),
    "close": _l("Close"),
    "reopen": _l("Open again"),
    "reject": _l("Not a complaint"),
    "withdraw": _l("Withdrawn by the customer"),
    "merge": _l("Merge into another case"),
    "link": _l("Link with another case"),
}
# Why a file that came by mail is not kept.
FILES = {
    "kind": _l("of a kind that is not taken"),
    "empty": _l("empty"),
    "too_large": _l("larger than 10 MB"),
    "too_many": _l("more than five files in one mail"),
    "too_large_together": _l("more than 20 MB together"),
    "enough": _l("as many files as one case takes were there"),
    "no_room": _l("no room left on the disk"),
    "content": _l("damaged, or not what its name says"),
    "macros": _l("holds macros"),
    "locked": _l("locked by a password"),
    "bomb": _l("would unpack to far too much"),
}
# Why a mail of ours did not reach the customer.
NOT_ARRIVED = {
    "no_mailbox": _l("there is nobody at this address"),
    "box_full": _l("his mailbox is full"),
    "not_accepted": _l("his mail server did not want it"),
}
REFUSALS: Mapping[str, Any] = {
    "not_allowed": _l("This step is not yours in this case."),
    "not_now": _l("That is not possible in the present state. Look at the case again."),
    "about_this_person": _l("This complaint is about that person. Choose somebody else, or another unit."),
    "before_receipt": _l("That was before the complaint was received. Correct the time."),
    "changed_meanwhile": _l("Somebody else has changed it meanwhile. Look at it, then try again."),
    "content_missing": _l("Write down what the customer said."),
    "handler_elsewhere": _l("That person does not work in the chosen unit. Choose another one."),
    "in_the_future": _l("That time lies in the future. Correct it."),
    "in_the_past": _l("Choose a day in the future to wait until."),
    "link_itself": _l("That is this case itself. Choose another one."),
    "merge_about_person": _l(
        "This case is about one of us, who would see it in the other one. Link the two instead."
    ),
    "merge_itself": _l("That is this case itself. Choose another one."),
    "merged": _l("This case went into another one. Open that one again instead."),
    "no_category": _l("Choose a category from the list."),
    "no_cause": _l("Choose a cause from the list."),
    "no_customer": _l("This customer is not on record any more. Search again."),
    "no_words": _l("The mail holds no text and no file, so there is nothing to add."),
    "recorded_meanwhile": _l("Feedback was made of this answer meanwhile. Look at the list."),
    "sorted_meanwhile": _l("A colleague has sorted this mail meanwhile. Look at the list."),
    "no_such_number": _l(
        "There is no case with this number. Compare it once more: the last digit finds typing errors."
    ),
    "no_such_score": _l("Scores go from 1 to 5."),
    "no_unit": _l("This unit does not exist any more. Choose another one."),
    "not_asked": _l("Nobody has asked the customer in this round yet. Record the callback first."),
    "not_satisfied": _l("The customer did not say that he is satisfied. Choose another outcome."),
    "not_visible": _l("You can't see this case any more."),
    "other_complainant": _l(
        "Different people seem to have complained. Link the two, or tick that you want to merge them all the same."
    ),
    "own_case": _l("Whoever handled the case can't ask about it or close it. A colleague has to."),
    "reason_missing": _l("Say why."),
    "same_unit": _l("The case is with this unit already. Choose another one."),
    "sent_back_twice": _l("It was sent back twice already. Talk to customer service, who decide now."),
    "sent_twice": _l("This form was sent twice at once and is stored. Look at the list."),
    "target_closed": _l("That case is closed. Merge into one that is open, or link the two."),
    "text_missing": _l("Write something first."),
    "too_late": _l("More than 30 days have passed. Record a new complaint."),
    "unit_inactive": _l("This unit is switched off. Choose another one."),
    "waits_for_nobody": _l("Say for whom the case waits."),
    "was_reached": _l("The customer was reached in this round, so this outcome is not true."),
    "was_satisfied": _l("The customer said that he is satisfied. Choose that outcome."),
}
# What `resolution_incomplete` names, in the order of the form.
RESOLUTION = {
    "result": _l("Say what was found and done."),
    "reply": _l("Write what the customer is told."),
    "remedy": _l("Say what the customer gets, such as a repair or a refund."),
    "cause": _l("Choose a root cause, or write it."),
    "prevention": _l("Say how it is prevented from now on, or why there is nothing to prevent."),
}


def files_left_out(letter: Letter) -> list[tuple[str, Any]]:
    """Files that were not kept, each with the reason."""
    return [(name, FILES.get(code, FILES["content"])) for name, code in letter.left_out]


def refusal_text(refusal: Refused) -> str:
    """Why a step was not taken, and what to do about it."""
    if refusal.code == "too_few_tries":
        return _(
            "Try at least %(tries)s times on %(days)s different days before giving up.",
            tries=refusal.params["tries"],
            days=refusal.params["days"],
        )
    if refusal.code == "unknown_place":
        places = _(", ").join("{" + name + "}" for name in refusal.params["places"])
        return _("Nothing can be put in for %(places)s. Use one of the places named below.", places=places)
    if refusal.code == "too_many_views":
        return _("You have %(most)s views. Delete one first.", most=refusal.params["most"])
    return str(REFUSALS.get(refusal.code, REFUSALS["not_now"]))


def filters_text(filters: Mapping[str, str]) -> str:
    """What a view shows, in words; categories and units by their names."""
    lang, parts = page_language(), []
    if filters.get("queue"):
        parts.append(str(QUEUES.get(filters["queue"], "")))
    if filters.get("q"):
        parts.append(_("“%(words)s”", words=filters["q"]))
    if filters.get("category", "").isdigit():
        parts.append(tree().label(int(filters["category"]), lang))
    if filters.get("unit", "").isdigit():
        names = {line.unit.id: line.unit.name_in(lang) for line in users.unit_lines()}
        parts.append(names.get(int(filters["unit"]), ""))
    if filters.get("severity"):
        parts.append(str(SEVERITIES.get(filters["severity"], "")))
    return " · ".join(part for part in parts if part)


def duration(length: timedelta) -> str:
    """A length of time in days and hours, or hours and minutes; less than a minute counts as one."""
    minutes = max(1, round(length.total_seconds() / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return _days(days) + (" " + _hours(hours) if hours else "")
    if hours:
        return _hours(hours) + (" " + _minutes(left) if left else "")
    return _minutes(left)


def working_length(length: timedelta) -> str:
    """An amount of working time in hours and minutes; days would mean days and nights."""
    hours, left = divmod(round(length.total_seconds() / 60), 60)
    if not left:
        return _hours(hours)
    return (_hours(hours) + " " if hours else "") + _minutes(left)


def limit_text(limit: Limit) -> str:
    """How much time there is."""
    if limit.unit is Unit.WORKING_DAYS:
        return ngettext("One working day", "%(num)s working days", limit.amount)
    length = timedelta(minutes=limit.amount)
    if limit.unit is Unit.WORKING_MINUTES:
        return _("%(time)s of working time", time=working_length(length))
    return _("%(time)s, day and night", time=working_length(length))


def when(moment: datetime) -> str:
    """A moment of these months, in the firm's zone; the year is said where it is another one."""
    local = moment.astimezone(firm_timezone())
    if abs((local - clock.now()).days) > 180:
        return str(format_datetime(moment, _("MMM d, y HH:mm")))
    return str(format_datetime(moment, _("MMM d, HH:mm")))


def _days(number: int) -> str:
    return ngettext("1 day", "%(num)s days", number)


def _hours(number: int) -> str:
    return _("%(number)s h", number=number)


def _minutes(number: int) -> str:
    return _("%(number)s min", number=number)
