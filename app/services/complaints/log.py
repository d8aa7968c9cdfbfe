"""The one way a case changes: who may, on what he saw; the entry in the log; the clocks; the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Complaint, ComplaintEvent, ComplaintRun, User
from app.queries.complaints import cases, waiting
from app.queries.complaints import clocks as clock_reads
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Part, State, Step
from app.services import audit, notices
from app.services.complaints import customer_mail, searching


@dataclass(frozen=True)
class Taken:
    """A step that is allowed: what the case was, and where the step leads. `parts` are those of who takes it."""

    action: str
    case: rules.Case
    to: State
    parts: frozenset[Part]
    by: User | None
    now: datetime
    key: str


@dataclass(frozen=True)
class Entry:
    """What goes into the log. `at` None: now."""

    kind: str
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def begin(
    complaint: Complaint,
    step: Step,
    *,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
    part: Part = Part.SYSTEM,
) -> Taken | None:
    """Check part, state and row version. None: this very form was sent before, and its step is taken.

    `part` says whose step it is where no user takes it: the timetable's or a rule's, or the customer's. Raises `Refused` (`not_allowed`, `not_now`) or `Stale`.
    """
    parts = frozenset({part}) if by is None else cases.parts_of(by, complaint)
    if not rules.STEPS[step].parts & parts:
        raise Refused("not_allowed", step=step.value)
    if key and is_taken(complaint, key):
        return None
    if seen is not None and seen != complaint.version:
        raise Stale("changed_meanwhile")
    case = cases.as_ruled(complaint)
    return Taken(step.value, case, rules.check_step(case, step, parts), parts, by, now, key)


def beside(complaint: Complaint, action: str, *, by: User | None, now: datetime) -> Taken:
    """For what a step of another case leaves in this one's log; the state stays as it is."""
    case = cases.as_ruled(complaint)
    return Taken(action, case, case.state, frozenset(), by, now, "")


def lock(*complaints: Complaint) -> None:
    """Read these rows anew and keep them from others until the end, always in the same order."""
    for one in sorted(set(complaints), key=lambda row: row.id):
        # Not in one: the row may have been read together with others, by joins that PostgreSQL can't lock.
        db.session.execute(select(Complaint.id).where(Complaint.id == one.id).with_for_update())
        db.session.refresh(one)


def is_taken(complaint: Complaint, key: str) -> bool:
    """Whether the step of this very form is taken."""
    taken = select(ComplaintEvent.id).where(ComplaintEvent.key == _key_of(complaint, key))
    return db.session.scalar(taken) is not None


def _key_of(complaint: Complaint, key: str) -> str:
    """The form's key as it is stored: one that was meant for another case is another key."""
    return f"{complaint.id}:{key}"


def finish(complaint: Complaint, taken: Taken, *entries: Entry, **detail: Any) -> None:
    """Write what was done. The first entry carries the form's key. `detail` goes to the audit log: no texts."""
    before = complaint.state
    complaint.state = taken.to.value
    for place, entry in enumerate(entries):
        _append(complaint, entry, taken, key=taken.key if place == 0 else "")
    settle(complaint, now=taken.now)
    written = complaint.events[-len(entries) :]
    searching.extend(complaint, written)
    customer_mail.write(complaint, written, now=taken.now)
    notices.tell(complaint, written, by=taken.by, now=taken.now)
    audit.record(
        f"complaint.{taken.action}",
        kind="complaint",
        object_id=complaint.id,
        by=taken.by,
        now=taken.now,
        number=complaint.number,
        state_before=before,
        state_after=complaint.state,
        **detail,
    )


def _append(complaint: Complaint, entry: Entry, taken: Taken, *, key: str) -> None:
    complaint.events.append(
        ComplaintEvent(
            round=complaint.round,
            kind=str(entry.kind),
            at=entry.at or taken.now,
            recorded_at=taken.now,
            by_id=taken.by.id if taken.by else None,
            by_name=taken.by.name if taken.by else "",
            text=entry.text,
            data=dict(entry.data),
            key=_key_of(complaint, key) if key else None,
            version=complaint.version + 1,
        )
    )


def settle(complaint: Complaint, *, now: datetime) -> None:
    """Compute what lists and summaries show of the clocks. The row gets a new version, whatever has changed."""
    # One change of the row, one version.
    with db.session.no_autoflush:
        show_clocks(complaint, clock_reads.case_of(complaint), now=now)
    complaint.version += 1
    db.session.flush()


def show_clocks(complaint: Complaint, case: clocks.Case, *, now: datetime) -> None:
    """Repeat in the row and its runs what follows from the log."""
    for name, value in clock_columns(clocks.outlook(case, now=now)).items():
        setattr(complaint, name, value)
    prompt = waiting.prompt_of(complaint)
    complaint.next_prompt_at = prompt.at if prompt else None
    keep_runs(complaint, case, now=now)


def clock_columns(seen: clocks.Outlook) -> dict[str, Any]:
    """The columns of the row that repeat what the clocks show."""
    return {
        "due_at": seen.due_at,
        "due_clock": seen.clock.value if seen.clock else "",
        "soon_at": seen.soon_at,
        "paused": seen.paused,
        "next_alarm_at": seen.next_alarm_at,
    }


def set_by_time(complaint: Complaint, **columns: Any) -> None:
    """Set what time alone has changed. The row keeps its version: nobody's open form becomes stale by it."""
    db.session.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id)
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    db.session.flush()
    db.session.expire(complaint)


def keep_runs(complaint: Complaint, case: clocks.Case, *, now: datetime) -> None:
    """Repeat in the rows that summaries count when each run of a clock is due."""
    rows = {(row.clock, row.round, row.turn): row for row in complaint.runs}
    kept = []
    for run, due_at in clocks.schedule(case, now=now):
        row = rows.get((run.clock.value, run.round, run.turn))
        if row is None:
            row = ComplaintRun(clock=run.clock.value, round=run.round, turn=run.turn)
        row.unit_id, row.started_at, row.stopped_at = run.unit, run.started_at, run.stopped_at
        row.due_at = due_at
        kept.append(row)
    complaint.runs = kept
