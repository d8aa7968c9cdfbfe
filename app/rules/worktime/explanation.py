"""Why something is due when it is: what each day and each pause had to do with it. Codes and values, no sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.rules.worktime.calendar import Calendar, Day, DayKind
from app.rules.worktime.courses import Course, course_of
from app.rules.worktime.deadlines import Deadline, summed_up
from app.rules.worktime.instants import MICROSECOND, WorktimeError, instant, length, micros
from app.rules.worktime.limits import Limit, Pause, Unit
from app.rules.worktime.scales import WorkingTime


class SkipReason(StrEnum):
    """Why a day did not count."""

    REST_DAY = "rest_day"
    HOLIDAY = "holiday"
    DAY_OF_RECEIPT = "day_of_receipt"  # working days are counted from the next day on
    AFTER_HOURS = "after_hours"  # it began when that day's working hours were over


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A working day between start and deadline. `counted` = `working` − `paused`; `left` is what then remains.

    `kind` is `workday`, `make_up` or `own_hours`; `name` that of a special day, else "".
    """

    on: date
    kind: DayKind
    name: str
    working: timedelta
    paused: timedelta
    counted: timedelta
    left: timedelta


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day between start and deadline that did not count; `name` of a holiday, else ""."""

    on: date
    reason: SkipReason
    name: str


@dataclass(frozen=True, slots=True)
class PauseEffect:
    """What pauses that overlap or touch did, from `start` to `end` in UTC (None: `lasting`, not ended yet).

    They moved the deadline by `moved` (nothing at night or over a weekend); `cut` more of them fell behind the cap.
    """

    start: datetime
    end: datetime | None
    moved: timedelta
    cut: timedelta


@dataclass(frozen=True, slots=True)
class Explanation:
    """A deadline with its reasons. `days` run from start to deadline without a gap, or are empty in real time.

    `sum(counted) == budget` over the counted days; `sum(moved) == deadline.paused` over the pauses. `budget` is the
    limit as an amount of time. The years the deadline depends on and that are provisional are in the deadline.
    """

    deadline: Deadline
    budget: timedelta
    days: tuple[CountedDay | SkippedDay, ...]
    pauses: tuple[PauseEffect, ...]


def explain(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    pauses: Iterable[Pause] = (),
    pause_cap: Limit | None = None,
    *,
    now: datetime | None = None,
) -> Explanation:
    """The reasons for what `deadline` returns for the same arguments; raises the same errors."""
    pauses = tuple(pauses)
    if now is None and any(pause.end is None for pause in pauses):
        raise WorktimeError("now_missing")
    course = course_of(calendar, start, limit, pauses, pause_cap, now=now)
    if course is None:
        raise WorktimeError("not_reached")
    due = summed_up(course, calendar, start)
    return Explanation(
        deadline=due,
        budget=length(course.budget),
        days=tuple(_days(calendar, course, start, due.at, limit.unit)),
        pauses=tuple(_pauses(course, due.at)),
    )


def _days(
    calendar: Calendar, course: Course, start: datetime, due: datetime, unit: Unit
) -> Iterator[CountedDay | SkippedDay]:
    scale = course.scale
    if not isinstance(scale, WorkingTime):
        return
    first = start.astimezone(calendar.zone).date()
    last = (due - MICROSECOND).astimezone(calendar.zone).date()
    end, left = course.position_of(course.budget), course.budget
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = calendar.day(date.fromordinal(ordinal))
        low = max(course.origin, scale.before_date(ordinal, day.on.year))
        high = min(end, scale.before_date(ordinal + 1, day.on.year))
        if high <= low:
            yield SkippedDay(day.on, _reason(day, unit, is_first=day.on == first), day.name)
            continue
        paused = sum(
            max(0, min(still.resumes, high) - max(still.begins, low)) for still in course.standstills
        )
        left -= high - low - paused
        yield CountedDay(
            day.on, day.kind, day.name, length(high - low), length(paused), length(high - low - paused),
            length(left),
        )  # fmt: skip


def _reason(day: Day, unit: Unit, *, is_first: bool) -> SkipReason:
    if is_first and day.spans:
        return SkipReason.DAY_OF_RECEIPT if unit is Unit.WORKING_DAYS else SkipReason.AFTER_HOURS
    return SkipReason.HOLIDAY if day.kind is DayKind.HOLIDAY else SkipReason.REST_DAY


def _pauses(course: Course, due: datetime) -> Iterator[PauseEffect]:
    at, end = micros(due), course.position_of(course.budget)
    for still in course.standstills:
        if still.start >= at:
            break
        counts = still.begins < end
        yield PauseEffect(
            start=instant(still.start),
            end=None if still.lasting else instant(still.end),
            moved=length(still.resumes - still.begins if counts else 0),
            cut=length(min(still.ends, end) - still.resumes if counts else 0),
        )
