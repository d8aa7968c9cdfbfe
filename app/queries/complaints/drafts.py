"""The drafts somebody has in a case."""

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, ComplaintDraft, User


def of(user: User, complaint: Complaint) -> dict[str, ComplaintDraft]:
    """His drafts of this case, by the form they belong to."""
    rows = db.session.scalars(
        select(ComplaintDraft).where(
            ComplaintDraft.user_id == user.id, ComplaintDraft.complaint_id == complaint.id
        )
    )
    return {row.door: row for row in rows}
