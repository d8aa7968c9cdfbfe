"""Deadlines agree with counting minute by minute, on random calendars, pauses, caps and limits."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
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


def spans(rng: Random, most: int = 3) -> tuple[Span, ...]:
    edges = sorted(rng.sample(range(1441), 2 * rng.randint(1, most)))
    return tuple(Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True))


def special_days(rng: Random, around: date) -> tuple[SpecialDay, ...]:
    found = []
    for number in rng.sample(range(10), rng.randint(0, 4)):
        on = around + timedelta(days=number)
        kind = rng.choice([DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.OWN_HOURS])
        if kind is DayKind.HOLIDAY:
            found.append(SpecialDay(on, kind, "holiday"))
        elif kind is DayKind.MAKE_UP and rng.random() < 0.5:
            found.append(SpecialDay(on, kind, "make-up", like=rng.randrange(7)))
        else:
            found.append(SpecialDay(on, kind, "own", spans=spans(rng)))
    return tuple(found)


def pauses(rng: Random, start: datetime) -> tuple[tuple[Pause, ...], datetime]:
    """Up to four, overlapping or not, and a present after all that have ended."""
    found, latest = [], start
    for _ in range(rng.randint(0, 3)):
        begin = start + timedelta(minutes=rng.randint(-200, 1500))
        end = begin + timedelta(minutes=rng.randint(0, 1000))
        found.append(Pause(begin, end))
        latest = max(latest, end)
    now = latest + timedelta(minutes=rng.randint(0, 1000))
    if rng.random() < 0.5:
        found.append(Pause(start + timedelta(minutes=rng.randint(-200, 1500)), None))
    rng.shuffle(found)
    return tuple(found), now


def an_example(rng: Random) -> Example:
    name = rng.choice(sorted(ZONES))
    around = rng.choice(ZONES[name])
    kinds_of_day = [spans(rng), spans(rng), ()]
    week = tuple(rng.choice(kinds_of_day) for _ in range(7))
    calendar = Calendar(ZoneInfo(name), week, special_days(rng, around))
    start = datetime(around.year, around.month, around.day, tzinfo=UTC)
    start += timedelta(minutes=rng.randint(0, 4 * 1440))
    limit = _amount(rng, rng.choice(list(Unit)), days=3)
    cap_unit = Unit.MINUTES
    if limit.unit is not Unit.MINUTES:
        cap_unit = rng.choice([Unit.WORKING_MINUTES, Unit.WORKING_DAYS])
    cap = _amount(rng, cap_unit, days=2) if rng.random() < 0.5 else None
    waits, now = pauses(rng, start)
    return Example(calendar, start, limit, waits, cap, now)


def _amount(rng: Random, unit: Unit, *, days: int) -> Limit:
    return Limit(rng.randint(1, days if unit is Unit.WORKING_DAYS else 900), unit)


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


# Each draw of the generator is one that hypothesis can make smaller.
@given(st.builds(an_example, st.randoms(use_true_random=False)))
@settings(max_examples=300, **PROFILE)
def test_deadlines_agree_with_counting_minutes(example: Example) -> None:
    agree(example)


@pytest.mark.slow
def test_ten_thousand_deadlines_agree_with_counting_minutes() -> None:
    REACHED.clear()
    # A generator of its own for each example is five times as fast, at the price of large counterexamples.
    examples = st.builds(an_example, st.randoms(use_true_random=True))
    given(examples)(settings(max_examples=10_000, **PROFILE)(agree))()
    # The search must have come by what it is there to find.
    assert all(REACHED[case] > REACHED["all"] / 50 for case in ("running", "paused", "cut")), REACHED
    assert REACHED["all"] > 9_000
