"""What a list shows of a case's clocks: the deadline that comes first, and when there will be something to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.clocks.occurrences import Occurrence, upcoming
from app.rules.clocks.policies import Clock
from app.rules.clocks.readings import BREACH, Case, Reading, read
from app.rules.clocks.runs import Run


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of the clock whose deadline comes first; all empty while none runs.

    `due_at` stays true until the next step of the case: what is paused is due when the pause has used up its cap. When
    there is no cap, it is never due. `soon_at` is when most of the time is used up, `next_alarm_at` when the next
    warning or breach of any clock falls due.
    """

    clock: Clock | None
    due_at: datetime | None
    soon_at: datetime | None
    paused: bool
    next_alarm_at: datetime | None


def outlook(case: Case, *, now: datetime) -> Outlook:
    """Look ahead from `now`, as if nothing more happened."""
    coming = upcoming(case, now=now)
    running = [reading for reading in read(case, now=now).all if reading.is_running]
    due = [(reading, _due(reading, coming)) for reading in running]
    dated = sorted(((at, reading) for reading, at in due if at), key=lambda pair: pair[0])
    next_alarm_at = min((one.at for one in coming), default=None)
    if not dated:
        return Outlook(None, None, None, any(reading.is_paused for reading in running), next_alarm_at)
    at, first = dated[0]
    return Outlook(first.run.clock, at, _soon(first, coming) or at, first.is_paused, next_alarm_at)


def schedule(case: Case, *, now: datetime) -> tuple[tuple[Run, datetime | None], ...]:
    """Every run with when it is due, as `outlook` understands it: true until the next step of the case."""
    coming = upcoming(case, now=now)
    return tuple((reading.run, _due(reading, coming)) for reading in read(case, now=now).all)


def _due(reading: Reading, coming: Sequence[Occurrence]) -> datetime | None:
    if not reading.is_paused:
        return reading.due_at
    return _at(reading, coming, BREACH) or reading.breached_at


def _soon(reading: Reading, coming: Sequence[Occurrence]) -> datetime | None:
    last = reading.warns_at[-1]
    reached = (one.at for one in reading.warnings if one.percent == last)
    return next(reached, None) or _at(reading, coming, last)


def _at(reading: Reading, coming: Sequence[Occurrence], percent: int) -> datetime | None:
    return next((one.at for one in coming if one.run == reading.run and one.percent == percent), None)
