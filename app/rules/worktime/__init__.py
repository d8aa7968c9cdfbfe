"""Working time: calendars, sums of working time, deadlines with pauses, and the reasons for a deadline.

Plain dates, times and zones: nothing here knows a case, a database or the present. Every moment that is passed in has
a zone, every moment that comes out is in UTC. What the rules are and why is in docs/decisions/0008-working-time.md.
"""

from app.rules.worktime.arithmetic import add, add_days, is_open, next_opening, working_time
from app.rules.worktime.calendar import (
    Calendar,
    CalendarError,
    Day,
    DayKind,
    Problem,
    Span,
    SpecialDay,
    find_problems,
)
from app.rules.worktime.courses import Course, course_of
from app.rules.worktime.deadlines import Deadline, deadline, summed_up
from app.rules.worktime.explanation import (
    CountedDay,
    Explanation,
    PauseEffect,
    SkippedDay,
    SkipReason,
    explain,
)
from app.rules.worktime.instants import WorktimeError
from app.rules.worktime.limits import Limit, Pause, Unit

__all__ = [
    "Calendar", "CalendarError", "CountedDay", "Course", "Day", "DayKind", "Deadline", "Explanation", "Limit",
    "Pause", "PauseEffect", "Problem", "SkipReason", "SkippedDay", "Span", "SpecialDay", "Unit", "WorktimeError",
    "add", "add_days", "course_of", "deadline", "explain", "find_problems", "is_open", "next_opening", "summed_up",
    "working_time",
]  # fmt: skip
