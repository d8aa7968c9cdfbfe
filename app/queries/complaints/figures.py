"""How often what was told: counts of feedback by kind, category, channel and unit, and the entries behind a count.

One set of conditions makes both, so that a list is as long as its number says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Complaint, Feedback
from app.queries.complaints.cases import sees_all, visible_to
from app.queries.complaints.measured import hidden_answers
from app.queries.complaints.summary.access import Reader
from app.queries.complaints.summary.listing import Line
from app.queries.complaints.trees import Tree
from app.queries.paging import Page, page_of
from app.rules.complaints import LEFT_OUT

# A case is counted as it was sorted last and where it is now.
CATEGORY = func.coalesce(Complaint.category_id, Feedback.category_id)
UNIT = case((Complaint.id.is_(None), Feedback.unit_id), else_=Complaint.unit_id)


@dataclass(frozen=True)
class Wanted:
    """What is counted: received from one moment up to another; empty and None mean all.

    `category` means it and all below it, `units` any of these, `exactly` this very unit (0: none).
    """

    begins: datetime
    ends: datetime
    kind: str = ""
    channel: str = ""
    category: int | None = None
    units: Sequence[int] | None = None
    exactly: int | None = None


@dataclass(frozen=True)
class Count:
    """So many entries of one kind, category, channel and unit, in one of several stretches of time."""

    stretch: int
    kind: str
    category: int
    channel: str
    unit: int | None
    number: int


def counts(reader: Reader, wanted: Wanted, tree: Tree, bounds: Sequence[datetime] = ()) -> list[Count]:
    """All counts at once. `bounds` cut the time into stretches: the first is what lies before the first of them."""
    stretch = _stretch(bounds)
    keys = (stretch, Feedback.kind, CATEGORY, Feedback.channel, UNIT)
    statement = (
        select(*keys, func.count())
        .select_from(Feedback)
        .outerjoin(Complaint, Complaint.feedback_id == Feedback.id)
        .where(*_conditions(reader, wanted, tree))
        .group_by(*keys)
    )
    return [Count(*row) for row in db.session.execute(statement)]


def _stretch(bounds: Sequence[datetime]) -> ColumnElement[Any]:
    if not bounds:
        return case((Feedback.id.is_(None), 1), else_=0)
    return case(
        *((Feedback.received_at < bound, place) for place, bound in enumerate(bounds)), else_=len(bounds)
    )


def found(reader: Reader, wanted: Wanted, tree: Tree, *, page: int) -> Page[Line]:
    """One page of the entries behind a count, the latest first."""
    statement: Any = (
        select(Feedback, Complaint)
        .outerjoin(Complaint, Complaint.feedback_id == Feedback.id)
        .where(*_conditions(reader, wanted, tree))
        .order_by(Feedback.received_at.desc(), Feedback.id.desc())
        .options(
            joinedload(Feedback.customer),
            joinedload(Feedback.unit),
            joinedload(Complaint.customer),
            joinedload(Complaint.unit),
        )
    )
    listed = page_of(statement, number=page)
    lines = [Line(entry, complaint) for entry, complaint in listed.rows]
    return Page(lines, listed.total, listed.number, listed.last)


def _conditions(reader: Reader, wanted: Wanted, tree: Tree) -> list[ColumnElement[bool]]:
    about = func.coalesce(Complaint.about_user_id, Feedback.about_user_id)
    conditions: list[Any] = [
        Feedback.received_at >= wanted.begins,
        Feedback.received_at < wanted.ends,
        or_(Complaint.id.is_(None), ~Complaint.outcome.in_(LEFT_OUT)),
        or_(about.is_(None), about != reader.user.id),
        Feedback.kind.in_(
            [wanted.kind] if wanted.kind in reader.kinds else [*reader.kinds] * (not wanted.kind)
        ),
    ]
    hidden = hidden_answers(reader.user) if sees_all(reader.user) else None
    if hidden is not None:
        conditions.append(Feedback.id.not_in(hidden))
    if reader.own_units is not None:
        # A department counts the cases that it may open, and nothing else.
        conditions.append(Complaint.id.in_(visible_to(reader.user).with_only_columns(Complaint.id)))
    if wanted.channel:
        conditions.append(Feedback.channel == wanted.channel)
    if wanted.category is not None:
        conditions.append(CATEGORY.in_(tree.below(wanted.category)))
    if wanted.units is not None:
        conditions.append(UNIT.in_(wanted.units))
    if wanted.exactly is not None:
        conditions.append(wanted.exactly == UNIT if wanted.exactly else UNIT.is_(None))
    return conditions
