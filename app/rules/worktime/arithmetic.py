"""Sums of working time: how much lies between two moments, and when a given amount of it is over."""

from datetime import datetime, timedelta

from app.rules.worktime.calendar import Calendar
from app.rules.worktime.instants import MICROSECOND, WorktimeError, instant, length, micros
from app.rules.worktime.scales import WorkingTime


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` up to `end`. Raises `WorktimeError` `ends_before_start`."""
    low, high = micros(start), micros(end)
    if high < low:
        raise WorktimeError("ends_before_start")
    scale = WorkingTime(calendar, start.astimezone(calendar.zone).year)
    return length(scale.position(high) - scale.position(low))


def add(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The first moment, in UTC, at which `amount` of working time has passed since `start`.

    So eight hours that fill a day end when it closes, not when the next one opens. Nothing added gives `start`, also
    outside working time. Raises `WorktimeError` `negative_amount` or `not_reached`.
    """
    if amount < timedelta(0):
        raise WorktimeError("negative_amount")
    began = micros(start)
    if not amount:
        return instant(began)
    scale = WorkingTime(calendar, start.astimezone(calendar.zone).year)
    return _moment(scale, scale.position(began) + amount // MICROSECOND)


def add_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The end, in UTC, of working hours on the `days`-th working day after the local date of `start`.

    Raises `WorktimeError` `negative_amount` (less than 1) or `not_reached`.
    """
    if days < 1:
        raise WorktimeError("negative_amount")
    micros(start)
    local = start.astimezone(calendar.zone)
    scale = WorkingTime(calendar, local.year)
    return _moment(scale, scale.end_of_days(local.toordinal(), local.year, days))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """`at` itself while it is working time, else when working time next begins, in UTC; None: never again."""
    value = micros(at)
    opening = WorkingTime(calendar, at.astimezone(calendar.zone).year).next_opening(value)
    return None if opening is None else instant(opening)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether a moment is working time. The minute of opening is, the minute of closing is not."""
    return next_opening(calendar, at) == at


def _moment(scale: WorkingTime, position: int | None) -> datetime:
    found = None if position is None else scale.locate(position)
    if found is None:
        raise WorktimeError("not_reached")
    return instant(found[0])
