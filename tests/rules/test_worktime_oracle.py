"""Deadlines agree with counting minute by minute, on random calendars, pauses, caps and limits."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rules.worktime import (
    Calendar,
    CountedDay,
    DayKind,
    Limit,
    Pause,
    Span,
    SpecialDay,
    Unit,
    WorktimeError,
    deadline,
    explain,
)
from tests.rules.worktime_oracle import MOST_MINUTES, oracle

# A zone, and days around which its clock jumps: by an hour at night, by half an hour, by two, at midnight itself, to
# where a date comes twice, and never.
ZONES = {
    "Asia/Shanghai": (date(2026, 2, 12), date(2026, 12, 30)),
    "Europe/Berlin": (date(2026, 3, 27), date(2026, 10, 23), date(2027, 12, 29)),
    "America/New_York": (date(2026, 3, 6), date(2026, 10, 30)),
    "Australia/Lord_Howe": (date(2026, 4, 3), date(2026, 10, 2)),
    "Antarctica/Troll": (date(2026, 3, 27), date(2026, 10, 23)),
    "America/Havana": (date(2026, 3, 6), date(2026, 10, 30)),
    "America/Asuncion": (date(2024, 3, 22), date(2023, 9, 29)),
    "Pacific/Apia": (date(2011, 12, 28), date(2011, 4, 1)),
}


@dataclass(frozen=True)
class Example:
    calendar: Calendar
    start: datetime
    limit: Limit
    pauses: tuple[Pause, ...]
    cap: Limit | None
    now: datetime


@st.composite
def spans(draw: st.DrawFn, least: int = 0) -> tuple[Span, ...]:
    edges = draw(st.lists(st.integers(0, 1440), min_size=2 * least, max_size=6, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def special_days(draw: st.DrawFn, around: date) -> tuple[SpecialDay, ...]:
    found = []
    for number in draw(st.lists(st.integers(0, 9), max_size=4, unique=True)):
        on = around + timedelta(days=number)
        kind = draw(st.sampled_from([DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.OWN_HOURS]))
        if kind is DayKind.HOLIDAY:
            found.append(SpecialDay(on, kind, "holiday"))
        elif kind is DayKind.MAKE_UP and draw(st.booleans()):
            found.append(SpecialDay(on, kind, "make-up", like=draw(st.integers(0, 6))))
        else:
            found.append(SpecialDay(on, kind, "own", spans=draw(spans(least=1))))
    return tuple(found)


@st.composite
def pauses(draw: st.DrawFn, start: datetime) -> tuple[tuple[Pause, ...], datetime]:
    """Up to four, overlapping or not, and a present after all that have ended."""
    found, latest = [], start
    for _ in range(draw(st.integers(0, 3))):
        begin = start + timedelta(minutes=draw(st.integers(-200, 1500)))
        end = begin + timedelta(minutes=draw(st.integers(0, 1000)))
        found.append(Pause(begin, end))
        latest = max(latest, end)
    now = latest + timedelta(minutes=draw(st.integers(0, 1000)))
    if draw(st.booleans()):
        found.append(Pause(start + timedelta(minutes=draw(st.integers(-200, 1500))), None))
    return tuple(draw(st.permutations(found))), now


@st.composite
def examples(draw: st.DrawFn) -> Example:
    name = draw(st.sampled_from(sorted(ZONES)))
    around = draw(st.sampled_from(ZONES[name]))
    kinds_of_day = [draw(spans(least=1)), draw(spans()), ()]
    week = tuple(draw(st.lists(st.sampled_from(kinds_of_day), min_size=7, max_size=7)))
    calendar = Calendar(ZoneInfo(name), week, draw(special_days(around)))
    minutes = draw(st.integers(0, 4 * 1440))
    start = datetime(around.year, around.month, around.day, tzinfo=UTC) + timedelta(minutes=minutes)
    unit = draw(st.sampled_from(list(Unit)))
    days = unit is Unit.WORKING_DAYS
    limit = Limit(draw(st.integers(1, 3 if days else 900)), unit)
    cap_unit = unit
    if unit is not Unit.MINUTES:
        cap_unit = draw(st.sampled_from([Unit.WORKING_MINUTES, Unit.WORKING_DAYS]))
    most = 2 if cap_unit is Unit.WORKING_DAYS else 900
    cap = draw(st.none() | st.builds(Limit, st.integers(1, most), st.just(cap_unit)))
    waits, now = draw(pauses(start))
    return Example(calendar, start, limit, waits, cap, now)


REACHED: Counter[str] = Counter()


def agree(example: Example) -> None:
    arguments: Any = (example.calendar, example.start, example.limit, example.pauses, example.cap)
    expected = oracle(*arguments, example.now)
    if expected is None:
        with contextlib.suppress(WorktimeError):
            late = deadline(*arguments, now=example.now).at
            assert late > example.start + timedelta(minutes=MOST_MINUTES)
        return
    found = deadline(*arguments, now=example.now)
    assert (found.at, found.running, found.paused // timedelta(minutes=1)) == expected
    explanation = explain(*arguments, now=example.now)
    assert explanation.deadline == found
    counted = sum((d.counted for d in explanation.days if isinstance(d, CountedDay)), timedelta())
    assert example.limit.unit is Unit.MINUTES or counted == explanation.budget
    assert sum((pause.moved for pause in explanation.pauses), timedelta()) == found.paused
    assert sum((pause.cut for pause in explanation.pauses), timedelta()) == found.cut
    REACHED.update(running=found.running, paused=bool(found.paused), cut=bool(found.cut), all=1)


PROFILE: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


@given(examples())
@settings(max_examples=300, **PROFILE)
def test_deadlines_agree_with_counting_minutes(example: Example) -> None:
    agree(example)


@pytest.mark.slow
def test_ten_thousand_deadlines_agree_with_counting_minutes() -> None:
    REACHED.clear()
    given(examples())(settings(max_examples=10_000, **PROFILE)(agree))()
    # The search must have come by what it is there to find.
    assert all(REACHED[case] > REACHED["all"] / 50 for case in ("running", "paused", "cut")), REACHED
    assert REACHED["all"] > 9_000
