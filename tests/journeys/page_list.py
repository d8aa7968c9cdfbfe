"""Every page of the product, and which addresses are none.

`{words}` in a path are put in by `scenery`. A page in several states stands here once for each.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from app.rules.complaints import State
from tests.journeys.acts import (
    add_to_nothing,
    paste_text,
    press_bar,
    press_main,
    press_preview,
    press_record,
    press_return,
    press_verdict,
    send_late,
    send_wrong_address,
    sign_in_carefully,
)

PUBLIC = ""
SETUP = "setup"  # an installation that nobody has set up yet


@dataclass(frozen=True)
class Place:
    """A page as one role sees it.

    `role` is the local part of a demonstration user's address. `act` is done on the page before it is
    looked at; `status` is that of the first answer.
    """

    name: str
    role: str
    endpoint: str
    path: str
    status: int = 200
    act: Callable[[Page], object] | None = None


QUESTION_TYPES = (
    "single", "multiple", "scale", "matrix", "nps", "emoji", "stars", "short_text", "long_text", "info",
)  # fmt: skip
IMPORT_STATES = ("reading", "read", "checked", "done", "undone", "failed")

M, A, S = "marketing", "admin", "service"
PAGES = [
    Place("setup-locked", PUBLIC, "setup.index", "@bare/setup", 403),
    Place("setup", SETUP, "setup.index", "@bare/setup?code={setup_code}"),
    Place("setup-empty", SETUP, "setup.index", "@bare/setup?code={setup_code}", act=press_main),
    Place("sign-in", PUBLIC, "accounts.sign_in", "/sign-in"),
    Place("sign-in-empty", PUBLIC, "accounts.sign_in", "/sign-in", act=press_main),
    Place("sign-in-code", PUBLIC, "accounts.sign_in_code", "/sign-in", act=sign_in_carefully),
    Place("forgot-password", PUBLIC, "accounts.forgot_password", "/forgot-password"),
    Place("link-expired", PUBLIC, "accounts.set_password", "/reset-password/old", 404),
    Place("set-password", PUBLIC, "accounts.open_link", "/reset-password/{reset}"),
    Place("home-customer-service", "service", "home.index", "/"),
    Place("home-management", "manager", "home.index", "/"),
    Place("home-marketing", M, "home.index", "/"),
    Place("home-admin", A, "home.index", "/"),
    Place("home-viewer", "viewer", "home.index", "/"),
    Place("gallery", A, "home.gallery", "/gallery"),
    Place("not-found", M, "home.index", "/nowhere", 404),
    Place("not-allowed", M, "settings.users", "/settings/users", 403),
    Place("account", M, "accounts.account", "/account"),
    Place("password", M, "accounts.change_password", "/account/password"),
    Place("second-factor", M, "accounts.second_factor_page", "/account/second-factor"),
    Place("settings", A, "settings.index", "/settings/"),
    Place("settings-public-forms", A, "settings.public_forms", "/settings/public-forms"),
    Place("settings-public-form-wrong", A, "settings.public_forms", "/settings/public-forms", act=send_wrong_address),
    Place("settings-poster", S, "settings.public_form_poster", "/settings/public-forms/{public_form}/poster"),
    Place("messengers", A, "settings.messengers", "/settings/messengers"),
    Place("messenger-new", A, "settings.messenger_new", "/settings/messengers/new"),
    Place("messenger-new-empty", A, "settings.messenger_new", "/settings/messengers/new", act=press_main),
    Place("messenger", A, "settings.messenger", "/settings/messengers/{messenger}"),
    Place("messenger-late", A, "settings.messenger", "/settings/messengers/{messenger}", act=send_late),
    Place("notices", S, "notices.index", "/notices/"),
    Place("notices-manager", "manager", "notices.index", "/notices/"),
    Place("notices-handler", "handler", "notices.index", "/notices/"),
    Place("notices-none", "viewer", "notices.index", "/notices/"),
    Place("notice-choices", S, "notices.choices", "/account/notices"),
    Place("notice-choices-none", "viewer", "notices.choices", "/account/notices"),
    Place("settings-late", A, "settings.index", "/settings/", act=send_late),
    Place("working-time", A, "settings.working_time", "/settings/working-time"),
    Place("working-time-provisional", "manager", "settings.working_time", "/settings/working-time?year=2030"),
    Place("working-hours", A, "settings.working_hours", "/settings/working-time/hours"),
    Place("working-hours-late", A, "settings.working_hours", "/settings/working-time/hours", act=send_late),
    Place("working-hours-preview", A, "settings.working_hours", "/settings/working-time/hours", act=press_preview),
    Place("special-days", A, "settings.special_days", "/settings/working-time/days"),
    Place("special-days-empty", A, "settings.special_days", "/settings/working-time/days", act=press_main),
    Place("calendar-versions", A, "settings.calendar_versions", "/settings/working-time/versions"),
    Place("time-limits", A, "settings.time_limits", "/settings/time-limits"),
    Place("time-limit", A, "settings.time_limit", "/settings/time-limits/major"),
    Place("time-limit-late", A, "settings.time_limit", "/settings/time-limits/major", act=send_late),
    Place("time-limit-preview", A, "settings.time_limit", "/settings/time-limits/urgent", act=press_preview),
    Place("policy-versions", "manager", "settings.policy_versions", "/settings/time-limits/versions"),
    Place("assignment-rules", A, "settings.assignment_rules", "/settings/assignment?category=1&severity=major"),
    Place("assignment-rule-new", A, "settings.assignment_rule_new", "/settings/assignment/new"),
    Place("assignment-rule-empty", A, "settings.assignment_rule_new", "/settings/assignment/new", act=press_main),
    Place("assignment-rule", A, "settings.assignment_rule", "/settings/assignment/1"),
    Place("categories", A, "settings.category_tree", "/settings/categories"),
    Place("causes", "manager", "settings.category_tree", "/settings/categories?kind=cause"),
    Place("category-new", A, "settings.category_new", "/settings/categories/new"),
    Place("category-new-empty", A, "settings.category_new", "/settings/categories/new", act=press_main),
    Place("category", A, "settings.category", "/settings/categories/1"),
    Place("units", A, "settings.units", "/settings/units"),
    Place("unit-new", A, "settings.unit_new", "/settings/units/new"),
    Place("unit", A, "settings.unit", "/settings/units/{unit}"),
    Place("users", A, "settings.users", "/settings/users"),
    Place("user-new", A, "settings.user_new", "/settings/users/new"),
    Place("user-new-empty", A, "settings.user_new", "/settings/users/new", act=press_main),
    Place("user", A, "settings.user", "/settings/users/{user}"),
    Place("audit", A, "audit.index", "/audit/"),
    Place("audit-verify", A, "audit.verify", "/audit/verify"),
    Place("kept-mail-admin", A, "mail.kept", "/mail/kept"),
    Place("customers", M, "customers.index", "/customers/"),
    Place("customers-none", M, "customers.index", "/customers/?q=zzzz"),
    Place("customer-new", M, "customers.create", "/customers/new"),
    Place("customer-new-empty", M, "customers.create", "/customers/new", act=press_main),
    Place("customer", M, "customers.show", "/customers/{customer}"),
    Place("customer-edit", M, "customers.edit", "/customers/{customer}/edit"),
    Place("customer-edit-late", M, "customers.edit", "/customers/{customer}/edit", act=send_late),
    Place("contact-new", M, "customers.add_contact", "/customers/{customer}/contacts/new"),
    Place("contact", M, "customers.edit_contact", "/customers/{customer}/contacts/{contact}"),
    Place("segments", M, "customers.segment_list", "/customers/segments"),
    Place("segment-new", M, "customers.create_segment", "/customers/segments/new"),
    Place("segment", M, "customers.edit_segment", "/customers/segments/{segment}"),
    Place("imports", M, "customers.import_list", "/customers/imports"),
    *(
        Place(f"import-{state}", M, "customers.show_import", f"/customers/imports/{{import_{state}}}")
        for state in IMPORT_STATES
    ),
    Place("export", M, "customers.show_export", "/customers/exports/{export}"),
    Place("feedback", S, "complaints.feedback_index", "/feedback/"),
    Place("feedback-none", S, "complaints.feedback_index", "/feedback/?q=zzzz"),
    Place("feedback-praise", S, "complaints.feedback_show", "/feedback/{praise}"),
    Place("feedback-new", S, "complaints.feedback_new", "/feedback/new?customer={customer}"),
    Place("feedback-new-empty", S, "complaints.feedback_new", "/feedback/new", act=press_record),
    Place("mails", S, "complaints.feedback_mails", "/feedback/mails"),
    Place("mails-aside", S, "complaints.feedback_mails", "/feedback/mails?show=aside"),
    Place("mail-to-sort", S, "complaints.feedback_mail", "/feedback/mails/{letter}"),
    Place("mail-to-sort-no-case", S, "complaints.feedback_mail", "/feedback/mails/{letter}", act=add_to_nothing),
    Place("feedback-from-mail", S, "complaints.feedback_new", "/feedback/new?letter={letter}"),
    Place("feedback-from-answer", S, "complaints.feedback_new", "/feedback/new?answer={wish}"),
    Place("case-with-mail", S, "complaints.show", "/complaints/{case_mail}"),
    Place("case-written-after", S, "complaints.show", "/complaints/{case_after}"),
    Place("case-stranger", S, "complaints.show", "/complaints/{case_stranger}"),
    Place("desk", S, "complaints.index", "/complaints/?queue=all"),
    Place("desk-none", S, "complaints.index", "/complaints/?q=zzzz"),
    Place("desk-closed", "manager", "complaints.index", "/complaints/?queue=closed"),
    Place("desk-handler", "handler", "complaints.index", "/complaints/"),
    *(
        Place(f"case-{state}", S, "complaints.show", f"/complaints/{{case_{state}}}")
        for state in ("received", "assigned", "in_progress", "waiting", "resolved", "closed")
    ),
    *(
        Place(f"case-{step}", "handler", "complaints.show", f"/complaints/{{own_{state}}}?do={step}")
        for step, state in (
            ("accept", "assigned"), ("send_back", "assigned"), ("resolve", "in_progress"), ("wait", "in_progress"),
            ("transfer", "in_progress"), ("resume", "waiting"),
        )
    ),
    *(
        Place(f"case-{step}", S, "complaints.show", f"/complaints/{{case_{state}}}?do={step}")
        for step, state in (("classify", "received"), ("reject", "received"), ("reopen", "closed"), ("note", "closed"))
    ),
    Place("case-merge", S, "complaints.show", "/complaints/{case_received}?do=merge"),
    Place("case-link", S, "complaints.show", "/complaints/{case_in_progress}?do=link"),
    Place("case-merge-empty", S, "complaints.show", "/complaints/{case_received}?do=merge", act=press_main),
    Place("case-merged", S, "complaints.show", "/complaints/{merged}"),
    Place("case-draft", S, "complaints.show", "/complaints/{drafted}?do=reply"),
    Place("bulk", S, "complaints.bulk", "/complaints/bulk?ids={case_received}&ids={case_assigned}"),
    Place("bulk-close", S, "complaints.bulk", "/complaints/bulk?action=close&all=1&queue=callbacks"),
    Place("bulk-none", S, "complaints.bulk", "/complaints/bulk"),
    Place("bulk-empty", S, "complaints.bulk", "/complaints/bulk?ids={case_received}", act=press_main),
    Place("bulk-done", S, "complaints.bulk_done", "/complaints/bulk/{bulk_run}"),
    Place("canned", S, "complaints.canned", "/complaints/canned"),
    Place("canned-handler", "handler", "complaints.canned", "/complaints/canned"),
    Place("canned-new", S, "complaints.canned_new", "/complaints/canned/new"),
    Place("canned-new-empty", S, "complaints.canned_new", "/complaints/canned/new", act=press_main),
    Place("canned-edit", S, "complaints.canned_edit", "/complaints/canned/{canned}"),
    Place("views", S, "complaints.views", "/complaints/views"),
    Place("views-none", "manager", "complaints.views", "/complaints/views"),
    Place("view-new", S, "complaints.views", "/complaints/views?queue=all&q=x&severity=urgent"),
    Place("view-edit", S, "complaints.view_edit", "/complaints/views/{view}"),
    Place("case-callback-empty", S, "complaints.show", "/complaints/{case_resolved}?do=callback", act=press_main),
    Place("case-classify-late", S, "complaints.show", "/complaints/{case_received}?do=classify", act=send_late),
    Place("questionnaires", M, "questionnaires.index", "/questionnaires/"),
    Place("questionnaires-archived", M, "questionnaires.index", "/questionnaires/?archived=1"),
    Place("questionnaire-new", M, "questionnaires.new", "/questionnaires/new"),
    Place("questionnaire-paste", M, "questionnaires.new_from_text", "/questionnaires/new/paste"),
    Place("questionnaire-pasted", M, "questionnaires.new_from_text", "/questionnaires/new/paste", act=paste_text),
    Place("template", M, "questionnaires.template", "/questionnaires/templates/touchpoints"),
    Place("builder", M, "questionnaires.edit", "/questionnaires/{questionnaire}/edit"),
    Place("builder-blank", M, "questionnaires.edit", "/questionnaires/{blank}/edit"),
    *(
        Place(f"builder-{kind}", M, "questionnaires.edit", f"/questionnaires/{{every}}/edit/{{question_{kind}}}")
        for kind in QUESTION_TYPES
    ),
    Place("questionnaire-settings", M, "questionnaires.settings_page", "/questionnaires/{every}/settings"),
    Place("indicators", M, "questionnaires.indicator_page", "/questionnaires/{questionnaire}/indicators"),
    Place("indicators-none", M, "questionnaires.indicator_page", "/questionnaires/{blank}/indicators"),
    Place("logic", M, "questionnaires.logic", "/questionnaires/{questionnaire}/logic"),
    Place("logic-none", M, "questionnaires.logic", "/questionnaires/{blank}/logic"),
    Place("publish", M, "questionnaires.publish_page", "/questionnaires/{questionnaire}/publish"),
    Place("publish-blank", M, "questionnaires.publish_page", "/questionnaires/{blank}/publish"),
    Place("versions", M, "questionnaires.versions", "/questionnaires/{questionnaire}/versions"),
    Place("questionnaire-read", M, "questionnaires.read", "/questionnaires/{questionnaire}/versions/1"),
    Place("compare", M, "questionnaires.compare_versions", "/questionnaires/{questionnaire}/compare?old=1&new=2"),
    Place("questionnaire-show", "manager", "questionnaires.show", "/questionnaires/{questionnaire}"),
    Place("surveys", M, "surveys.index", "/surveys/"),
    Place("survey-new", M, "surveys.new", "/surveys/new"),
    Place("survey-new-empty", M, "surveys.new", "/surveys/new", act=press_main),
    Place("survey-edit", M, "surveys.edit", "/surveys/{draft}/edit"),
    Place("survey-draft", M, "surveys.show", "/surveys/{draft}"),
    Place("survey-ready", M, "surveys.show", "/surveys/{ready}"),
    Place("survey-live", M, "surveys.show", "/surveys/{live}"),
    Place("survey-paused", M, "surveys.show", "/surveys/{paused}"),
    Place("survey-closed", M, "surveys.show", "/surveys/{closed}"),
    Place("survey-closed-manager", "manager", "surveys.show", "/surveys/{closed}"),
    Place("recipients", M, "surveys.recipients", "/surveys/{draft}/recipients"),
    Place("recipients-chosen", M, "surveys.recipients", "/surveys/{ready}/recipients"),
    Place("people", M, "surveys.people", "/surveys/{live}/people"),
    Place("texts", M, "surveys.texts", "/surveys/{draft}/texts"),
    Place("text", M, "surveys.text", "/surveys/{draft}/texts/invitation/zh"),
    Place("text-preview", M, "surveys.text", "/surveys/{ready}/texts/reminder/en"),
    Place("sending", M, "surveys.sending", "/surveys/{draft}/sending"),
    Place("links", M, "surveys.links", "/surveys/{live}/links"),
    Place("links-none", M, "surveys.links", "/surveys/{draft}/links"),
    Place("poster", M, "surveys.poster", "/surveys/{live}/links/{link}/poster"),
    Place("mail", M, "mail.index", "/mail/"),
    Place("mail-none", M, "mail.index", "/mail/?q=zzzz"),
    Place("mail-sent", M, "mail.show", "/mail/{sent}"),
    Place("mail-failed", M, "mail.show", "/mail/{failed}"),
    Place("mail-unknown", M, "mail.show", "/mail/{unknown}"),
    Place("kept", M, "mail.kept", "/mail/kept"),
    Place("kept-mail", M, "mail.kept_mail", "/mail/kept/{kept}"),
    Place("analysis", "manager", "analysis.index", "/analysis/"),
    Place("statistics", "manager", "analysis.overview", "/analysis/{live}"),
    Place("statistics-closed", "manager", "analysis.overview", "/analysis/{closed}"),
    Place("statistics-questions", "manager", "analysis.questions", "/analysis/{live}/questions"),
    Place("statistics-empty", "manager", "analysis.overview", "/analysis/{paused}"),
    Place("texts-of", "manager", "analysis.texts_of", "/analysis/{live}/texts"),
    Place("statistics-viewer", "viewer", "analysis.overview", "/analysis/{closed}"),
    Place("statistics-handler", "handler", "analysis.overview", "/analysis/{closed}"),
    Place("complaint-summary", "manager", "complaint_summary.index", "/complaints/summary"),
    Place("complaint-summary-days", S, "complaint_summary.index", "/complaints/summary?period=days"),
    Place(
        "complaint-summary-refused", S, "complaint_summary.index",
        "/complaints/summary?period=days&since=2026-05-02&until=2026-05-01",
    ),
    Place("complaint-summary-handler", "handler", "complaint_summary.index", "/complaints/summary"),
    Place("complaint-summary-viewer", "viewer", "complaint_summary.index", "/complaints/summary"),
    Place("complaint-reports", S, "complaint_summary.reports", "/complaints/summary/reports"),
    Place("complaint-reports-none", S, "complaint_summary.reports", "/complaints/summary/reports?state=returned"),
    Place("complaint-reports-handler", "handler", "complaint_summary.reports", "/complaints/summary/reports"),
    Place("complaint-report-draft", S, "complaint_summary.report", "/complaints/summary/reports/{report_draft}"),
    Place("complaint-report-review", "manager", "complaint_summary.report", "/complaints/summary/reports/{report_submitted}"),
    Place("complaint-report-waits", S, "complaint_summary.report", "/complaints/summary/reports/{report_submitted}"),
    Place("complaint-report-reviewed", S, "complaint_summary.report", "/complaints/summary/reports/{report_reviewed}"),
    Place(
        "complaint-report-no-reason", "manager", "complaint_summary.report",
        "/complaints/summary/reports/{report_submitted}", act=press_return,
    ),
    Place("complaint-report-edit", S, "complaint_summary.report_edit", "/complaints/summary/reports/{report_draft}/edit"),
    Place(
        "complaint-report-late", S, "complaint_summary.report_edit",
        "/complaints/summary/reports/{report_draft}/edit", act=send_late,
    ),
    Place("complaint-document", S, "complaint_summary.show_document", "/complaints/summary/documents/{document}"),
    Place("praise-summary", M, "complaint_summary.index", "/complaints/summary?kind=praise"),
    Place("complaint-cases", S, "complaint_summary.cases", "/complaints/summary/cases?figure=deadline.customer&value=due"),
    Place("complaint-cases-none", S, "complaint_summary.cases", "/complaints/summary/cases?period=1999"),
    Place("feedback-figures", S, "complaint_summary.feedback_figures", "/complaints/summary/feedback"),
    Place("feedback-figures-week", "manager", "complaint_summary.feedback_figures", "/complaints/summary/feedback?rows=unit&step=week"),
    Place("feedback-figures-handler", "handler", "complaint_summary.feedback_figures", "/complaints/summary/feedback"),
    Place("feedback-figures-viewer", "viewer", "complaint_summary.feedback_figures", "/complaints/summary/feedback"),
    Place("feedback-figures-none", S, "complaint_summary.feedback_figures", "/complaints/summary/feedback?period=1999"),
    Place("feedback-entries", S, "complaint_summary.feedback_entries", "/complaints/summary/feedback/entries"),
    Place("feedback-entries-none", S, "complaint_summary.feedback_entries", "/complaints/summary/feedback/entries?period=1999"),
    Place("answer-start", PUBLIC, "answers.start", "/s/{s_new}?lang={lang}"),
    Place("answer-half", PUBLIC, "answers.start", "/s/{s_half}?lang={lang}"),
    Place("answer-page", PUBLIC, "answers.page", "/s/{s_half}/{first_page}?lang={lang}"),
    Place("answer-done", PUBLIC, "answers.done", "/s/{s_done}/done?lang={lang}"),
    Place("answer-done-low", PUBLIC, "answers.done", "/s/{s_low}/done?lang={lang}"),
    Place("answer-used", PUBLIC, "answers.start", "/s/{s_done}?lang={lang}"),
    Place("answer-declined", PUBLIC, "answers.start", "/s/{s_declined}?lang={lang}"),
    Place("answer-closed", PUBLIC, "answers.start", "/s/{s_late}?lang={lang}", 410),
    Place("answer-paused", PUBLIC, "answers.start", "/s/{s_paused}?lang={lang}"),
    Place("answer-early", PUBLIC, "answers.start", "/s/{s_early}?lang={lang}"),
    Place("answer-wrong", PUBLIC, "answers.start", "/s/wrong", 404),
    Place("answer-open", PUBLIC, "answers.open_start", "/o/{o}"),
    Place("intake-form", PUBLIC, "intake.complain", "/complain?lang={lang}"),
    Place("intake-form-unit", PUBLIC, "intake.complain", "/complain/hq?lang={lang}"),
    Place("intake-form-empty", PUBLIC, "intake.complain", "/complain?lang={lang}", act=press_bar),
    Place("intake-closed", PUBLIC, "intake.complain", "/complain/nobody?lang={lang}", 404),
    *(
        Place(f"intake-case-{state}", PUBLIC, "intake.follow", f"/c/{{c_{state}}}?lang={{lang}}&said=sent")
        for state in State
    ),
    Place("intake-case-answer-empty", PUBLIC, "intake.follow", "/c/{c_resolved}?lang={lang}", act=press_verdict),
    Place("intake-praise", PUBLIC, "intake.follow", "/c/{c_praise}?lang={lang}&said=sent"),
    Place("intake-no-file", PUBLIC, "intake.own_file", "/c/{c_received}/files/{gone}?lang={lang}", 410),
    Place("intake-wrong", PUBLIC, "intake.follow", "/c/wrong?lang={lang}", 404),
    Place("unsubscribe", PUBLIC, "answers.unsubscribe_page", "/u/{u}?lang={lang}"),
    *(
        Place(f"preview-{kind}", M, "answers.preview", f"/preview/{{version}}/{{page_{kind}}}")
        for kind in QUESTION_TYPES
    ),
    Place("preview-error", M, "answers.preview", "/preview/{version}/{page_scale}", act=press_bar),
]  # fmt: skip

# No page of its own, with the reason.
LEFT_OUT = {
    "complaints.feedback_customers": "a fragment of complaints.feedback_new",
    "analysis.glance": "a fragment of the lists and the home page",
    "analysis.workbook": "a job and a file; fetched in the statistics journey",
    "complaint_summary.workbook": "a job and a file, as that of the statistics",
    "complaint_summary.fetch_document": "a file",
    "answers.open_done": "the same page as answers.done",
    "answers.open_page": "the same page as answers.page",
    "complaint_summary.feedback_workbook": "a job and a file, as that of the statistics",
    "attachments.file": "a file",
    "customers.fetch_export": "a file",
    "customers.segment_matches": "a fragment of the segment's page",
    "health.healthz": "for machines",
    "mail.kept_html": "the frame inside mail.kept_mail",
    "settings.public_form_picture": "a picture",
    "static": "files",
    "surveys.link_picture": "a picture",
    "surveys.preview": "the frame inside surveys.text",
}
