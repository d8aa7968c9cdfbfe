"""The first six of the cases that broke other systems (workflows), each as it is told there."""

from datetime import datetime, timedelta

import pytest

from app.rules.clocks import (
    Calendars,
    Case,
    Clock,
    Event,
    Kind,
    Policies,
    Policy,
    Severity,
    next_event,
    read,
    why,
)
from app.rules.worktime import (
    DayKind,
    Limit,
    Pause,
    SkippedDay,
    SkipReason,
    SpecialDay,
    deadline,
)
from tests.rules.worktime_calendars import SPRING, firm, local

DAYS = Policies(
    1,
    {
        (None, severity): Policy(
            acknowledge=Limit.hours(24),
            department=Limit.working_days(2),
            resolve=Limit.working_days(3),
            callback=Limit.working_days(2),
            critical=severity is Severity.URGENT,
        )
        for severity in Severity
    },
)


def received(at: datetime, severity: str = "general") -> Event:
    return Event(Kind.RECEIVED, at, {"severity": severity})


def test_1_a_pause_from_closing_to_opening_leaves_the_due_time() -> None:
    """Case 1 of the workflows. Work 09–17, 8 h limit, start 09:00, paused 17:00 to next 09:00."""
    start, end = local(2026, 3, 2, 9), local(2026, 3, 2, 17)
    limit = Limit.working_hours(8)
    plain = deadline(firm(), start, limit)
    paused = deadline(firm(), start, limit, [Pause(end, local(2026, 3, 3, 9))])
    assert paused.at == plain.at == end


@pytest.mark.parametrize("limit", [Limit.working_days(3), Limit.working_hours(20)])
def test_2_a_pause_over_a_weekend_gives_no_extra_days(limit: Limit) -> None:
    """Case 2 of the workflows."""
    start = local(2026, 3, 5, 9)
    weekend = Pause(local(2026, 3, 6, 17), local(2026, 3, 9, 9))
    assert deadline(firm(), start, limit, [weekend]).at == deadline(firm(), start, limit).at


def test_3_a_make_up_saturday_counts_and_the_bridging_monday_does_not() -> None:
    """Case 3 of the workflows. 14 February 2026 is worked; Monday the 16th bridges to the Spring Festival."""
    calendar = firm(*SPRING)
    assert deadline(calendar, local(2026, 2, 13, 10), Limit.working_days(1)).at == local(2026, 2, 14, 17)
    assert deadline(calendar, local(2026, 2, 14, 10), Limit.working_days(1)).at == local(2026, 2, 24, 17)


def test_4_opened_at_23_on_a_holiday_eve_every_skipped_day_is_named() -> None:
    """Case 4 of the workflows."""
    case = Case((received(local(2026, 2, 14, 23)),), DAYS, Calendars(1, firm(*SPRING)))
    run = next(one.run for one in read(case, now=local(2026, 2, 25)).all if one.run.clock is Clock.CUSTOMER)
    explanation = why(case, run, now=local(2026, 2, 25))
    assert explanation is not None
    skipped = [day for day in explanation.days if isinstance(day, SkippedDay)]
    assert skipped[0].reason is SkipReason.DAY_OF_RECEIPT
    assert [(day.on.day, day.reason, day.name) for day in skipped[1:]] == [
        (day, SkipReason.HOLIDAY, "春节") for day in range(15, 24)
    ]
    assert explanation.deadline.at == local(2026, 2, 26, 17)


def test_5_a_breach_at_two_at_night_is_told_at_opening_and_a_critical_one_at_once() -> None:
    """Case 5 of the workflows."""
    night = local(2026, 3, 3, 2)
    for severity, told in (("general", local(2026, 3, 3, 9)), ("urgent", night)):
        log = (received(night - timedelta(hours=24), severity),)
        warned = [
            Event(
                Kind.WARNED,
                night - timedelta(hours=1),
                {"clock": "acknowledge", "round": 1, "turn": 1, "percent": p},
            )
            for p in (50, 80)
        ]
        found = next_event(Case((*log, *warned), DAYS, Calendars(1, firm())), now=night)
        assert found is not None
        assert (found.run.clock, found.at, found.notice_at) == (Clock.ACKNOWLEDGE, night, told)


def test_6_a_calendar_edited_later_leaves_what_is_over_alone_and_moves_what_runs() -> None:
    """Case 6 of the workflows. Told on Wednesday under the old calendar; on Thursday the Friday is declared a day off."""
    friday = SpecialDay(local(2026, 3, 6).date(), DayKind.HOLIDAY, "停电")
    wednesday = local(2026, 3, 4, 15)
    changed = Event(Kind.CALENDAR_CHANGED, local(2026, 3, 5, 12), {"from": 1, "to": 2})
    log = (
        received(local(2026, 3, 2, 10)),
        Event(Kind.ASSIGNED, local(2026, 3, 2, 11), {"unit": 7}),
        Event(Kind.ACKNOWLEDGED, local(2026, 3, 2, 11)),
        Event(Kind.CUSTOMER_TOLD, wednesday),
    )
    before = Case(log, DAYS, Calendars(1, firm()))
    after = Case((*log, changed), DAYS, Calendars(1, firm()), {2: Calendars(2, firm(friday))})
    now = local(2026, 3, 5, 13)
    dues = [{one.run.clock: one.due_at for one in read(case, now=now).all} for case in (before, after)]
    assert dues[1][Clock.CUSTOMER] == dues[0][Clock.CUSTOMER] == local(2026, 3, 5, 17)
    assert dues[0][Clock.CALLBACK] == local(2026, 3, 6, 17)
    assert dues[1][Clock.CALLBACK] == local(2026, 3, 9, 17), "asking the customer still runs"
    versions = {one.run.clock: one.calendar_version for one in read(after, now=now).all}
    assert (versions[Clock.CUSTOMER], versions[Clock.CALLBACK]) == (1, 2)


def test_6_a_corrected_calendar_makes_nothing_late_before_it_was_known() -> None:
    """Case 6 of the workflows. A Saturday turns out to be worked, so that the deadline lies two days back: late from the correction on."""
    saturday = SpecialDay(local(2026, 3, 7).date(), DayKind.MAKE_UP, "调休", like=4)
    known = local(2026, 3, 9, 14)
    log = (
        received(local(2026, 3, 4, 10)),
        Event(Kind.ACKNOWLEDGED, local(2026, 3, 4, 11)),
        Event(Kind.CALENDAR_CHANGED, known, {"from": 1, "to": 2}),
    )
    case = Case(log, DAYS, Calendars(1, firm()), {2: Calendars(2, firm(saturday))})
    reading = read(case, now=local(2026, 3, 9, 15)).latest(Clock.CUSTOMER)
    assert reading is not None
    assert (reading.due_at, reading.breached_at) == (local(2026, 3, 7, 17), known)
