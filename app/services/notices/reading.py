"""Marking notices as read."""

from datetime import datetime

from sqlalchemy import update

from app.extensions import db
from app.models import Notice, User


def read(notice: Notice, *, now: datetime) -> None:
    """The person has opened it; reading it again changes nothing."""
    if notice.read_at is None:
        notice.read_at = now


def read_all(user: User, *, up_to: int, now: datetime) -> None:
    """Everything up to the newest notice the person has seen: what has come since stays unread."""
    db.session.execute(
        update(Notice)
        .where(Notice.user_id == user.id, Notice.id <= up_to, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
