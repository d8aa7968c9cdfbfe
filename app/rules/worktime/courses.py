"""How the time of one limit runs off: where it begins, how much there is, and where it really stands still.

The one place in which limit, pauses and the cap on pauses come together; `deadlines`, `explanation` and the clocks of
a case ask it. Positions are those of its scale, in microseconds.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.rules.worktime.calendar import Calendar
from app.rules.worktime.instants import MINUTE, WorktimeError, micros
from app.rules.worktime.limits import Limit, Pause, Unit
from app.rules.worktime.scales import RealTime, Scale, WorkingTime

ENDLESS = sys.maxsize


class Standstill(NamedTuple):
    """Pauses that overlap or touch, as one: instants `start` to `end`, positions `begins` to `ends`.

    The clock stands still from `begins` to `resumes`, which is before `ends` when the cap cut the rest off.
    `lasting`: a pause in it has not ended, and the cap still allows it.
    """

    start: int
    end: int
    begins: int
    ends: int
    resumes: int
    lasting: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The run of one limit: `origin` is the position at which time begins to count, `budget` how much there is.

    `standstills` are in order and begin at `origin` or later.
    """

    scale: Scale
    origin: int
    budget: int
    standstills: tuple[Standstill, ...]

    def position_of(self, amount: int) -> int:
        """The position at which so much, above 0, has counted."""
        position = self.origin + amount
        for still in self.standstills:
            if still.begins >= position:
                break
            position += still.resumes - still.begins
        return position

    def reached(self, amount: int) -> tuple[int, int] | None:
        """The instant at which so much, above 0, has counted, and its local year; None: never."""
        position = self.position_of(amount)
        return None if position >= ENDLESS else self.scale.locate(position)

    def counted(self, at: int) -> int:
        """How much has counted up to an instant; goes on growing after the deadline."""
        return max(0, self.scale.position(at) - self.origin - self.stood_still(at))

    def stood_still(self, at: int) -> int:
        """How long the clock has stood still up to an instant."""
        position = self.scale.position(at)
        return sum(max(0, min(still.resumes, position) - still.begins) for still in self.standstills)


def course_of(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    pauses: Iterable[Pause] = (),
    pause_cap: Limit | None = None,
    *,
    now: datetime | None = None,
) -> Course | None:
    """The run of a limit from `start`. An open pause lasts until `now`; without `now`, for ever.

    None when the calendar holds fewer working days than the limit. Raises `WorktimeError`.
    """
    began, present = micros(start), None if now is None else micros(now)
    cap = None if pause_cap is None else _cap(calendar, limit, pause_cap)
    if limit.unit is Unit.MINUTES:
        still = _standstills(RealTime(), began, pauses, cap, present)
        return Course(RealTime(), began, limit.amount * MINUTE, still)
    local = start.astimezone(calendar.zone)
    scale = WorkingTime(calendar, local.year)
    if limit.unit is Unit.WORKING_MINUTES:
        origin, budget = scale.position(began), limit.amount * MINUTE
    else:
        ordinal = local.toordinal()
        end = scale.end_of_days(ordinal, local.year, limit.amount)
        if end is None:
            return None
        origin = scale.before_date(ordinal + 1, local.year)
        budget = end - origin
    return Course(scale, origin, budget, _standstills(scale, origin, pauses, cap, present))


def _cap(calendar: Calendar, limit: Limit, cap: Limit) -> int:
    """How long the clock may stand still in all. Working days are worth full days of the calendar's week."""
    if (cap.unit is Unit.MINUTES) is not (limit.unit is Unit.MINUTES):
        raise WorktimeError("cap_unit")
    if cap.unit is Unit.WORKING_DAYS:
        return cap.amount * calendar.full_day_minutes * MINUTE
    return cap.amount * MINUTE


def _standstills(
    scale: Scale, origin: int, pauses: Iterable[Pause], cap: int | None, now: int | None
) -> tuple[Standstill, ...]:
    left = 2 * ENDLESS if cap is None else cap
    found = []
    for start, end, is_open in _merged(pauses, now):
        begins = max(origin, scale.position(start))
        ends = ENDLESS if end == ENDLESS else max(origin, scale.position(end))
        resumes = min(ends, begins + left)
        left -= resumes - begins
        found.append(Standstill(start, end, begins, ends, resumes, is_open and left > 0))
    return tuple(found)


def _merged(pauses: Iterable[Pause], now: int | None) -> list[tuple[int, int, bool]]:
    """Start, end and whether it is still open, in order and apart from each other."""
    merged: list[tuple[int, int, bool]] = []
    for start, end, is_open in sorted(_intervals(pauses, now)):
        if merged and start <= merged[-1][1]:
            first, last, was_open = merged.pop()
            merged.append((first, max(last, end), was_open or is_open))
        else:
            merged.append((start, end, is_open))
    return merged


def _intervals(pauses: Iterable[Pause], now: int | None) -> Iterator[tuple[int, int, bool]]:
    for pause in pauses:
        start = micros(pause.start)
        if pause.end is None:
            if now is None or start <= now:
                yield start, ENDLESS if now is None else now, True
            continue
        end = micros(pause.end)
        if end < start:
            raise WorktimeError("ends_before_start")
        yield start, end, False
