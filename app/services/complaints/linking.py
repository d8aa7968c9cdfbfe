"""Saying that two cases belong together, though both go on; it holds for both."""

from datetime import datetime

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, ComplaintLink, User
from app.rules import complaints as rules
from app.rules.complaints import Step
from app.services.complaints import log


def link(complaint: Complaint, *, other: Complaint, key: str, by: User, now: datetime) -> None:
    """Link two cases; a link that is there stays. Raises `Refused`: as `log.begin`; `link_itself`."""
    log.lock(complaint, other)
    taken = log.begin(complaint, Step.LINK, seen=None, key=key, by=by, now=now)
    if taken is None:
        return
    if complaint.id == other.id:
        raise Refused("link_itself")
    if _present(complaint, other) is not None:
        return
    first, second = sorted((complaint.id, other.id))
    db.session.add(ComplaintLink(complaint_id=first, other_id=second, since=now))
    _write(complaint, other, taken, rules.Entry.LINKED)


def unlink(complaint: Complaint, *, other: Complaint, key: str, by: User, now: datetime) -> None:
    """Take a link away; none is no error. Raises `Refused`: as `log.begin`."""
    log.lock(complaint, other)
    taken = log.begin(complaint, Step.LINK, seen=None, key=key, by=by, now=now)
    present = _present(complaint, other)
    if taken is None or present is None:
        return
    db.session.delete(present)
    _write(complaint, other, taken, rules.Entry.UNLINKED)


def _present(complaint: Complaint, other: Complaint) -> ComplaintLink | None:
    return db.session.get(ComplaintLink, tuple(sorted((complaint.id, other.id))))


def _write(complaint: Complaint, other: Complaint, taken: log.Taken, kind: rules.Entry) -> None:
    beside = log.beside(other, kind.value, by=taken.by, now=taken.now)
    log.finish(complaint, taken, log.Entry(kind, data={"case": other.id}), other=other.number)
    log.finish(other, beside, log.Entry(kind, data={"case": complaint.id}), other=complaint.number)
