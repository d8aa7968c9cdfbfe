"""Who else has a case open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from app.extensions import db
from app.models import Complaint, ComplaintPresence, User

# An open page says so every minute; who has been silent for longer has left.
SHOWN = timedelta(minutes=5)


def others(user: User, complaint: Complaint, *, now: datetime) -> Sequence[ComplaintPresence]:
    """Colleagues who have it open too, the latest first."""
    statement = (
        select(ComplaintPresence)
        .where(
            ComplaintPresence.complaint_id == complaint.id,
            ComplaintPresence.user_id != user.id,
            ComplaintPresence.at > now - SHOWN,
        )
        .order_by(ComplaintPresence.at.desc())
        .options(joinedload(ComplaintPresence.user).options(lazyload(User.roles), lazyload(User.unit_links)))
    )
    return db.session.scalars(statement).all()
