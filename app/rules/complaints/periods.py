"""Periods that figures are counted over: a month, a quarter, a year, or any days; and those they are compared with."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.errors import Refused

LONGEST_DAYS = 1100
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_CODE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?", re.ASCII)


class Length(StrEnum):
    """What kind of period it is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True)
class Period:
    """From the first day on, up to but not with `end`."""

    length: Length
    first: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def code(self) -> str:
        """2026-09, 2026-Q3, 2026; or both days, as `parse` reads them."""
        if self.length is Length.MONTH:
            return f"{self.first:%Y-%m}"
        if self.length is Length.QUARTER:
            return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
        if self.length is Length.YEAR:
            return f"{self.first.year}"
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    def before(self) -> "Period":
        """The one of the same length directly before."""
        if self.length is Length.DAYS:
            return Period(self.length, self.first - timedelta(days=self.days), self.first)
        return Period(self.length, months_later(self.first, -_MONTHS_OF[self.length]), self.first)

    def year_before(self) -> "Period":
        """The same one a year earlier."""
        if self.length is Length.DAYS:
            first = months_later(self.first, -12)
            return Period(self.length, first, first + timedelta(days=self.days))
        return Period(self.length, months_later(self.first, -12), months_later(self.end, -12))

    def begun(self, today: date) -> int | None:
        """How many of its days have begun, if not all of it is over; None when it is."""
        return None if self.end <= today else max((today - self.first).days + 1, 0)

    def cut(self, days: int | None) -> "Period":
        """Its first days, to be compared with a period that is not over; it keeps its name."""
        if days is None or days >= self.days:
            return self
        return Period(self.length, self.first, self.first + timedelta(days=days))


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def starting(length: Length, first: date) -> Period:
    """The month, quarter or year that begins on a day."""
    return Period(length, first, months_later(first, _MONTHS_OF[length]))


def last_month(today: date) -> Period:
    """The last one that is over."""
    return starting(Length.MONTH, months_later(today.replace(day=1), -1))


def recent(length: Length, today: date, count: int) -> list[Period]:
    """The present one and those before it, the latest first."""
    step = _MONTHS_OF[length]
    first = date(today.year, (today.month - 1) // step * step + 1, 1)
    return [starting(length, months_later(first, -step * back)) for back in range(count)]


def parse(code: str) -> Period:
    """The period that a code names. Raises `Refused`: `no_period`, `ends_before`, `too_long`."""
    if "_" in code:
        first, _sign, last = code.partition("_")
        return of_days(first, last)
    match = _CODE.fullmatch(code)
    if match is None:
        raise Refused("no_period")
    year, month, quarter = (int(match[name] or 0) for name in ("year", "month", "quarter"))
    if not EARLIEST.year <= year < LATEST.year:
        raise Refused("no_period")
    if month:
        return starting(Length.MONTH, date(year, month, 1))
    if quarter:
        return starting(Length.QUARTER, date(year, 3 * quarter - 2, 1))
    return starting(Length.YEAR, date(year, 1, 1))


def of_days(first: str, last: str) -> Period:
    """From one day to another, both with it. Raises `Refused` as `parse`."""
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Refused("no_period") from None
    if not (EARLIEST <= begin < LATEST and EARLIEST <= end < LATEST):
        raise Refused("no_period")
    if end < begin:
        raise Refused("ends_before")
    if (end - begin).days >= LONGEST_DAYS:
        raise Refused("too_long")
    return Period(Length.DAYS, begin, end + timedelta(days=1))
