"""What the scheduler is told: the next warning or breach, once, and when people may be disturbed with it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.rules.clocks import (
    Calendars,
    Case,
    Clock,
    Event,
    Kind,
    Occurrence,
    Policies,
    next_event,
    pending,
    read,
)
from app.rules.worktime import Calendar, Span
from tests.rules.test_clocks import MONDAY, case, event, received
from tests.rules.worktime_calendars import SHANGHAI, SPRING, firm, local, week


def upcoming(of: Case, *now: int) -> tuple[str, int, datetime]:
    found = next_event(of, now=local(2026, *now))
    assert found is not None
    return found.run.clock.value, found.percent, found.at


def told(found: tuple[Occurrence, ...]) -> list[tuple[str, int]]:
    return [(one.run.clock.value, one.percent) for one in found]


def test_a_breach_at_two_at_night_happens_then_and_is_told_at_opening_time() -> None:
    log = case(
        received(local(2026, 10, 12, 2)),
        event(Kind.WARNED, 10, 12, 21, clock="acknowledge", round=1, percent=80),
    )
    breach = next(o for o in pending(log, now=local(2026, 10, 13, 2)) if o.percent == 100)
    assert (breach.run.clock, breach.at) == (Clock.ACKNOWLEDGE, local(2026, 10, 13, 2))
    assert breach.notice_at == local(2026, 10, 13, 9)


def test_a_critical_breach_at_night_is_told_at_once() -> None:
    log = case(received(local(2026, 10, 12, 0), "urgent"))
    breach = next(o for o in pending(log, now=local(2026, 10, 12, 2)) if o.percent == 100)
    assert (breach.at, breach.notice_at, breach.critical) == (
        local(2026, 10, 12, 2),
        local(2026, 10, 12, 2),
        True,
    )


def test_notices_wait_over_the_holidays_and_for_the_unit_itself() -> None:
    evening = Calendar(SHANGHAI, week(Span(18 * 60, 22 * 60), days=7))
    log = case(
        received(local(2026, 2, 14, 16)),
        event(Kind.ASSIGNED, 2, 14, 16, unit=5),
        calendar=firm(*SPRING),
        units={5: evening},
    )
    found = {(o.run.clock, o.percent): o for o in pending(log, now=local(2026, 2, 17))}
    assert found[Clock.ACKNOWLEDGE, 100].at == local(2026, 2, 15, 16)
    assert found[Clock.ACKNOWLEDGE, 100].notice_at == local(2026, 2, 24, 9)
    # The unit's limit is over when it closes on the 16th, so it reads of it on the 17th.
    assert found[Clock.DEPARTMENT, 100].at == local(2026, 2, 16, 22)
    assert found[Clock.DEPARTMENT, 100].notice_at == local(2026, 2, 17, 18)


def test_a_firm_that_never_opens_is_told_at_once() -> None:
    never = Calendar(SHANGHAI, week(days=0))
    found = pending(case(received(), calendar=never), now=local(2026, 10, 13, 10))
    assert told(found) == [("acknowledge", 50), ("acknowledge", 80), ("acknowledge", 100)]
    assert all(one.notice_at == one.at for one in found)


def test_the_next_event_moves_on_as_the_log_grows() -> None:
    log = case(received())
    assert upcoming(log, 10, 12, 10) == ("acknowledge", 50, local(2026, 10, 12, 22))
    answered = case(received(), event(Kind.ACKNOWLEDGED, 10, 12, 11))
    assert upcoming(answered, 10, 12, 11) == ("customer", 50, local(2026, 10, 14, 13))
    closed = case(received(), event(Kind.ACKNOWLEDGED, 10, 12, 11), event(Kind.CLOSED, 10, 12, 12))
    assert next_event(closed, now=local(2026, 10, 12, 12)) is None


def test_what_is_due_already_comes_first() -> None:
    assert upcoming(case(received()), 10, 13, 9) == ("acknowledge", 50, local(2026, 10, 12, 22))


def test_a_paused_clock_promises_nothing_but_the_end_of_the_cap() -> None:
    log = case(
        received(), event(Kind.ACKNOWLEDGED, 10, 12, 11), event(Kind.WAITING, 10, 13, 9, party="customer")
    )
    # The cap is used up on the evening of the 26th; half of three days is over at 13:00 on the 28th.
    assert upcoming(log, 10, 14) == ("customer", 50, local(2026, 10, 28, 13))
    uncapped = Policies(
        1, {key: replace(policy, pause_cap=None) for key, policy in Policies(1).by_class.items()}
    )
    endless = Case(log.events, uncapped, log.calendars)
    assert next_event(endless, now=local(2026, 10, 14)) is None


def test_a_late_answer_leaves_its_breach_to_be_recorded_but_no_warnings() -> None:
    log = case(received(), event(Kind.ACKNOWLEDGED, 10, 13, 11), event(Kind.CLOSED, 10, 13, 12))
    assert told(pending(log, now=local(2026, 10, 13, 12))) == [("acknowledge", 100)]


@pytest.mark.parametrize("severity", ["general", "major", "urgent"])
def test_a_scheduler_that_runs_twice_and_sleeps_records_everything_once(severity: str) -> None:
    """Woken at any time, even long after, it finds each warning and breach, with the moment at which it was due."""
    steps = (
        received(MONDAY, severity),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.WAITING, 10, 13, 12, party="customer"),
        event(Kind.CONTINUED, 10, 15, 12),
        event(Kind.RESOLVED, 10, 23, 12),
        event(Kind.CUSTOMER_TOLD, 10, 23, 12),
        event(Kind.REOPENED, 11, 2, 9),
        event(Kind.CLOSED, 11, 9, 9),
    )
    prompt, sleepy = _recorded(steps, hours=1), _recorded(steps, hours=31)
    breaches = [e for e in prompt if e.kind == Kind.BREACHED]
    assert breaches == [e for e in sleepy if e.kind == Kind.BREACHED]
    assert len(breaches) >= 4
    keys = [(e.kind, *sorted(e.data.items())) for e in prompt]
    assert len(keys) == len(set(keys))
    figures = read(Case((*steps, *prompt), Policies(1), Calendars(1, firm())), now=local(2026, 12, 1))
    assert figures == read(Case(steps, Policies(1), Calendars(1, firm())), now=local(2026, 12, 1))


def _recorded(steps: tuple[Event, ...], *, hours: int) -> list[Event]:
    """What a scheduler that wakes at this rhythm, twice each time, adds to the log."""
    added: list[Event] = []
    now = MONDAY
    while now < local(2026, 11, 12):
        for _ in range(2):
            known = Case((*steps, *added), Policies(1), Calendars(1, firm()))
            added += [one.event for one in pending(known, now=now)]
        now += timedelta(hours=hours)
    return sorted(added, key=lambda e: (e.at, str(sorted(e.data.items()))))
