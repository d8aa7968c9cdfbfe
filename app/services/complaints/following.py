"""Running cases follow a corrected calendar: an entry in the log says so, and the clocks are computed anew.

Whatever was over by then keeps the calendar it ran by, and a closed case is left alone (docs/decisions/0016).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import Complaint, ComplaintEvent, WorkingCalendar
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.desk import OPEN
from app.rules import clocks
from app.rules.clocks import Kind, Run
from app.rules.complaints import State
from app.services.complaints import log

MOST_AT_ONCE = 200
Due = tuple[Run, datetime | None]


def behind_ids() -> Sequence[int]:
    """Open cases that run by an older calendar than the newest."""
    newest = select(func.max(WorkingCalendar.version)).scalar_subquery()
    behind = select(Complaint.id).where(Complaint.state.in_(OPEN), Complaint.calendar_version < newest)
    return db.session.scalars(behind.order_by(Complaint.id).limit(MOST_AT_ONCE)).all()


def pass_on(complaint_id: int, *, now: datetime) -> bool:
    """Let one case follow the newest calendar; returns whether it did. A second run changes nothing.

    The row keeps its version: nobody's open form becomes stale because a holiday was entered.
    """
    complaint = db.session.get(Complaint, complaint_id, with_for_update=True, populate_existing=True)
    newest = db.session.scalar(select(func.max(WorkingCalendar.version)))
    if complaint is None or complaint.state == State.CLOSED or newest is None:
        return False
    before = complaint.calendar_version
    if before >= newest:
        return False
    dues = clocks.schedule(clock_reads.case_of(complaint), now=now)
    event = ComplaintEvent(
        round=complaint.round,
        kind=Kind.CALENDAR_CHANGED,
        at=now,
        recorded_at=now,
        data={"from": before, "to": newest},
        version=complaint.version,
    )
    complaint.events.append(event)
    case = clock_reads.case_of(complaint)
    event.data = event.data | {"moved": _moved(dues, clocks.schedule(case, now=now))}
    log.keep_runs(complaint, case, now=now)
    shown = log.clock_columns(clocks.outlook(case, now=now))
    log.set_by_time(complaint, **shown, calendar_version=newest)
    return True


def _moved(before: Iterable[Due], after: Iterable[Due]) -> list[dict[str, Any]]:
    """The deadlines that are another one now."""
    earlier = {_place(run): due for run, due in before}
    return [
        {"clock": run.clock.value, "before": _iso(earlier[_place(run)]), "after": _iso(due)}
        for run, due in after
        if run.stopped_at is None and earlier.get(_place(run)) != due
    ]


def _place(run: Run) -> tuple[str, int, int]:
    return run.clock.value, run.round, run.turn


def _iso(due: datetime | None) -> str | None:
    return None if due is None else due.isoformat()
