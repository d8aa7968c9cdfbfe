"""What the codes in the audit log mean, in words. Each code that a service records stands here."""

from flask_babel import lazy_gettext as _l

from app.rules import library
from app.web import case_words
from app.web.i18n import in_language
from app.web.mail_words import ADDRESSES, BOUNCES

ACTIONS = {
    "canned_reply.taken_out": _l("Canned reply offered again"),
    "complaint.bulk": _l("One step taken for many complaints"),
    "complaint.lapse": _l("Waiting for a complainant ended in vain"),
    "complaint.link": _l("Complaint linked with another, or parted from it"),
    "complaint.merge": _l("Complaint merged into another"),
    "customers.exported": _l("Customers exported"),
    "delivery.bounced": _l("Mail came back"),
    "delivery.decided": _l("Uncertain mail decided"),
    "import.discarded": _l("Import discarded"),
    "import.done": _l("Customers imported"),
    "import.started": _l("Import started"),
    "import.undo_started": _l("Taking back an import started"),
    "import.undone": _l("Import taken back"),
    "open_link.created": _l("Open link made"),
    "response.called": _l("Customer called back"),
    "survey.prepare": _l("Survey declared ready"),
    "survey.rework": _l("Survey taken back to the draft"),
    "survey.launch": _l("Survey launched"),
    "survey.pause": _l("Sending of a survey paused"),
    "survey.resume": _l("Sending of a survey resumed"),
    "survey.extend": _l("End of a survey changed"),
    "survey.close": _l("Survey closed"),
    "survey.release": _l("Results released"),
    "survey.created": _l("Survey made"),
    "survey.edited": _l("Survey changed"),
    "survey.recipients_exported": _l("Recipients exported"),
    "survey.remind": _l("Reminder sent"),
    "answers.sealed": _l("Answers sealed"),
    "assignment_rule.added": _l("Assignment rule added"),
    "assignment_rule.changed": _l("Assignment rule changed"),
    "assignment_rule.removed": _l("Assignment rule removed"),
    "audit.exported": _l("Audit log exported"),
    "calendar.changed": _l("Working time changed"),
    "category.added": _l("Category or cause added"),
    "category.changed": _l("Category or cause changed"),
    "category.ordered": _l("Order of categories changed"),
    "complaint.opened": _l("Complaint received"),
    "complaint.classify": _l("Complaint sorted anew"),
    "complaint.note": _l("Note on a complaint"),
    "complaint.reply": _l("Reply or message of a complaint"),
    "complaint.add": _l("Message of a complainant"),
    "complaint.assign": _l("Complaint assigned"),
    "complaint.accept": _l("Complaint accepted"),
    "complaint.send_back": _l("Complaint sent back"),
    "complaint.transfer": _l("Complaint transferred"),
    "complaint.wait": _l("Complaint waits"),
    "complaint.resume": _l("Complaint goes on"),
    "complaint.resolve": _l("Complaint resolved"),
    "complaint.callback": _l("Complainant called back"),
    "complaint.close": _l("Complaint closed"),
    "complaint.reopen": _l("Complaint opened again"),
    "complaint.reject": _l("Complaint rejected"),
    "complaint.withdraw": _l("Complaint withdrawn"),
    "complaint.remind": _l("Complainant reminded"),
    "canned_reply.saved": _l("Canned reply saved"),
    "canned_reply.put_away": _l("Canned reply put away"),
    "report.started": _l("Report on complaints started"),
    "report.edited": _l("Report on complaints changed"),
    "report.refreshed": _l("Figures of a report taken anew"),
    "report.submitted": _l("Report on complaints submitted"),
    "report.reviewed": _l("Report on complaints reviewed"),
    "report.returned": _l("Report on complaints returned"),
    "document.written": _l("Document written"),
    "contact.added": _l("Contact added"),
    "contact.address_bad": _l("Address found undeliverable"),
    "contact.address_trusted": _l("Address trusted again"),
    "contact.changed": _l("Contact changed"),
    "contact.opted_in": _l("Contact wants mail again"),
    "contact.opted_out": _l("Contact wants no more mail"),
    "contact.removed": _l("Contact removed"),
    "customer.changed": _l("Customer changed"),
    "customer.created": _l("Customer added"),
    "customer.service_added": _l("Service recorded"),
    "customer.service_removed": _l("Service removed"),
    "demo.loaded": _l("Demonstration data loaded"),
    "feedback.recorded": _l("Feedback recorded"),
    "feedback.became_complaint": _l("Feedback became a complaint"),
    "firm.changed": _l("Settings changed"),
    "firm.mail_sorting_off": _l("Sorting of mails switched off"),
    "firm.mail_sorting_on": _l("Sorting of mails switched on"),
    "firm.set_up": _l("Heed set up"),
    "indicators.changed": _l("Indicators changed"),
    "mail.paused": _l("Sending stopped"),
    "mail.resumed": _l("Sending started again"),
    "messenger.added": _l("Group in a messenger added"),
    "messenger.changed": _l("Group in a messenger changed"),
    "messenger.tested": _l("Test message sent to a group"),
    "letter.added": _l("Mail added to a case"),
    "letter.discarded": _l("Mail set aside"),
    "letter.recorded": _l("Mail recorded as feedback"),
    "letter.shown": _l("Mail taken back"),
    "letter.waiting": _l("Mail taken back"),
    "policy.changed": _l("Time limits changed"),
    "public_form.switched_off": _l("Public form switched off"),
    "public_form.switched_on": _l("Public form switched on"),
    "questionnaire.archived": _l("Questionnaire archived"),
    "questionnaire.created": _l("Questionnaire made"),
    "questionnaire.draft_discarded": _l("Draft discarded"),
    "questionnaire.draft_started": _l("Draft started"),
    "questionnaire.published": _l("Questionnaire published"),
    "questionnaire.restored": _l("Questionnaire brought back"),
    "saved_view.changed": _l("Saved view changed"),
    "saved_view.deleted": _l("Saved view deleted"),
    "saved_view.restored": _l("Saved view brought back"),
    "saved_view.saved": _l("View of the desk saved"),
    "segment.changed": _l("Segment changed"),
    "segment.created": _l("Segment added"),
    "segment.deleted": _l("Segment deleted"),
    "unit.added": _l("Unit added"),
    "unit.changed": _l("Unit changed"),
    "unit.ordered": _l("Order of units changed"),
    "user.changed": _l("User changed"),
    "user.created": _l("User added"),
    "user.invited": _l("Link to set a password sent"),
    "user.password_changed": _l("Password changed"),
    "user.recovery_code_used": _l("Recovery code used"),
    "user.recovery_codes_renewed": _l("Recovery codes renewed"),
    "user.reset_requested": _l("New password asked for"),
    "user.second_factor_off": _l("Second step switched off"),
    "user.second_factor_on": _l("Second step switched on"),
    "user.signed_in": _l("Signed in"),
}
KINDS = {
    "import": _l("Import"),
    "response": _l("Answers"),
    "assignment_rule": _l("Assignment rule"),
    "audit": _l("Audit log"),
    "bulk": _l("Many complaints at once"),
    "calendar": _l("Working time"),
    "canned_reply": _l("Canned reply"),
    "category": _l("Category"),
    "complaint": _l("Complaint"),
    "contact": _l("Contact"),
    "customer": _l("Customer"),
    "complaint_report": _l("Report on complaints"),
    "job": _l("Background work"),
    "feedback": _l("Feedback"),
    "delivery": _l("Mail"),
    "firm": _l("Firm"),
    "indicator_system": _l("Indicators"),
    "messenger": _l("Group in a messenger"),
    "letter": _l("Mail of a customer"),
    "policy": _l("Time limits"),
    "public_form": _l("Public form"),
    "questionnaire": _l("Questionnaire"),
    "saved_view": _l("Saved view"),
    "segment": _l("Segment"),
    "survey": _l("Survey"),
    "unit": _l("Unit"),
    "user": _l("User"),
}
# What the detail of an entry is about. Other keys are shown as they stand.
DETAILS = {
    "state_before": _l("state before"),
    "state_after": _l("state after"),
    "version": _l("version"),
    "template": _l("template"),
    "created": _l("new"),
    "updated": _l("updated"),
    "same": _l("unchanged"),
    "customers": _l("customers"),
    "fields": _l("fields"),
    "rows": _l("rows"),
    "dropped": _l("mails not sent"),
    "reason": _l("reason"),
    "status": _l("code of the server"),
    "count": _l("number"),
    "seal": _l("seal"),
    "hash": _l("check sum"),
    "closes_at": _l("end"),
    "closed_before": _l("end before"),
    "active": _l("may sign in"),
    "code": _l("code"),
    "contact_email": _l("e-mail of the contact person"),
    "contact_name": _l("contact person"),
    "contact_phone": _l("telephone of the contact person"),
    "email": _l("address"),
    "fatigue_days": _l("days of rest"),
    "filters": _l("filters"),
    "kind": _l("kind"),
    "language": _l("language"),
    "minimum_group": _l("smallest group"),
    "least": _l("told from"),
    "messenger": _l("messenger"),
    "name": _l("name"),
    "name_en": _l("English name"),
    "number": _l("number"),
    "outcome": _l("outcome"),
    "party": _l("waits for"),
    "unit": _l("unit"),
    "unit_id": _l("unit"),
    "unit_before": _l("unit before"),
    "what": _l("what"),
    "parent": _l("belongs to unit"),
    "parent_id": _l("belongs to unit"),
    "reply_address": _l("address for replies"),
    "roles": _l("roles"),
    "sender_address": _l("sender address"),
    "timezone": _l("time zone"),
    "units": _l("units"),
    "way": _l("way"),
    "decision": _l("decision"),
    "anonymous": _l("Anonymous"),
    "attributes": _l("Further facts"),
    "customer_since": _l("Customer since"),
    "do_not_contact": _l("Do not contact"),
    "follow_up_question": _l("After a low score for"),
    "follow_up_score": _l("Low means at most"),
    "key_account": _l("Key account"),
    "lines": _l("Business lines"),
    "mail_texts": _l("text of the invitation"),
    "reminder_texts": _l("text of the reminder"),
    "opens_at": _l("Opens"),
    "pace_per_minute": _l("Mails per minute"),
    "phone": _l("Phone"),
    "quiet_from": _l("No mails from"),
    "quiet_until": _l("No mails until"),
    "region": _l("Region"),
    "reminder_after_days": _l("Days before a reminder"),
    "reminder_limit": _l("Reminders, at most"),
    "segment_id": _l("Segment"),
    "series_id": _l("Series"),
    "size": _l("Company size"),
    "version_id": _l("Questionnaire"),
    "actor": _l("Who"),
    "action": _l("What"),
    "since": _l("From"),
    "until": _l("To"),
}
# Values that stand in the log as codes.
VALUES = {
    "way": {"unsubscribe link": _l("by the link in a mail")},
    "decision": {
        "sent": _l("It arrived"),
        "again": _l("Send it again"),
        "give_up": _l("Don't send again"),
    },
    "what": {"invitation": _l("Invitation"), "reminder": _l("Reminder")},
    "action": ACTIONS,
    "kind": KINDS,
}
# States of a survey, which stand in the log as codes; those of a case are called as everywhere.
STATES = {
    "draft": _l("Draft"),
    "ready": _l("Ready to launch"),
    "live": _l("Live"),
    "paused": _l("Sending paused"),
    "closed": _l("Closed"),
}


def action_text(code: str) -> str:
    """The words for an action; the code itself for one of a newer version."""
    return str(ACTIONS.get(code, code))


def kind_text(code: str) -> str:
    """The words for a kind of object."""
    return str(KINDS.get(code, code))


def detail_name(key: str) -> str:
    """The words for what a detail is about."""
    return str(DETAILS.get(key, key))


def value_text(key: str, value: str) -> str:
    """The words for a value that is a code; the value itself where it is none."""
    return str(VALUES.get(key, {}).get(value, value))


def template_text(key: str) -> str:
    """The name of a template of the library; its key when there is no such template any more."""
    names = {one.key: one.name for one in library.templates()}
    return in_language(names.get(key)) or key


def reason_text(code: str) -> str:
    """The words for the reason that a mail came back or an address is undeliverable."""
    return str(BOUNCES.get(code) or ADDRESSES.get(code) or code)


def state_text(code: str, kind: str) -> str:
    """The words for a state of a survey or a case."""
    if kind == "complaint" and code in case_words.STATES:
        return str(case_words.STATES[code][0])
    return str(STATES.get(code, code))
