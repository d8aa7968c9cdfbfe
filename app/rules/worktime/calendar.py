"""A working calendar: which minutes of which day are working time. Firm and units use the same type.

Hours are minutes of the local day, 0 to 1440, so that a day can end at 24:00. What a span means on a day on which
the clock jumps is decided in `years`; arithmetic is in `arithmetic` and `deadlines`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
WEEKDAYS = 7


class CalendarError(ValueError):
    """The calendar can't be used: `code` says why (see `Problem`), `place` where."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code} at {place}")
        self.code = code
        self.place = place


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a calendar that somebody is editing.

    `code`: `week_length`, `span_outside_day` (also: across midnight), `span_empty`, `spans_overlap`, `day_twice`,
    `name_missing`, `kind_not_special`, `closed_with_hours`, `hours_missing`, `hours_twice`, `no_such_weekday`.
    `place`: `week`, `week/<weekday>`, or the date in ISO.
    """

    code: str
    place: str


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Working from minute `opens` up to, not including, minute `closes` of the local day."""

    opens: int
    closes: int

    @property
    def minutes(self) -> int:
        """Length on a day without a clock change."""
        return self.closes - self.opens


Spans = tuple[Span, ...]


class DayKind(StrEnum):
    """What a day is. The first two come from the weekly pattern, the others from a special day."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    OWN_HOURS = "own_hours"


SPECIAL_KINDS = frozenset({DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.OWN_HOURS})


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date on which the weekly pattern does not hold.

    A holiday has no hours. A make-up working day takes either `spans` of its own, or with `like` those of a weekday
    (0 = Monday), as in “14 February is worked like a Friday”. A day with own hours has `spans`. Holidays and make-up
    days need a name, because it is what explains a deadline.
    """

    on: date
    kind: DayKind
    name: str = ""
    spans: Spans = ()
    like: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What one date is in a calendar: its hours (empty = closed), and the name of a special day, else ""."""

    on: date
    kind: DayKind
    name: str
    spans: Spans


@dataclass(frozen=True)
class Calendar:
    """Weekly pattern (Monday first), special days, time zone, and the years whose holidays are not yet known.

    Equal calendars are one calendar: what is computed from it is kept by its hash. Raises `CalendarError` with the
    first of `find_problems`.
    """

    zone: ZoneInfo
    week: tuple[Spans, ...]
    special_days: tuple[SpecialDay, ...] = ()
    provisional: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        problem = next(find_problems(self.week, self.special_days), None)
        if problem:
            raise CalendarError(problem.code, problem.place)
        object.__setattr__(self, "week", tuple(tuple(sorted(spans)) for spans in self.week))
        object.__setattr__(self, "special_days", tuple(sorted(self.special_days, key=lambda day: day.on)))

    def __hash__(self) -> int:
        return self._hash

    def day(self, on: date) -> Day:
        """What that date is."""
        special = self._by_date.get(on)
        if special:
            return Day(on, special.kind, special.name, self._hours(special))
        spans = self.week[on.weekday()]
        return Day(on, DayKind.WORKDAY if spans else DayKind.REST_DAY, "", spans)

    @cached_property
    def full_day_minutes(self) -> int:
        """Working minutes of the fullest weekday: what “a working day” is worth as an amount of time."""
        return max(sum(span.minutes for span in spans) for spans in self.week)

    @cached_property
    def last_year(self) -> int | None:
        """The last year with working time: None = there is no last one, 0 = there is no working time at all."""
        if any(self.week):
            return None
        return max((day.on.year for day in self.special_days if self._hours(day)), default=0)

    def _hours(self, special: SpecialDay) -> Spans:
        if special.like is None:
            return tuple(sorted(special.spans))
        # A firm that never works on the weekday that is moved works its own hours on that date, or not at all.
        return self.week[special.like] or self.week[special.on.weekday()]

    @cached_property
    def _by_date(self) -> Mapping[date, SpecialDay]:
        return {day.on: day for day in self.special_days}

    @cached_property
    def _hash(self) -> int:
        return hash((self.zone.key, self.week, self.special_days, self.provisional))


def find_problems(week: tuple[Spans, ...], special_days: tuple[SpecialDay, ...]) -> Iterator[Problem]:
    """Every fault, for a page that shows them all at once."""
    if len(week) != WEEKDAYS:
        yield Problem("week_length", "week")
    for weekday, spans in enumerate(week):
        yield from _span_problems(spans, f"week/{weekday}")
    seen: set[date] = set()
    for day in special_days:
        if day.on in seen:
            yield Problem("day_twice", day.on.isoformat())
        seen.add(day.on)
        yield from _special_problems(day)


def _span_problems(spans: Spans, place: str) -> Iterator[Problem]:
    for span in spans:
        if not 0 <= span.opens <= DAY_MINUTES or not 0 <= span.closes <= DAY_MINUTES:
            yield Problem("span_outside_day", place)
        elif span.closes <= span.opens:
            yield Problem("span_empty", place)
    ordered = sorted(spans)
    if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
        yield Problem("spans_overlap", place)


def _special_problems(day: SpecialDay) -> Iterator[Problem]:
    place = day.on.isoformat()
    yield from _span_problems(day.spans, place)
    if day.kind not in SPECIAL_KINDS:
        yield Problem("kind_not_special", place)
    if day.kind in (DayKind.HOLIDAY, DayKind.MAKE_UP) and not day.name.strip():
        yield Problem("name_missing", place)
    if day.like is not None and not 0 <= day.like < WEEKDAYS:
        yield Problem("no_such_weekday", place)
    if day.kind is DayKind.HOLIDAY:
        if day.spans or day.like is not None:
            yield Problem("closed_with_hours", place)
    elif day.spans and day.like is not None:
        yield Problem("hours_twice", place)
    elif not day.spans and day.like is None:
        yield Problem("hours_missing", place)
