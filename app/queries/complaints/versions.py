"""The versions of working calendars and time limits, who made them, and whom a new one would concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.errors import Missing
from app.extensions import db
from app.models import ClockPolicy, Complaint, User, WorkingCalendar
from app.queries.changes import Change
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.desk import OPEN
from app.rules import clocks

Versioned = WorkingCalendar | ClockPolicy
SHOWN = 40
# More are not looked at one by one while somebody waits for a page.
LOOKED_AT = 400


@dataclass(frozen=True)
class Version:
    """One version with the one before it; `by` is "" for what Heed did itself."""

    row: Any
    before: Any
    by: str


@dataclass(frozen=True)
class Affected:
    """Running cases: how many there are, how many were looked at, and of how many a deadline would move."""

    running: int
    looked_at: int
    moved: int


def newest_calendar() -> WorkingCalendar:
    """The one new cases get. Raises `Missing` before the first start."""
    return _newest(WorkingCalendar)  # type: ignore[no-any-return]


def newest_policies() -> ClockPolicy:
    """The ones new cases get. Raises `Missing` before the first start."""
    return _newest(ClockPolicy)  # type: ignore[no-any-return]


def _newest(table: Any) -> Any:
    row = db.session.scalar(select(table).order_by(table.version.desc()).limit(1))
    if row is None:
        raise Missing("version")
    return row


def change_of(row: Versioned) -> Change:
    """Who made a version, and when."""
    by = db.session.get(User, row.created_by_id) if row.created_by_id else None
    return Change(by.name if by else "", row.created_at)


def versions(table: type[Versioned]) -> list[Version]:
    """The newest first, each beside the one before it."""
    statement = (
        select(table, User.name)
        .outerjoin(User, User.id == table.created_by_id)
        .order_by(table.version.desc())
        .limit(SHOWN + 1)
    )
    rows = [(row, name or "") for row, name in db.session.execute(statement)]
    before = [*(row for row, _name in rows[1:]), None][: len(rows)]
    found = [Version(row, earlier, name) for (row, name), earlier in zip(rows, before, strict=True)]
    return found[:SHOWN]


def affected(calendars: clocks.Calendars, *, now: datetime) -> Affected:
    """What a new version of the calendars would do to running cases."""
    nearest = (
        select(Complaint)
        .where(Complaint.state.in_(OPEN))
        .order_by(Complaint.due_at.is_(None), Complaint.due_at, Complaint.id)
        .limit(LOOKED_AT)
        .options(selectinload(Complaint.events))
    )
    cases = db.session.scalars(nearest).all()
    stored = clock_reads.Stored()
    moved = sum(_moves(clock_reads.case_of(one, stored=stored), calendars, now) for one in cases)
    return Affected(running_cases(), len(cases), moved)


def _moves(case: clocks.Case, calendars: clocks.Calendars, now: datetime) -> bool:
    changed = clocks.Event(clocks.Kind.CALENDAR_CHANGED, now, {"to": calendars.version})
    followed = clocks.Case(
        (*case.events, changed), case.policies, case.calendars, {**case.later, calendars.version: calendars}
    )
    return _open(case, now) != _open(followed, now)


def _open(case: clocks.Case, now: datetime) -> Sequence[datetime | None]:
    return [due for run, due in clocks.schedule(case, now=now) if run.stopped_at is None]


def running_cases() -> int:
    """How many cases are open."""
    return db.session.scalar(select(func.count(Complaint.id)).where(Complaint.state.in_(OPEN))) or 0
