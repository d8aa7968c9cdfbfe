"""What the clocks have to say by themselves: warnings and breaches are written into the log when they fall due."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, ComplaintEvent
from app.queries.complaints import clocks as clock_reads
from app.rules import clocks
from app.services import notices
from app.services.complaints import log

MOST_AT_ONCE = 200


def due_ids(*, now: datetime) -> Sequence[int]:
    """Cases whose next warning or breach has come, the oldest first."""
    due = select(Complaint.id).where(Complaint.next_alarm_at <= now).order_by(Complaint.next_alarm_at)
    return db.session.scalars(due.limit(MOST_AT_ONCE)).all()


def write_due(complaint_id: int, *, now: datetime) -> int:
    """Write what is due of one case; returns how many entries. A second run finds nothing more.

    The row keeps its version: nobody's open form becomes stale because time has passed.
    """
    complaint = db.session.get(Complaint, complaint_id, with_for_update=True, populate_existing=True)
    if complaint is None:
        return 0
    case = clock_reads.case_of(complaint)
    found = clocks.pending(case, now=now)
    written = []
    for one in found:
        event = one.event
        row = ComplaintEvent(
            complaint_id=complaint.id,
            round=one.run.round,
            kind=event.kind,
            at=event.at,
            recorded_at=now,
            data=dict(event.data),
            version=complaint.version,
        )
        db.session.add(row)
        written.append((one, row))
    db.session.flush()
    notices.tell_by_clock(complaint, written, now=now)
    logged = replace(case, events=(*case.events, *(one.event for one in found)))
    log.set_by_time(complaint, **log.clock_columns(clocks.outlook(logged, now=now)))
    return len(found)
