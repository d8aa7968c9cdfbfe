"""A calendar laid out over one year as instants, with running sums, so that every question is one binary search.

A moment is working time exactly if the wall clock then shows a time within a span of that date. So a span across a
jump of the clock loses or gains what the clock does, one that lies inside a skipped hour does not exist, and one that
lies inside a doubled hour comes twice.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.rules.worktime.calendar import Calendar
from app.rules.worktime.instants import DAY, EPOCH_ORDINAL, MICROSECOND, MINUTE, SECOND, instant

# About 15 kB each. A firm with thirty units that asks about this year, the last and the next uses a hundred.
KEPT_YEARS = 512


@dataclass(frozen=True, slots=True)
class YearTable:
    """Working spans of one local year, in order. All values are microseconds, instants since 1970 in UTC.

    `before[i]` is the working time of the year before span i, with the whole year's as one more entry at the end;
    `dates` are the ordinals of the dates that have working time, `date_before` the working time before each, again
    with the whole year's at the end. `until` is the first instant after the year.
    """

    until: int
    opens: "array[int]"
    closes: "array[int]"
    before: "array[int]"
    dates: "array[int]"
    date_before: "array[int]"

    @property
    def total(self) -> int:
        """Working time of the year."""
        return self.before[-1]

    def worked(self, at: int) -> int:
        """Working time of the year before an instant."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at, self.closes[index]) - self.opens[index]

    def reached(self, worked: int) -> int:
        """The first instant at which so much has been worked; `worked` lies in 1..total."""
        index = bisect_left(self.before, worked) - 1
        return self.opens[index] + worked - self.before[index]

    def worked_before(self, ordinal: int) -> int:
        """Working time of the year before a date."""
        return self.date_before[bisect_left(self.dates, ordinal)]


@lru_cache(maxsize=KEPT_YEARS)
def year_table(calendar: Calendar, year: int) -> YearTable:
    """The layout of one year, kept while it is used."""
    pieces = list(_pieces(calendar.zone, year))
    opens, closes, before = array("q"), array("q"), array("q", [0])
    dates, date_before = array("q"), array("q")
    for ordinal, start, end in _spans(calendar, year, pieces):
        if not dates or dates[-1] != ordinal:
            dates.append(ordinal)
            date_before.append(before[-1])
        opens.append(start)
        closes.append(end)
        before.append(before[-1] + end - start)
    date_before.append(before[-1])
    return YearTable(_end_of_year(year, pieces), opens, closes, before, dates, date_before)


def _spans(
    calendar: Calendar, year: int, pieces: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Ordinal of the date, start and end of every working span."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    for begin, end, offset in pieces:
        local_begin, local_end = begin + offset, end + offset
        from_date = max(first, local_begin // DAY + EPOCH_ORDINAL)
        to_date = min(last, (local_end - 1) // DAY + EPOCH_ORDINAL)
        for ordinal in range(from_date, to_date + 1):
            midnight = (ordinal - EPOCH_ORDINAL) * DAY
            for span in calendar.day(date.fromordinal(ordinal)).spans:
                low = max(midnight + span.opens * MINUTE, local_begin)
                high = min(midnight + span.closes * MINUTE, local_end)
                if low < high:
                    yield ordinal, low - offset, high - offset


def _pieces(zone: ZoneInfo, year: int) -> Iterator[tuple[int, int, int]]:
    """Begin, end and offset of the stretches in which the offset from UTC stays, from before to after the year.

    The offset is looked up once a day, so two changes within one day that cancel out would be missed; no zone has
    had such since 1971.
    """
    moment = begin = (date(year, 1, 1).toordinal() - EPOCH_ORDINAL - 2) * DAY
    end = (date(year + 1, 1, 1).toordinal() - EPOCH_ORDINAL + 2) * DAY
    offset = _offset(zone, begin)
    while moment < end:
        later = _offset(zone, moment + DAY)
        if later != offset:
            change = _change(zone, moment, moment + DAY)
            yield begin, change, offset
            begin, offset = change, later
        moment += DAY
    yield begin, end, offset


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = instant(at).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // MICROSECOND


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The second at which the offset changes, between two instants where it differs."""
    offset = _offset(zone, low)
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        if _offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _end_of_year(year: int, pieces: list[tuple[int, int, int]]) -> int:
    """The first instant at which the wall clock shows the next year."""
    midnight = (date(year + 1, 1, 1).toordinal() - EPOCH_ORDINAL) * DAY
    return next(max(begin, midnight - offset) for begin, end, offset in pieces if end + offset > midnight)
