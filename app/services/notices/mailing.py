"""Notices by mail: what is due now in one mail a person, and the mail of the morning. The texts are made when a mail is
sent, in `services.mail_contents.notices`.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Delivery, MorningMail, Notice, User
from app.queries import notices as queries
from app.rules import notices as rules
from app.rules.notices import Group, Mail
from app.services import outbox

KEPT = timedelta(days=180)


def mail_due(user_id: int, *, now: datetime) -> Delivery | None:
    """One mail about everything that is due for a person; what he has read meanwhile or may not see any more is left out.

    A second run finds nothing: what was taken up is marked in the same transaction.
    """
    user = db.session.scalar(select(User).where(User.id == user_id).with_for_update())
    if user is None:
        return None
    found = queries.to_be_mailed(user, now=now) if user.active else []
    _mark([one.id for one in found], "sent")
    db.session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.mail == "waiting", Notice.due_at <= now)
        .values(mail="dropped")
        .execution_options(synchronize_session=False)
    )
    return _enqueue(user, "notice", "notice", [one.id for one in found], now) if found else None


def send_morning_mail(user_id: int, day: date, *, now: datetime) -> Delivery | None:
    """Look once at what waits for a person this morning, and mail it if anything does.

    The row of the day is the look: a second run finds it, whatever came of the first.
    """
    if db.session.get(MorningMail, (user_id, day)) is not None:
        return None
    look = MorningMail(user_id=user_id, day=day)
    try:
        # A savepoint: on PostgreSQL two may look at once.
        with db.session.begin_nested():
            db.session.add(look)
    except IntegrityError:
        return None
    user = db.session.get_one(User, user_id)
    if not user.active or Group.MORNING not in queries.offered_to(user) or not _wants_mornings(user):
        return None
    morning = queries.morning_of(user, now=now)
    if morning.is_empty:
        return None
    ids = [one.id for one in morning.notices]
    _mark(ids, "sent")
    look.delivery = _enqueue(user, "digest", "notice_digest", ids, now)
    db.session.flush()
    return look.delivery


def without_morning_mail(day: date) -> list[int]:
    """Who can sign in and has not been looked at this morning."""
    looked_at = select(MorningMail.user_id).where(MorningMail.day == day)
    return list(db.session.scalars(select(User.id).where(User.active, User.id.not_in(looked_at))))


def forget_old(*, now: datetime) -> None:
    """Notices are reminders, not records: what happened stands in the log of the case."""
    db.session.execute(delete(Notice).where(Notice.created_at < now - KEPT))
    db.session.execute(delete(MorningMail).where(MorningMail.day < (now - KEPT).date()))


def _wants_mornings(user: User) -> bool:
    chosen = queries.choices_of([user.id])[user.id]
    return rules.choices_for(chosen)[Group.MORNING] is Mail.DIGEST


def _mark(ids: list[int], mail: str) -> None:
    if ids:
        db.session.execute(
            update(Notice)
            .where(Notice.id.in_(ids))
            .values(mail=mail)
            .execution_options(synchronize_session=False)
        )


def _enqueue(user: User, kind: str, template: str, ids: list[int], now: datetime) -> Delivery:
    params: dict[str, Any] = {"user_id": user.id, "notices": ids}
    return outbox.enqueue(
        kind, to=user.email, language=user.language, template=template, due_at=now, now=now, params=params
    )
