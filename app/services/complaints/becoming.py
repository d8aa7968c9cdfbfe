"""A suggestion, question or praise that turns out to be a complaint: it becomes a case once, from its receipt on.

The customer is told nothing by this: what confirmed his message has reached him, or the clock for a first answer runs.
"""

from datetime import datetime

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, Feedback, User
from app.queries.complaints.feedback import case_of
from app.queries.complaints.trees import tree
from app.rules import complaints as rules
from app.rules.clocks import Kind as Happened
from app.rules.clocks import Severity
from app.rules.complaints import Channel, Kind
from app.services import audit
from app.services.complaints import recording
from app.services.complaints.log import Entry


def become_complaint(
    feedback: Feedback, *, by: User, now: datetime, severity: Severity = Severity.GENERAL
) -> Complaint:
    """Open a case for it; a second time gives the case that is there.

    Its time runs from its receipt, as if it had been sorted rightly at once, but nothing counts as late before now: an
    entry of the log says what it was. Raises `Refused`: `about_this_person`.
    """
    # On PostgreSQL the same button may be pressed twice at once.
    db.session.refresh(feedback, with_for_update=True)
    present = case_of(feedback)
    if present is not None:
        return present
    rules.guard_person(feedback.about_user_id, by.id)
    if feedback.kind == Kind.COMPLAINT:  # it has a case, or would never have been recorded
        raise Refused("not_now")
    was, categories = feedback.kind, tree()
    feedback.kind, feedback.severity = Kind.COMPLAINT.value, severity.value
    data = {
        "severity": severity.value,
        "categories": list(categories.chain(feedback.category_id)),
        "was": was,
    }
    complaint = recording.open_case(
        feedback,
        _told(feedback, severity),
        categories,
        by=by,
        now=now,
        also=[Entry(Happened.CLASSIFIED, data=data)],
    )
    recording.make_searchable(feedback, complaint)
    audit.record(
        "feedback.became_complaint",
        kind="feedback",
        object_id=feedback.id,
        by=by,
        now=now,
        was=was,
        number=complaint.number,
    )
    return complaint


def _told(feedback: Feedback, severity: Severity) -> recording.Told:
    return recording.Told(
        kind=Kind.COMPLAINT,
        content=feedback.content,
        channel=Channel(feedback.channel),
        category_id=feedback.category_id,
        received_at=feedback.received_at,
        language=feedback.language,
        customer_id=feedback.customer_id,
        unit_id=feedback.unit_id,
        severity=severity,
        about_user_id=feedback.about_user_id,
        response_id=feedback.response_id,
    )
