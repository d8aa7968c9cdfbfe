"""Why is it due then? Every day between start and deadline is named, and the sums are right."""

from datetime import date, timedelta

import pytest

from app.rules.worktime import (
    CountedDay,
    DayKind,
    Limit,
    Pause,
    PauseEffect,
    SkippedDay,
    SkipReason,
    WorktimeError,
    deadline,
    explain,
)
from tests.rules.worktime_calendars import SPRING, WITH_LUNCH, firm, local

HOUR, NOTHING = timedelta(hours=1), timedelta(0)


def skipped(on: date, reason: SkipReason, name: str = "") -> SkippedDay:
    return SkippedDay(on, reason, name)


def test_opened_late_on_a_holiday_eve_every_skipped_day_is_named() -> None:
    """The 14th is worked; the holidays last from the 15th to the 23rd."""
    found = explain(firm(*SPRING), local(2026, 2, 14, 23), Limit.working_days(1))
    assert found.deadline.at == local(2026, 2, 24, 17)
    assert found.days == (
        skipped(date(2026, 2, 14), SkipReason.DAY_OF_RECEIPT, "春节"),
        *(skipped(date(2026, 2, day), SkipReason.HOLIDAY, "春节") for day in range(15, 24)),
        CountedDay(date(2026, 2, 24), DayKind.WORKDAY, "", 8 * HOUR, NOTHING, 8 * HOUR, NOTHING),
    )


def test_working_hours_say_that_the_day_was_over() -> None:
    found = explain(firm(), local(2026, 10, 16, 17), Limit.working_hours(1))
    assert found.days == (
        skipped(date(2026, 10, 16), SkipReason.AFTER_HOURS),
        skipped(date(2026, 10, 17), SkipReason.REST_DAY),
        skipped(date(2026, 10, 18), SkipReason.REST_DAY),
        CountedDay(date(2026, 10, 19), DayKind.WORKDAY, "", HOUR, NOTHING, HOUR, NOTHING),
    )


def test_a_make_up_day_is_counted_by_name_and_what_is_left_falls() -> None:
    found = explain(firm(*SPRING, hours=WITH_LUNCH), local(2026, 2, 13, 16), Limit.working_hours(20))
    counted = [day for day in found.days if isinstance(day, CountedDay)]
    assert [(day.on.day, day.kind, day.name, day.counted // HOUR, day.left // HOUR) for day in counted] == [
        (13, DayKind.WORKDAY, "", 2, 18),
        (14, DayKind.MAKE_UP, "春节", 8, 10),
        (24, DayKind.WORKDAY, "", 8, 2),
        (25, DayKind.WORKDAY, "", 2, 0),
    ]


def test_a_deadline_at_closing_time_names_no_day_after_it() -> None:
    found = explain(firm(), local(2026, 10, 12, 9), Limit.working_hours(8))
    assert [day.on.day for day in found.days] == [12]


def test_pauses_say_what_they_moved_and_what_the_cap_cut() -> None:
    pauses = [
        Pause(local(2026, 10, 12, 17), local(2026, 10, 13, 9)),
        Pause(local(2026, 10, 13, 10), local(2026, 10, 13, 13)),
        Pause(local(2026, 10, 13, 12), local(2026, 10, 13, 16)),
        Pause(local(2026, 10, 20, 9), local(2026, 10, 20, 10)),
    ]
    arguments = (firm(), local(2026, 10, 12, 12), Limit.working_hours(10), pauses, Limit.working_hours(4))
    found = explain(*arguments)
    assert found.deadline == deadline(*arguments)
    assert found.pauses == (
        PauseEffect(local(2026, 10, 12, 17), local(2026, 10, 13, 9), NOTHING, NOTHING),
        PauseEffect(local(2026, 10, 13, 10), local(2026, 10, 13, 16), 4 * HOUR, 2 * HOUR),
    )
    tuesday = found.days[1]
    assert isinstance(tuesday, CountedDay)
    assert (tuesday.working, tuesday.paused, tuesday.counted) == (8 * HOUR, 4 * HOUR, 4 * HOUR)


def test_a_lasting_pause_has_no_end() -> None:
    since, now = local(2026, 10, 12, 11), local(2026, 10, 12, 16)
    found = explain(firm(), local(2026, 10, 12, 9), Limit.working_hours(4), [Pause(since, None)], now=now)
    assert found.pauses == (PauseEffect(since, None, 5 * HOUR, NOTHING),)
    with pytest.raises(WorktimeError, match="now_missing"):
        explain(firm(), since, Limit.working_hours(4), [Pause(since, None)])


def test_real_hours_list_no_days() -> None:
    weekend = Pause(local(2026, 10, 16, 17), local(2026, 10, 19, 9))
    found = explain(firm(), local(2026, 10, 16, 16), Limit.hours(24), [weekend])
    assert found.days == ()
    assert found.budget == 24 * HOUR
    assert found.pauses == (PauseEffect(weekend.start, weekend.end, 64 * HOUR, NOTHING),)


def test_what_can_not_be_reached_can_not_be_explained() -> None:
    with pytest.raises(WorktimeError, match="not_reached"):
        explain(firm(), local(2026, 10, 16, 16), Limit.working_days(10**6))
