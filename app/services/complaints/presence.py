"""Who has a case open at the moment: written by a beat of the open page, forgotten by itself."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Complaint, ComplaintPresence, User
from app.queries.complaints.presence import SHOWN

# Rows stay a little longer than they are shown; whoever comes next clears them away.
KEPT = SHOWN + timedelta(minutes=10)


def beat(complaint: Complaint, *, by: User, now: datetime) -> None:
    """He has it open now. The case itself does not change, and nothing is audited."""
    db.session.execute(delete(ComplaintPresence).where(ComplaintPresence.at < now - KEPT))
    present = db.session.get(ComplaintPresence, (complaint.id, by.id))
    if present is not None:
        present.at = now
        db.session.flush()
        return
    try:
        # A savepoint: on PostgreSQL two windows of one person may beat at once.
        with db.session.begin_nested():
            db.session.add(ComplaintPresence(complaint_id=complaint.id, user_id=by.id, at=now))
    except IntegrityError:
        return
