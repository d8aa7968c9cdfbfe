"""Sums of working time, deadlines and pauses, by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.rules.worktime import (
    Calendar,
    DayKind,
    Limit,
    Pause,
    Span,
    SpecialDay,
    WorktimeError,
    add,
    add_days,
    deadline,
    is_open,
    next_opening,
    working_time,
)
from tests.rules.worktime_calendars import FRIDAY, SHANGHAI, SPRING, WITH_LUNCH, firm, local, week

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NEVER = Calendar(SHANGHAI, week(days=0))


# The cases on which other systems failed.


def test_a_pause_from_closing_to_opening_changes_nothing() -> None:
    start = local(2026, 10, 12, 9)
    night = Pause(local(2026, 10, 12, 17), local(2026, 10, 13, 9))
    found = deadline(firm(), start, Limit.working_hours(8), [night])
    assert found.at == local(2026, 10, 12, 17)
    assert found.paused == timedelta(0)


@pytest.mark.parametrize("limit", [Limit.working_hours(20), Limit.working_days(3)])
def test_a_pause_over_a_weekend_gives_no_extra_days(limit: Limit) -> None:
    start = local(2026, 10, 15, 10)  # a Thursday
    weekend = Pause(local(2026, 10, 16, 17), local(2026, 10, 19, 9))
    assert deadline(firm(), start, limit, [weekend]).at == deadline(firm(), start, limit).at


def test_a_make_up_saturday_counts_and_the_bridging_monday_does_not() -> None:
    calendar = firm(*SPRING)
    friday = local(2026, 2, 13, 10)
    assert add_days(calendar, friday, 1) == local(2026, 2, 14, 17)  # Saturday, worked like a Friday
    assert add_days(calendar, friday, 2) == local(2026, 2, 24, 17)  # Monday the 23rd is made up on the 28th
    assert add(calendar, local(2026, 2, 14, 16), 2 * HOUR) == local(2026, 2, 24, 10)
    assert working_time(calendar, local(2026, 2, 28, 0), local(2026, 3, 1, 0)) == 8 * HOUR


# Working days.


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (local(2026, 10, 12, 8), local(2026, 10, 15, 17)),  # Monday before opening
        (local(2026, 10, 12, 10), local(2026, 10, 15, 17)),
        (local(2026, 10, 12, 23, 59), local(2026, 10, 15, 17)),
        (local(2026, 10, 16, 16), local(2026, 10, 21, 17)),  # Friday
        (local(2026, 10, 17, 10), local(2026, 10, 21, 17)),  # Saturday
        (local(2026, 10, 18, 23), local(2026, 10, 21, 17)),  # Sunday
    ],
)
def test_three_working_days_end_with_the_third_day_after_the_day_of_receipt(
    received: datetime, due: datetime
) -> None:
    assert deadline(firm(), received, Limit.working_days(3)).at == due
    assert add_days(firm(), received, 3) == due


def test_the_day_of_receipt_is_the_firms_day() -> None:
    received = datetime(2026, 10, 12, 17, tzinfo=UTC)  # already Tuesday in Shanghai
    assert add_days(firm(), received, 1) == local(2026, 10, 14, 17)


def test_a_short_day_is_a_working_day() -> None:
    short = SpecialDay(date(2026, 10, 13), DayKind.OWN_HOURS, "Stocktaking", spans=(Span(540, 600),))
    assert add_days(firm(short), local(2026, 10, 12, 9), 1) == local(2026, 10, 13, 10)


def test_a_pause_moves_working_days_by_the_hours_it_cost() -> None:
    start = local(2026, 10, 12, 10)
    morning = Pause(local(2026, 10, 13, 8), local(2026, 10, 13, 12))
    assert deadline(firm(), start, Limit.working_days(3), [morning]).at == local(2026, 10, 16, 12)


def test_a_pause_on_the_day_of_receipt_costs_nothing_because_that_day_does_not_count() -> None:
    start = local(2026, 10, 12, 10)
    pause = Pause(local(2026, 10, 12, 11), local(2026, 10, 12, 15))
    found = deadline(firm(), start, Limit.working_days(3), [pause], Limit.working_hours(1))
    assert (found.at, found.paused, found.cut) == (local(2026, 10, 15, 17), timedelta(0), timedelta(0))


# Sums.


def test_lunch_is_not_working_time() -> None:
    calendar = firm(hours=WITH_LUNCH)
    assert working_time(calendar, local(2026, 10, 12, 11), local(2026, 10, 12, 14)) == 2 * HOUR
    assert add(calendar, local(2026, 10, 12, 11), 2 * HOUR) == local(2026, 10, 12, 14)
    assert add(calendar, local(2026, 10, 12, 9), 3 * HOUR) == local(2026, 10, 12, 12)


def test_seconds_are_kept() -> None:
    start = local(2026, 10, 12, 16, 59, 59, 999_999)
    assert add(firm(), start, timedelta(microseconds=2)) == local(2026, 10, 13, 9, 0, 0, 1)
    assert working_time(firm(), start, local(2026, 10, 20)) == timedelta(microseconds=1) + 5 * 8 * HOUR


def test_nothing_added_is_the_same_moment_also_at_night() -> None:
    assert add(firm(), local(2026, 10, 11, 3), timedelta(0)) == local(2026, 10, 11, 3)


def test_a_day_may_end_at_midnight() -> None:
    calendar = Calendar(SHANGHAI, week(Span(0, 1440), days=7))
    assert working_time(calendar, local(2026, 12, 30), local(2027, 1, 2)) == 72 * HOUR
    assert add_days(calendar, local(2026, 12, 30, 5), 1) == local(2027, 1, 1)


def test_sums_run_over_the_turn_of_years() -> None:
    start, end = local(2024, 12, 31, 16), local(2027, 1, 1, 10)
    assert working_time(firm(), start, end) == add_up(firm(), start, end)
    assert add(firm(), start, working_time(firm(), start, end)) == end


def add_up(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Hour by hour."""
    hours, at = 0, start
    while at < end:
        hours += is_open(calendar, at)
        at += HOUR
    return hours * HOUR


def test_the_next_opening() -> None:
    calendar = firm(*SPRING)
    assert next_opening(calendar, local(2026, 2, 14, 17)) == local(2026, 2, 24, 9)
    assert next_opening(calendar, local(2026, 2, 24, 8, 59)) == local(2026, 2, 24, 9)
    assert next_opening(calendar, local(2026, 2, 24, 12)) == local(2026, 2, 24, 12)
    assert is_open(calendar, local(2026, 2, 24, 9))
    assert not is_open(calendar, local(2026, 2, 24, 17))


# Clock changes.


def test_a_night_shift_loses_the_skipped_hour_and_gains_the_doubled_one() -> None:
    calendar = Calendar(BERLIN, week(Span(0, 6 * 60), days=7))
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    for day, hours in ((spring, 5), (autumn, 7), (date(2027, 6, 1), 6)):
        start = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
        assert working_time(calendar, start, start + timedelta(days=1)) == hours * HOUR


def test_a_span_inside_the_skipped_hour_does_not_exist() -> None:
    calendar = Calendar(BERLIN, week(Span(2 * 60 + 15, 2 * 60 + 45), days=7))
    start = local(2027, 3, 27, 12, zone=BERLIN)
    assert next_opening(calendar, start) == local(2027, 3, 29, 2, 15, zone=BERLIN)
    assert add_days(calendar, start, 1) == local(2027, 3, 29, 2, 45, zone=BERLIN)


def test_a_span_inside_the_doubled_hour_comes_twice() -> None:
    calendar = Calendar(BERLIN, week(Span(2 * 60 + 15, 2 * 60 + 45), days=7))
    start = local(2027, 10, 30, 12, zone=BERLIN)
    assert working_time(calendar, start, start + timedelta(days=1)) == HOUR
    assert add(calendar, start, 31 * MINUTE) == datetime(2027, 10, 31, 1, 16, tzinfo=UTC)


def test_office_hours_do_not_notice_the_jump() -> None:
    calendar = firm(zone=BERLIN)
    friday = local(2027, 3, 26, 16, zone=BERLIN)
    assert add(calendar, friday, 2 * HOUR) == local(2027, 3, 29, 10, zone=BERLIN)


def test_a_day_that_a_zone_left_out_is_no_working_day() -> None:
    calendar = firm(zone=ZoneInfo("Pacific/Apia"))  # 30 December 2011, a Friday, was skipped
    thursday = local(2011, 12, 29, 9, zone=calendar.zone)
    assert add_days(calendar, thursday, 1) == local(2012, 1, 2, 17, zone=calendar.zone)


# Pauses.


def test_overlapping_pauses_count_once() -> None:
    start = local(2026, 10, 12, 9)
    pauses = [
        Pause(local(2026, 10, 12, 11), local(2026, 10, 12, 13)),
        Pause(local(2026, 10, 12, 10), local(2026, 10, 12, 12)),
    ]
    found = deadline(firm(), start, Limit.working_hours(4), pauses)
    assert (found.at, found.paused) == (local(2026, 10, 12, 16), 3 * HOUR)


def test_real_hours_are_moved_by_real_time() -> None:
    start = local(2026, 10, 16, 16)
    weekend = Pause(local(2026, 10, 16, 17), local(2026, 10, 19, 9))
    assert deadline(firm(), start, Limit.hours(24), [weekend]).at == local(2026, 10, 20, 8)


def test_a_pause_after_the_deadline_comes_too_late() -> None:
    start = local(2026, 10, 12, 9)
    late = Pause(local(2026, 10, 12, 13), local(2026, 10, 13, 13))
    assert deadline(firm(), start, Limit.working_hours(4), [late]).at == local(2026, 10, 12, 13)


def test_a_pause_that_began_before_counts_from_the_start() -> None:
    start = local(2026, 10, 12, 12)
    early = Pause(local(2026, 10, 11, 9), local(2026, 10, 12, 13))
    assert deadline(firm(), start, Limit.working_hours(2), [early]).at == local(2026, 10, 12, 15)


def test_the_cap_ends_a_pause() -> None:
    start = local(2026, 10, 12, 9)
    long = Pause(local(2026, 10, 12, 10), local(2026, 10, 14, 10))
    found = deadline(firm(), start, Limit.working_hours(4), [long], Limit.working_hours(2))
    # Work stood still from 10 to 12; from then on the pause counts all the same.
    assert (found.at, found.paused, found.cut) == (local(2026, 10, 12, 15), 2 * HOUR, 3 * HOUR)


def test_a_cap_in_working_days_is_worth_full_days() -> None:
    start = local(2026, 10, 12, 9)
    long = Pause(local(2026, 10, 13, 9), local(2026, 10, 16, 17))
    found = deadline(firm(), start, Limit.working_days(2), [long], Limit.working_days(1))
    assert found.at == local(2026, 10, 15, 17)


def test_an_open_pause_keeps_the_deadline_running_ahead_until_the_cap() -> None:
    start, since = local(2026, 10, 12, 9), local(2026, 10, 12, 11)
    arguments = (firm(), start, Limit.working_hours(4), [Pause(since, None)], Limit.working_hours(8))
    early = deadline(*arguments, now=local(2026, 10, 12, 16))
    assert (early.at, early.running) == (local(2026, 10, 13, 10), True)
    late = deadline(*arguments, now=local(2026, 10, 15, 12))
    assert (late.at, late.running) == (local(2026, 10, 13, 13), False)


def test_an_open_pause_that_began_after_the_deadline_stops_nothing() -> None:
    start, since = local(2026, 10, 12, 9), local(2026, 10, 12, 13)
    found = deadline(firm(), start, Limit.working_hours(4), [Pause(since, None)], now=local(2026, 10, 20))
    assert (found.at, found.running) == (since, False)


# What has no answer.


def test_a_calendar_without_working_time_is_told_at_once() -> None:
    start = local(2026, 10, 12, 9)
    assert next_opening(NEVER, start) is None
    assert working_time(NEVER, start, local(2090, 1, 1)) == timedelta(0)
    for question in (
        lambda: add(NEVER, start, MINUTE),
        lambda: add_days(NEVER, start, 1),
        lambda: deadline(NEVER, start, Limit.working_hours(1)),
        lambda: deadline(NEVER, start, Limit.working_days(1)),
        lambda: deadline(firm(), start, Limit.working_days(10**9)),
        lambda: deadline(firm(), start, Limit.working_hours(10**9)),
        lambda: deadline(firm(), start, Limit.hours(10**9)),
    ):
        with pytest.raises(WorktimeError, match="not_reached"):
            question()
    assert deadline(NEVER, start, Limit.hours(24)).at == local(2026, 10, 13, 9)


def test_a_calendar_of_single_days_only_ends_with_them() -> None:
    fair = SpecialDay(date(2028, 5, 6), DayKind.OWN_HOURS, spans=(Span(600, 660),))
    calendar = Calendar(SHANGHAI, week(days=0), (fair,))
    assert add_days(calendar, local(2026, 1, 1), 1) == local(2028, 5, 6, 11)
    assert next_opening(calendar, local(2028, 5, 6, 11)) is None
    with pytest.raises(WorktimeError, match="not_reached"):
        add(calendar, local(2026, 1, 1), 61 * MINUTE)


def test_questions_that_make_no_sense() -> None:
    start, end = local(2026, 10, 12, 9), local(2026, 10, 12, 10)
    questions = {
        "no_zone": lambda: add(firm(), start.replace(tzinfo=None), MINUTE),
        "out_of_range": lambda: add(firm(), start.replace(year=9000), MINUTE),
        "ends_before_start": lambda: working_time(firm(), end, start),
        "negative_amount": lambda: add(firm(), start, -MINUTE),
        "limit_not_positive": lambda: Limit.hours(0),
        "cap_unit": lambda: deadline(firm(), start, Limit.hours(1), (), Limit.working_days(1)),
        "now_missing": lambda: deadline(firm(), start, Limit.hours(1), [Pause(start, None)]),
    }
    for code, question in questions.items():
        with pytest.raises(WorktimeError) as caught:
            question()
        assert caught.value.code == code
    with pytest.raises(WorktimeError, match="ends_before_start"):
        deadline(firm(), start, Limit.hours(1), [Pause(end, start)])
    with pytest.raises(WorktimeError, match="negative_amount"):
        add_days(firm(), start, 0)


def test_a_deadline_names_the_provisional_years_it_depends_on() -> None:
    known = Calendar(SHANGHAI, week(Span(540, 1020)), provisional=frozenset({2027, 2028}))
    december = local(2026, 12, 30, 10)
    assert deadline(known, december, Limit.working_days(1)).provisional == ()
    assert deadline(known, december, Limit.working_days(3)).provisional == (2027,)
    assert deadline(known, december, Limit.hours(72)).provisional == ()


def test_moved_hours_of_a_weekday_that_is_never_worked_are_the_days_own() -> None:
    tuesday_to_saturday = tuple(() if day in (0, 6) else (Span(540, 1020),) for day in range(7))
    made_up = SpecialDay(date(2026, 2, 28), DayKind.MAKE_UP, "春节", like=0)
    calendar = Calendar(SHANGHAI, tuesday_to_saturday, (made_up,))
    assert calendar.day(date(2026, 2, 28)).spans == (Span(540, 1020),)
    assert calendar.day(date(2026, 3, 2)).kind is DayKind.REST_DAY
    assert firm(*SPRING).day(date(2026, 2, 28)).spans == firm().week[FRIDAY]
