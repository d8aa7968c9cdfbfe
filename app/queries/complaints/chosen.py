"""Cases chosen on the desk to take a step together, and what became of them."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from app.errors import Missing
from app.extensions import db
from app.models import BulkRun, Complaint, User
from app.queries.complaints import desk
from app.queries.complaints.cases import visible_to
from app.queries.users import LARGEST_ID
from app.rules.complaints.bulk import MOST


def by_ids(user: User, ids: Collection[int]) -> Sequence[Complaint]:
    """Those of the cases that the user sees, as many as can be chosen, by number."""
    statement = visible_to(user).where(Complaint.id.in_([one for one in ids if one <= LARGEST_ID][:MOST]))
    return db.session.scalars(statement.options(*desk.ROWS).order_by(Complaint.id)).all()


def all_found(user: User, filters: desk.Filters, moment: desk.Moment) -> tuple[Sequence[Complaint], int]:
    """The first of a queue or search, as many as can be chosen, and how many there are in all."""
    statement = desk.chosen(user, filters, moment)
    order = desk.SEARCH_ORDER if filters.words else desk.order_of(filters.queue)
    total = db.session.scalar(
        select(func.count()).select_from(
            statement.with_only_columns(Complaint.id, maintain_column_froms=True).subquery()
        )
    )
    rows = db.session.scalars(statement.options(*desk.ROWS).order_by(*order).limit(MOST)).all()
    return rows, total or 0


def run_of(user: User, run_id: int) -> BulkRun:
    """What became of a step one has taken oneself. Raises `Missing`."""
    found = db.session.get(BulkRun, run_id) if run_id <= LARGEST_ID else None
    if found is None or found.user_id != user.id:
        raise Missing("bulk")
    return found
