"""What customers send by themselves, without an account: a new message, more on a case, and the verdict on a solution."""

from datetime import datetime

from sqlalchemy import select

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, Feedback
from app.queries.complaints import followed
from app.rules.complaints import Channel, Satisfaction
from app.services import attachments, complaints
from app.services.complaints import links, log


def sent_before(key: str) -> Feedback | None:
    """What this very form has recorded already."""
    return db.session.scalar(select(Feedback).where(Feedback.key == key))


def take_in(told: complaints.Told, *, key: str, now: datetime) -> Feedback:
    """Record what was sent, with its files and its secret link, and confirm it by mail where an address was given.

    Raises `Refused` as `complaints.record`.
    """
    feedback, _case = complaints.record(told, key=key, by=None, now=now)
    links.ensure(feedback)
    attachments.join(key, feedback, None)
    complaints.acknowledge(feedback, now=now)
    return feedback


def add(complaint: Complaint, *, text: str, key: str, now: datetime) -> None:
    """The customer adds a message or files; with files alone, their names are the message.

    Raises `Refused`: `text_missing`.
    """
    names = ", ".join(one.name for one in attachments.waiting(key))
    event = complaints.add(
        complaint, text=text.strip() or names, channel=Channel.WEB, seen=None, key=key, by=None, now=now
    )
    if event is not None:
        attachments.join(key, complaint.feedback, event.id)


def answer(
    complaint: Complaint,
    *,
    solved: bool,
    words: str,
    solution_score: int | None,
    handling_score: int | None,
    key: str,
    now: datetime,
) -> None:
    """The customer says whether it is solved: closes the case, or opens it again.

    Raises `Refused`: `not_now` (nothing waits for his verdict), `reason_missing`, `no_such_score`.
    """
    if log.is_taken(complaint, key):
        return
    if followed.stage_of(complaint) != "answered":
        raise Refused("not_now")
    if not solved and not words.strip():
        raise Refused("reason_missing")
    said = complaints.Answer(
        Satisfaction.SATISFIED if solved else Satisfaction.NOT, words.strip(), solution_score, handling_score
    )
    complaints.call_back(complaint, channel=Channel.WEB, answer=said, seen=None, key=key, by=None, now=now)
