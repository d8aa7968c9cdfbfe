"""The clocks of a case from its log: what starts, stops and pauses them, rounds, late entries, versions."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.rules.clocks import (
    Calendars,
    Case,
    Clock,
    Event,
    Kind,
    LogError,
    Policies,
    Policy,
    PolicyError,
    Reached,
    Reading,
    Severity,
    read,
    why,
)
from app.rules.worktime import Calendar, CountedDay, Limit, Span
from tests.rules.worktime_calendars import SHANGHAI, SPRING, firm, local, week

HOUR, NOTHING = timedelta(hours=1), timedelta(0)
MONDAY = local(2026, 10, 12, 10)


def received(at: datetime = MONDAY, severity: str = "general", *categories: int) -> Event:
    return Event(Kind.RECEIVED, at, {"severity": severity, "categories": list(categories)})


def event(kind: Kind, *at: int, **data: Any) -> Event:
    """Something that happened in 2026, by the firm's clock."""
    return Event(kind, local(2026, *at), data)


def case(*events: Event, calendar: Calendar | None = None, units: dict[int, Calendar] | None = None) -> Case:
    return Case(events, Policies(3), Calendars(7, calendar or firm(), units or {}))


def reading(of: Case, clock: Clock, *now: int) -> Reading:
    """The latest run of a clock at a moment of 2026."""
    found = read(of, now=local(2026, *now)).latest(clock)
    assert found is not None
    return found


def test_a_general_complaint_from_receipt_to_closing() -> None:
    log = case(
        received(),
        event(Kind.ACKNOWLEDGED, 10, 12, 11),
        event(Kind.ASSIGNED, 10, 12, 12, unit=5),
        event(Kind.RESOLVED, 10, 14, 16),
        event(Kind.CUSTOMER_TOLD, 10, 14, 17),
        event(Kind.CALLED_BACK, 10, 15, 10, reached=False),
        event(Kind.CALLED_BACK, 10, 16, 10, reached=True),
        event(Kind.CLOSED, 10, 16, 11),
    )
    found = read(log, now=local(2026, 11, 1))
    assert [(r.run.clock, r.run.started_at, r.due_at, r.run.stopped_at, r.run.stopped_by) for r in found.all] == [
        (Clock.ACKNOWLEDGE, MONDAY, local(2026, 10, 13, 10), local(2026, 10, 12, 11), "acknowledged"),
        (Clock.CUSTOMER, MONDAY, local(2026, 10, 15, 17), local(2026, 10, 14, 17), "customer_told"),
        (Clock.DEPARTMENT, local(2026, 10, 12, 12), local(2026, 10, 14, 17), local(2026, 10, 14, 16), "resolved"),
        (Clock.CALLBACK, local(2026, 10, 14, 17), local(2026, 10, 16, 17), local(2026, 10, 16, 10), "called_back"),
    ]  # fmt: skip
    assert (found.policy_version, found.calendar_version) == (3, 7)
    assert not any(r.is_late or r.breached_at or r.is_running for r in found.all)
    # The day of receipt does not count: two of three days were used, the second up to five o'clock.
    assert (found.all[1].used, found.all[1].budget) == (16 * HOUR, 24 * HOUR)


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        ("general", {Clock.ACKNOWLEDGE: (10, 13, 10), Clock.CUSTOMER: (10, 15, 17)}),
        ("major", {Clock.ACKNOWLEDGE: (10, 12, 22), Clock.CUSTOMER: (10, 19, 17), Clock.INTERIM: (10, 14, 17)}),
        ("urgent", {Clock.ACKNOWLEDGE: (10, 12, 12), Clock.CUSTOMER: (10, 13, 10)}),
    ],
)  # fmt: skip
def test_the_default_policies(severity: str, due: dict[Clock, tuple[int, ...]]) -> None:
    found = read(case(received(severity=severity)), now=MONDAY)
    assert {r.run.clock: r.due_at for r in found.all} == {c: local(2026, *at) for c, at in due.items()}


def test_warnings_and_breach_are_reached_one_after_the_other() -> None:
    log = case(received())
    half, most = local(2026, 10, 14, 13), local(2026, 10, 15, 12, 12)  # 12 and 19.2 of 24 working hours
    before = reading(log, Clock.CUSTOMER, 10, 14, 12, 59)
    assert (before.warnings, before.is_late, before.is_running) == ((), False, True)
    assert reading(log, Clock.CUSTOMER, 10, 14, 13).warnings == (Reached(50, half),)
    late = reading(log, Clock.CUSTOMER, 10, 15, 17)
    assert late.warnings == (Reached(50, half), Reached(80, most))
    assert (late.is_late, late.breached_at) == (True, local(2026, 10, 15, 17))
    assert reading(log, Clock.CUSTOMER, 10, 16, 17).used == 32 * HOUR


def test_ready_at_the_last_moment_is_in_time_and_a_second_later_is_not() -> None:
    at_last = case(received(), event(Kind.CUSTOMER_TOLD, 10, 15, 17))
    assert not reading(at_last, Clock.CUSTOMER, 11, 1).is_late
    too_late = case(received(), event(Kind.CUSTOMER_TOLD, 10, 15, 17, 0, 1))
    assert reading(too_late, Clock.CUSTOMER, 11, 1).breached_at == local(2026, 10, 15, 17)


def test_waiting_for_the_customer_pauses_department_and_customer() -> None:
    log = case(
        received(),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.WAITING, 10, 13, 12, party="customer"),
        event(Kind.CONTINUED, 10, 14, 12),
    )
    assert reading(log, Clock.DEPARTMENT, 10, 15).due_at == local(2026, 10, 15, 17)
    customer = reading(log, Clock.CUSTOMER, 10, 15)
    assert (customer.due_at, customer.paused) == (local(2026, 10, 16, 17), 8 * HOUR)
    assert reading(log, Clock.ACKNOWLEDGE, 10, 15).paused == NOTHING


def test_waiting_for_a_third_party_pauses_only_the_department() -> None:
    log = case(
        received(),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.WAITING, 10, 13, 12, party="third_party"),
        event(Kind.WAITING, 10, 13, 15, party="customer"),
        event(Kind.CONTINUED, 10, 13, 16),
    )
    assert reading(log, Clock.DEPARTMENT, 10, 14).paused == 4 * HOUR
    assert reading(log, Clock.CUSTOMER, 10, 14).paused == HOUR


def test_a_running_wait_moves_the_deadline_until_the_cap_is_used_up() -> None:
    log = case(received(), event(Kind.WAITING, 10, 13, 9, party="customer"))
    waiting = reading(log, Clock.CUSTOMER, 10, 15, 9)
    assert (waiting.is_paused, waiting.used, waiting.due_at) == (True, NOTHING, local(2026, 10, 19, 17))
    assert not waiting.warnings
    # Ten working days of waiting are over on the 26th; three of work remain.
    later = reading(log, Clock.CUSTOMER, 10, 30, 9)
    assert (later.is_paused, later.due_at) == (False, local(2026, 10, 29, 17))
    assert later.is_late


@pytest.mark.parametrize(
    "kind", [Kind.RESOLVED, Kind.CLOSED, Kind.ASSIGNED, Kind.TRANSFERRED, Kind.SENT_BACK]
)
def test_every_step_out_of_waiting_ends_the_wait(kind: Kind) -> None:
    log = case(received(), event(Kind.WAITING, 10, 13, 9, party="customer"), event(kind, 10, 13, 11))
    assert reading(log, Clock.CUSTOMER, 10, 20).paused == 2 * HOUR


def test_transfer_and_sending_back_give_each_unit_its_own_run() -> None:
    log = case(
        received(),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.SENT_BACK, 10, 12, 12),
        event(Kind.ASSIGNED, 10, 12, 14, unit=6),
        event(Kind.TRANSFERRED, 10, 13, 9, unit=7),
        units={7: Calendar(SHANGHAI, week(Span(8 * 60, 20 * 60), days=7))},
    )
    found = [r for r in read(log, now=local(2026, 10, 14)).all if r.run.clock is Clock.DEPARTMENT]
    assert [(r.run.turn, r.run.unit, r.run.stopped_by) for r in found] == [
        (1, 5, "sent_back"),
        (2, 6, "transferred"),
        (3, 7, ""),
    ]
    assert [r.due_at for r in found] == [
        local(2026, 10, 14, 17), local(2026, 10, 14, 17), local(2026, 10, 15, 20)
    ]  # fmt: skip
    # The customer's clock knows nothing of this, and runs by the firm's hours.
    assert reading(log, Clock.CUSTOMER, 10, 14).due_at == local(2026, 10, 15, 17)


def test_reopening_starts_a_round_with_figures_of_its_own() -> None:
    first = (
        received(),
        event(Kind.ACKNOWLEDGED, 10, 12, 10),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.WAITING, 10, 13, 9, party="customer"),
        event(Kind.CONTINUED, 10, 13, 12),
        event(Kind.RESOLVED, 10, 16, 16),
        event(Kind.CUSTOMER_TOLD, 10, 16, 16),
    )
    second = (
        event(Kind.REOPENED, 10, 20, 10),
        event(Kind.CUSTOMER_TOLD, 10, 21, 12),
        event(Kind.CLOSED, 10, 22, 12),
    )
    now = local(2026, 11, 1)
    found = read(case(*first, *second), now=now)
    before = read(case(*first, event(Kind.CLOSED, 10, 20, 10)), now=now)
    assert [(r.run.clock.value, r.is_late) for r in found.of_round(1)] == [
        ("acknowledge", False), ("customer", True), ("department", True), ("callback", False)
    ]  # fmt: skip
    without_stop = [replace(r, run=replace(r.run, stopped_by="")) for r in found.of_round(1)]
    assert without_stop == [replace(r, run=replace(r.run, stopped_by="")) for r in before.all]
    again = {r.run.clock: r for r in found.of_round(2)}
    assert set(again) == {Clock.CUSTOMER, Clock.DEPARTMENT, Clock.CALLBACK}
    assert again[Clock.CUSTOMER].due_at == local(2026, 10, 23, 17)
    assert (again[Clock.CUSTOMER].paused, again[Clock.CUSTOMER].used) == (NOTHING, 3 * HOUR)
    assert again[Clock.DEPARTMENT].run.unit == 5
    assert again[Clock.DEPARTMENT].run.stopped_by == "closed"


def test_reopening_stops_what_the_round_before_left_running() -> None:
    log = case(received(), event(Kind.RESOLVED, 10, 13, 9), event(Kind.REOPENED, 10, 14, 9))
    customer = [r.run for r in read(log, now=local(2026, 10, 15)).all if r.run.clock is Clock.CUSTOMER]
    assert [(run.round, run.stopped_by) for run in customer] == [(1, "reopened"), (2, "")]
    # No unit has had the case: there is no department whose time could run.
    assert read(log, now=local(2026, 10, 15)).latest(Clock.DEPARTMENT) is None


def test_an_interim_reply_stops_its_clock_and_acknowledges() -> None:
    log = case(received(MONDAY, "major"), event(Kind.INTERIM_REPLIED, 10, 12, 16))
    assert reading(log, Clock.INTERIM, 10, 20).run.stopped_at == local(2026, 10, 12, 16)
    assert reading(log, Clock.ACKNOWLEDGE, 10, 20).run.stopped_by == "interim_replied"
    assert reading(log, Clock.CUSTOMER, 10, 20).is_running


@pytest.mark.parametrize("channel", ["web", "mail", "phone"])
def test_the_same_reply_by_any_way_gives_the_same_clocks(channel: str) -> None:
    """What was said on the phone and typed in an hour later stands behind newer entries, with its own time."""
    waits = event(Kind.WAITING, 10, 13, 9, party="customer")
    reply = event(Kind.CONTINUED, 10, 13, 15, channel=channel)
    note = Event("note", local(2026, 10, 13, 15, 30))
    entered = (received(), waits, note, reply) if channel == "phone" else (received(), waits, reply, note)
    plain = case(received(), waits, event(Kind.CONTINUED, 10, 13, 15))
    now = local(2026, 10, 16, 9)
    assert read(case(*entered), now=now) == read(plain, now=now)


def test_what_happened_before_the_receipt_was_entered_stops_a_clock_at_once() -> None:
    log = case(event(Kind.ACKNOWLEDGED, 10, 12, 9, 58), received())
    acknowledged = reading(log, Clock.ACKNOWLEDGE, 10, 20)
    assert (acknowledged.run.stopped_at, acknowledged.used, acknowledged.is_late) == (MONDAY, NOTHING, False)


def test_a_note_on_a_closed_case_moves_nothing() -> None:
    """Case 9 of the workflows."""
    closed = (received(), event(Kind.CUSTOMER_TOLD, 10, 13, 9), event(Kind.CLOSED, 10, 14, 9))
    now = local(2026, 12, 1)
    noted = (*closed, Event("note", local(2026, 10, 20)), Event("reply", local(2026, 10, 21)))
    assert read(case(*noted), now=now) == read(case(*closed), now=now)


def test_what_has_not_happened_yet_is_not_seen() -> None:
    log = case(received(), event(Kind.CUSTOMER_TOLD, 10, 14, 9))
    assert reading(log, Clock.CUSTOMER, 10, 13).is_running
    with pytest.raises(LogError, match="not_received"):
        read(log, now=local(2026, 10, 12, 9))


def test_a_raised_severity_shortens_the_time_but_is_not_late_before_it_was_raised() -> None:
    raised = Event(Kind.CLASSIFIED, local(2026, 10, 14, 9), {"severity": "urgent"})
    log = case(received(), event(Kind.ACKNOWLEDGED, 10, 12, 11), raised)
    customer = reading(log, Clock.CUSTOMER, 10, 14, 10)
    assert customer.due_at == local(2026, 10, 13, 10)
    assert customer.breached_at == local(2026, 10, 14, 9)
    assert customer.warnings == (Reached(50, raised.at), Reached(80, raised.at))
    # What was over by then is left alone.
    assert not reading(log, Clock.ACKNOWLEDGE, 10, 14, 10).is_late


def test_a_breach_on_record_stays() -> None:
    breach = event(Kind.BREACHED, 10, 15, 17, clock="customer", round=1, turn=1)
    told_in_time = event(Kind.CUSTOMER_TOLD, 10, 15, 16)  # typed in when the breach had been recorded
    found = reading(case(received(), breach, told_in_time), Clock.CUSTOMER, 11, 1)
    assert (found.is_late, found.breached_at) == (False, breach.at)


# Versions.


def test_a_calendar_edited_later_leaves_closed_cases_alone() -> None:
    log = (
        received(local(2026, 2, 13, 10)),
        event(Kind.CUSTOMER_TOLD, 2, 26, 10),
        event(Kind.CLOSED, 2, 27, 9),
    )
    now = local(2026, 3, 10)
    at_intake, edited = Calendars(1, firm(*SPRING)), Calendars(2, firm(*SPRING[1:]))
    before = read(Case(log, Policies(1), at_intake), now=now)
    other = read(Case(log, Policies(1), edited), now=now)
    again = read(Case(log, Policies(1), Calendars(1, firm(*SPRING))), now=now)
    assert again == before
    assert (before.all[1].due_at, other.all[1].due_at) == (local(2026, 2, 25, 17), local(2026, 2, 26, 17))
    assert [reading.is_late for reading in (before.all[1], other.all[1])] == [True, False]


def test_a_policy_edited_later_leaves_closed_cases_alone() -> None:
    log = (received(), event(Kind.CUSTOMER_TOLD, 10, 14, 17))
    strict = Policy(
        acknowledge=Limit.hours(1), department=Limit.hours(1), resolve=Limit.hours(2), callback=Limit.hours(1)
    )
    stricter = Policies(2, {(None, Severity.GENERAL): strict})
    calendars = Calendars(1, firm())
    now = local(2026, 11, 1)
    assert not read(Case(log, Policies(1), calendars), now=now).all[1].is_late
    assert read(Case(log, stricter, calendars), now=now).all[1].is_late


def test_the_nearest_category_with_a_policy_of_its_own_decides() -> None:
    own = replace(Policies(1).of((), Severity.GENERAL), resolve=Limit.working_days(1))
    policies = Policies(1, {**Policies(1).by_class, (30, Severity.GENERAL): own})
    log = (received(MONDAY, "general", 31, 30, 1),)
    found = read(Case(log, policies, Calendars(1, firm())), now=MONDAY).latest(Clock.CUSTOMER)
    assert found is not None
    assert found.due_at == local(2026, 10, 13, 17)
    with pytest.raises(PolicyError, match="no_policy"):
        read(Case(log, Policies(1, {}), Calendars(1, firm())), now=MONDAY)


def test_a_cap_must_be_measured_like_the_limits_it_belongs_to() -> None:
    for severity in Severity:
        policy = Policies(1).of((), severity)
        wrong = Limit.working_days(1) if policy.critical else Limit.hours(1)
        with pytest.raises(PolicyError, match="cap_unit"):
            replace(policy, pause_cap=wrong)


@pytest.mark.parametrize("data", [{}, {"severity": "terrible"}])
def test_a_log_without_a_severity_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(LogError, match="no_severity"):
        read(case(Event(Kind.RECEIVED, MONDAY, data)), now=MONDAY)


# Reasons.


def test_every_reading_can_be_explained() -> None:
    log = case(
        received(),
        event(Kind.ASSIGNED, 10, 12, 11, unit=5),
        event(Kind.WAITING, 10, 13, 12, party="customer"),
    )
    now = local(2026, 10, 15, 12)
    for found in read(log, now=now).all:
        explanation = why(log, found.run, now=now)
        assert explanation is not None
        assert explanation.deadline.at == found.due_at
        assert explanation.deadline.running is found.is_paused
        assert explanation.budget == found.budget
        counted = sum((d.counted for d in explanation.days if isinstance(d, CountedDay)), NOTHING)
        assert counted == (NOTHING if found.run.clock is Clock.ACKNOWLEDGE else found.budget)
    assert why(log, replace(found.run, round=9), now=now) is None


def test_a_unit_that_never_works_has_no_deadline_and_breaks_nothing() -> None:
    never = Calendar(SHANGHAI, week(days=0))
    log = case(received(), event(Kind.ASSIGNED, 10, 12, 11, unit=5), units={5: never})
    found = reading(log, Clock.DEPARTMENT, 10, 30)
    assert (found.due_at, found.is_late, found.warnings) == (None, False, ())
    assert why(log, found.run, now=local(2026, 10, 30)) is None


def test_a_deadline_that_hangs_on_a_provisional_year_says_so() -> None:
    calendar = Calendar(SHANGHAI, week(Span(540, 1020)), provisional=frozenset({2027}))
    log = case(received(local(2026, 12, 30, 10)), calendar=calendar)
    found = read(log, now=local(2026, 12, 30, 11))
    assert [(r.run.clock.value, r.provisional) for r in found.all] == [
        ("acknowledge", ()),
        ("customer", (2027,)),
    ]
