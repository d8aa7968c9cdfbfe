"""Drafts: what somebody has begun to type into the form of a step. They are his alone, and in no log."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Complaint, ComplaintDraft, User
from app.services.complaints import log

KEPT = timedelta(days=60)


def keep(
    complaint: Complaint,
    door: str,
    typed: Mapping[str, str],
    *,
    texts: Collection[str],
    key: str,
    by: User,
    now: datetime,
) -> bool:
    """Keep what is typed; with nothing in the fields `texts` it keeps nothing. Returns whether there is a draft now.

    `key` is the form's: once its step is taken, what comes late from the same form is not kept.
    """
    if key and log.is_taken(complaint, key):
        return False
    if not any(typed.get(name, "").strip() for name in texts):
        drop(complaint, door, by=by)
        return False
    present = db.session.get(ComplaintDraft, (by.id, complaint.id, door))
    if present is not None:
        present.typed, present.kept_at = dict(typed), now
        db.session.flush()
        return True
    draft = ComplaintDraft(
        user_id=by.id, complaint_id=complaint.id, door=door, typed=dict(typed), kept_at=now
    )
    try:
        # A savepoint: on PostgreSQL two windows of one person may keep at once.
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        return keep(complaint, door, typed, texts=texts, key="", by=by, now=now)
    return True


def drop(complaint: Complaint, door: str, *, by: User) -> None:
    """Throw it away: the step is taken, or he does not want it any more."""
    db.session.execute(
        delete(ComplaintDraft).where(
            ComplaintDraft.user_id == by.id,
            ComplaintDraft.complaint_id == complaint.id,
            ComplaintDraft.door == door,
        )
    )


def forget_old(*, now: datetime) -> None:
    """Remove what nobody has come back to."""
    db.session.execute(delete(ComplaintDraft).where(ComplaintDraft.kept_at < now - KEPT))
