"""The slow truth about deadlines: minute by minute, with nothing but the wall clock. Everything in whole minutes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from app.rules.worktime import Calendar, DayKind, Limit, Pause, Unit

MINUTE = timedelta(minutes=1)
MOST_MINUTES = 30 * 24 * 60
FOR_EVER = float("inf")
# Clocks jump, and days begin, on the quarter hour only. So the wall clock is read that often, and counted on between.
QUARTER = 15


def worked_minutes(calendar: Calendar, on: date) -> list[bool]:
    """Which of the 1,440 minutes of a date are worked, read off the definition."""
    spans = calendar.week[on.weekday()]
    for special in calendar.special_days:
        if special.on == on and special.kind is DayKind.HOLIDAY:
            spans = ()
        elif special.on == on and special.like is not None:
            spans = calendar.week[special.like] or spans
        elif special.on == on:
            spans = special.spans
    worked = [False] * 1440
    for span in spans:
        for minute in range(span.opens, span.closes):
            worked[minute] = True
    return worked


def wall_clock(calendar: Calendar, start: datetime) -> Iterator[tuple[date, bool]]:
    """For each minute from the start on, its local date and whether it is worked."""
    start = start.astimezone(UTC)
    first = start.minute % QUARTER
    at = start - first * MINUTE
    days: dict[date, list[bool]] = {}
    for _ in range(MOST_MINUTES // QUARTER):
        local = at.astimezone(calendar.zone)
        on, minute = local.date(), local.hour * 60 + local.minute
        if on not in days:
            days[on] = worked_minutes(calendar, on)
        for worked in days[on][minute + first : minute + QUARTER]:
            yield on, worked
        first = 0
        at += QUARTER * MINUTE


def oracle(
    calendar: Calendar,
    start: datetime,
    limit: Limit,
    pauses: Sequence[Pause],
    cap: Limit | None,
    now: datetime,
) -> tuple[datetime, bool, int] | None:
    """Deadline, whether a pause is running, minutes of pause used; None: not within `MOST_MINUTES`."""
    days = limit.unit is Unit.WORKING_DAYS
    budget = _minutes_of_days(calendar, start, limit.amount) if days else limit.amount
    receipt = start.astimezone(calendar.zone).date()
    most = _cap_minutes(calendar, cap)
    still = set[int]()
    for pause in pauses:
        still.update(range((pause.start - start) // MINUTE, ((pause.end or now) - start) // MINUTE))
    counted = used = 0
    for number, (on, worked) in enumerate(wall_clock(calendar, start)):
        if limit.unit is Unit.MINUTES or (worked and not (days and on <= receipt)):
            if number in still and used < most:
                used += 1
            else:
                counted += 1
        if counted == budget:
            due = start + (number + 1) * MINUTE
            lasting = any(p.end is None and p.start <= now and p.start < due for p in pauses)
            return due, lasting and used < most, used
    return None


def _minutes_of_days(calendar: Calendar, start: datetime, days: int) -> float:
    """Working minutes of the first `days` dates after that of the start that have any."""
    receipt = start.astimezone(calendar.zone).date()
    total, dates = 0, set[date]()
    for on, worked in wall_clock(calendar, start):
        if worked and on > receipt:
            dates.add(on)
            if len(dates) > days:
                return total
            total += 1
    return total if len(dates) == days else FOR_EVER


def _cap_minutes(calendar: Calendar, cap: Limit | None) -> float:
    if cap is None:
        return FOR_EVER
    if cap.unit is Unit.WORKING_DAYS:
        return cap.amount * max(sum(s.closes - s.opens for s in spans) for spans in calendar.week)
    return cap.amount
