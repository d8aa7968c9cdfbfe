"""When something is due: a limit, a calendar, and pauses that move the deadline by what they really cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rules.worktime.calendar import Calendar
from app.rules.worktime.courses import Course, course_of
from app.rules.worktime.instants import WorktimeError, instant, length
from app.rules.worktime.limits import Limit, Pause


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` in UTC. `running`: a pause has not ended, and `at` is what it would be if it ended now.

    `paused` is how much later `at` is because of pauses, `cut` how much of the pauses before `at` moved nothing
    because the cap was used up; both are working time where the limit is. `provisional` are the years between start
    and deadline whose holidays are not yet known.
    """

    at: datetime
    running: bool
    paused: timedelta
    cut: timedelta
    provisional: tuple[int, ...]


def deadline(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    pauses: Iterable[Pause] = (),
    pause_cap: Limit | None = None,
    *,
    now: datetime | None = None,
) -> Deadline:
    """When the limit is used up.

    A pause moves the deadline only by the time it covers on the limit's own scale: working time, or real time where
    the limit is in real time. Pauses that overlap count once. `pause_cap` is measured like the limit; working days in
    it are full days of the week. `now` is needed while a pause is open.

    Raises `WorktimeError`.
    """
    pauses = tuple(pauses)
    if now is None and any(pause.end is None for pause in pauses):
        raise WorktimeError("now_missing")
    course = course_of(calendar, start, limit, pauses, pause_cap, now=now)
    if course is None:
        raise WorktimeError("not_reached")
    return summed_up(course, calendar, start)


def summed_up(course: Course, calendar: Calendar, start: datetime) -> Deadline:
    """The deadline of a run that has been laid out. Raises `WorktimeError` `not_reached`."""
    due = course.position_of(course.budget)
    found = course.scale.locate(due)
    if found is None:
        raise WorktimeError("not_reached")
    at, year = found
    paused = cut = 0
    running = False
    for still in course.standstills:
        if still.begins >= due:
            break
        paused += still.resumes - still.begins
        cut += min(still.ends, due) - still.resumes
        running = running or still.lasting
    return Deadline(instant(at), running, length(paused), length(cut), _provisional(calendar, start, year))


def _provisional(calendar: Calendar, start: datetime, until: int) -> tuple[int, ...]:
    if not until or not calendar.provisional:
        return ()
    first = start.astimezone(calendar.zone).year
    return tuple(sorted(year for year in calendar.provisional if first <= year <= until))
