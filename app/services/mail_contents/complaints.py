"""Mails to a customer who has told us something: that it has come, and what is said to him since.

None repeats what he typed: else anybody could have us send his own words to a stranger.
"""

from datetime import datetime
from typing import Any

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, ComplaintEvent, Delivery, Feedback, FeedbackLink
from app.queries.complaints import cases, followed, waiting
from app.queries.complaints.feedback import case_of
from app.queries.links import follow_url
from app.services.mail_contents import register


@register("complaint_received")
def complaint_received(delivery: Delivery) -> dict[str, Any]:
    """`kind`, `number` ("" where no case was opened), `promise`, `link`."""
    return _common(delivery)


@register("complaint_told")
def complaint_told(delivery: Delivery) -> dict[str, Any]:
    """As above, and `what` (reply, wait, closed, merged, remind, lapsed), `lapses_at` (in the last
    reminder), `goes_on` (the number of the case that goes on), `paragraphs`, `until`, `asks` (for his verdict), `outcome`."""
    event = db.session.get(ComplaintEvent, delivery.params["event"])
    if event is None:
        raise Missing("event")
    common = _common(delivery)
    what = str(delivery.params["what"])
    asked = _asked(event, common["complaint"]) if what == "remind" else event
    shown = asked.text if what in ("reply", "wait", "remind") else ""
    return common | {
        "what": what,
        "paragraphs": [line for line in shown.splitlines() if line.strip()],
        "until": common["complaint"].waiting_until if what == "wait" else None,
        "lapses_at": _moment(event.data.get("lapses_at")),
        "asks": event.kind == "customer_told",
        "outcome": event.data.get("outcome", ""),
        "goes_on": cases.goes_on(common["complaint"]).number,
    }


def _asked(reminder: ComplaintEvent, complaint: Complaint) -> ComplaintEvent:
    """The question a reminder is about. Raises `Missing` when it is waited for no longer: then nothing is sent."""
    question = waiting.question_of(complaint)
    if question is None or question.id != reminder.data.get("question"):
        raise Missing("question")
    return question


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _common(delivery: Delivery) -> dict[str, Any]:
    feedback = db.session.get(Feedback, delivery.params["feedback"])
    if feedback is None:
        raise Missing("feedback")
    complaint = case_of(feedback)
    return {
        "feedback": feedback,
        "kind": feedback.kind,
        "complaint": complaint,
        "number": complaint.number if complaint else "",
        "promise": followed.promise_of(complaint, now=delivery.created_at) if complaint else None,
        "link": follow_url(db.session.get_one(FeedbackLink, feedback.id)),
    }
