"""The two ways in which time passes for a limit: real time, and the working time of a calendar.

A scale turns an instant into a position, which grows only while time passes for the limit, and back. Working time and
pauses are then plain sums of positions. Everything is in whole microseconds.
"""

from bisect import bisect_right
from typing import Protocol

from app.rules.worktime.calendar import Calendar
from app.rules.worktime.instants import END, FIRST_YEAR, LAST_YEAR, WorktimeError
from app.rules.worktime.years import YearTable, year_table


class Scale(Protocol):
    """What real time and working time have in common."""

    def position(self, at: int) -> int:
        """How much time has passed at an instant."""

    def locate(self, position: int) -> tuple[int, int] | None:
        """The first instant at which a position is reached, and its local year (0: depends on no calendar).

        None when it is never reached.
        """


class RealTime:
    """Time that always passes. The position is the instant."""

    def position(self, at: int) -> int:
        return at

    def locate(self, position: int) -> tuple[int, int] | None:
        return (position, 0) if position < END else None


class WorkingTime:
    """Time that passes during a calendar's working spans. Position 0 is the beginning of `first_year`."""

    __slots__ = ("_calendar", "_first", "_last", "_tables")

    def __init__(self, calendar: Calendar, first_year: int) -> None:
        if not FIRST_YEAR <= first_year <= LAST_YEAR:
            raise WorktimeError("out_of_range")
        self._calendar = calendar
        self._first = first_year
        self._last = LAST_YEAR if calendar.last_year is None else calendar.last_year
        self._tables: dict[int, YearTable] = {}

    def position(self, at: int) -> int:
        total = 0
        for year in range(self._first, self._last + 1):
            table = self._table(year)
            if at < table.until:
                return total + table.worked(at)
            total += table.total
        return total

    def locate(self, position: int) -> tuple[int, int] | None:
        for year in range(self._first, self._last + 1):
            table = self._table(year)
            total = table.total
            if position <= total:
                return table.reached(position), year
            position -= total
        return None

    def before_date(self, ordinal: int, year: int) -> int:
        """The position at the beginning of a date, which lies in `year` or is the first of the next."""
        whole = sum(self._table(past).total for past in range(self._first, year))
        return whole + self._table(year).worked_before(ordinal)

    def end_of_days(self, ordinal: int, year: int, days: int) -> int | None:
        """The position at the end of the `days`-th working day after a date in `year`; None: there are not so many."""
        total = sum(self._table(past).total for past in range(self._first, year))
        for current in range(year, self._last + 1):
            table = self._table(current)
            passed = bisect_right(table.dates, ordinal)
            if passed + days <= len(table.dates):
                return total + table.date_before[passed + days]
            days -= len(table.dates) - passed
            total += table.total
        return None

    def next_opening(self, at: int) -> int | None:
        """The instant itself while it is working time, else when working time next begins; None: never again."""
        for year in range(self._first, self._last + 1):
            table = self._table(year)
            if at >= table.until:
                continue
            index = bisect_right(table.opens, at)
            if index and at < table.closes[index - 1]:
                return at
            if index < len(table.opens):
                return table.opens[index]
        return None

    def _table(self, year: int) -> YearTable:
        """Asked for several times in one computation, and much nearer here than in the cache of all calendars."""
        found = self._tables.get(year)
        if found is None:
            found = self._tables[year] = year_table(self._calendar, year)
        return found
