"""What the demonstration users have been told of the last days: by the same rules, without a single mail."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.extensions import db
from app.models import Complaint, ComplaintEvent, Notice, User
from app.rules.clocks import Kind, Occurrence
from app.rules.complaints import State
from app.services import notices

SPAN = timedelta(days=8)
UNREAD = timedelta(days=4)
Alarm = tuple[Complaint, Occurrence, ComplaintEvent]


def add_notices(alarms: Iterable[Alarm], *, now: datetime) -> None:
    """Tell what the latest entries of open cases say; what is older than four days has been read."""
    recent = (
        select(ComplaintEvent)
        .join(Complaint, Complaint.id == ComplaintEvent.complaint_id)
        .where(Complaint.state != State.CLOSED, ComplaintEvent.at > now - SPAN)
        .where(ComplaintEvent.kind.not_in((Kind.WARNED, Kind.BREACHED)))
        .order_by(ComplaintEvent.at, ComplaintEvent.id)
    )
    for event in db.session.scalars(recent).all():
        complaint = db.session.get_one(Complaint, event.complaint_id)
        by = db.session.get(User, event.by_id) if event.by_id else None
        if event.kind == Kind.RECEIVED:
            notices.tell_on_opening(complaint, by=by, now=event.at)
        else:
            notices.tell(complaint, [event], by=by, now=event.at)
    for complaint, found, event in alarms:
        if complaint.state != State.CLOSED and event.at > now - SPAN:
            notices.tell_by_clock(complaint, [(found, event)], now=event.at)
    db.session.flush()
    db.session.execute(update(Notice).values(mail="").execution_options(synchronize_session=False))
    read = update(Notice).where(Notice.created_at <= now - UNREAD, Notice.read_at.is_(None))
    db.session.execute(
        read.values(read_at=now - timedelta(days=1)).execution_options(synchronize_session=False)
    )
