"""What lists keep of the clocks, and how policies and calendars are stored."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.rules.clocks import (
    DEFAULT_POLICIES,
    Calendars,
    Case,
    Clock,
    Event,
    Kind,
    Party,
    Policies,
    Severity,
    calendar_document,
    calendar_of,
    outlook,
    policies_document,
    policies_of,
    read,
    special_day_document,
)
from app.rules.worktime import Calendar, DayKind, Span

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
CALENDAR = Calendar(SHANGHAI, ((OPEN,) * 5) + ((), ()))
MONDAY = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
RECEIVED = Event(Kind.RECEIVED, MONDAY, {"severity": "general", "categories": [1]})
ACKNOWLEDGED = Event(Kind.ACKNOWLEDGED, MONDAY)


def case(*events: Event) -> Case:
    return Case((RECEIVED, *events), Policies(1), Calendars(1, CALENDAR))


def test_the_first_deadline_counts() -> None:
    first = outlook(case(), now=MONDAY)
    assert (first.clock, first.due_at) == (Clock.ACKNOWLEDGE, MONDAY + timedelta(hours=24))
    assert first.soon_at == MONDAY + timedelta(hours=19, minutes=12)
    assert first.next_alarm_at == MONDAY + timedelta(hours=12)
    then = outlook(case(ACKNOWLEDGED), now=MONDAY)
    assert (then.clock, then.due_at) == (Clock.CUSTOMER, datetime(2026, 10, 15, 10, 0, tzinfo=UTC))


def test_what_is_late_stays_the_first_deadline_also_when_the_log_says_so() -> None:
    late = MONDAY + timedelta(days=2)
    breached = Event(
        Kind.BREACHED, MONDAY + timedelta(hours=24), {"clock": "acknowledge", "round": 1, "turn": 1}
    )
    for events in ((), (breached,)):
        seen = outlook(case(*events), now=late)
        assert (seen.clock, seen.due_at) == (Clock.ACKNOWLEDGE, MONDAY + timedelta(hours=24))


def test_a_pause_is_due_when_its_cap_is_used_up() -> None:
    waits = Event(Kind.WAITING, MONDAY, {"party": Party.CUSTOMER.value})
    seen = outlook(case(ACKNOWLEDGED, waits), now=MONDAY + timedelta(hours=1))
    assert seen.paused
    assert seen.due_at is not None
    # Ten working days of pause and three of work, from Monday 10:00.
    assert seen.due_at.date() == date(2026, 10, 29)
    late = read(case(ACKNOWLEDGED, waits), now=seen.due_at + timedelta(minutes=1)).latest(Clock.CUSTOMER)
    assert late is not None
    assert late.is_late


def test_nothing_runs_after_the_end() -> None:
    ended = Event(Kind.CLOSED, MONDAY + timedelta(hours=1))
    seen = outlook(case(ACKNOWLEDGED, ended), now=MONDAY + timedelta(days=30))
    assert (seen.clock, seen.due_at, seen.soon_at, seen.paused, seen.next_alarm_at) == (
        None,
        None,
        None,
        False,
        None,
    )


def test_policies_come_back_as_they_were_stored() -> None:
    special = {(7, Severity.GENERAL): replace(DEFAULT_POLICIES[None, Severity.GENERAL], critical=True)}
    by_class = {**DEFAULT_POLICIES, **special}
    assert policies_of(3, policies_document(by_class)) == Policies(3, by_class)


def test_a_calendar_comes_back_in_the_language_asked_for() -> None:
    names = {"zh": "国庆节", "en": "National Day"}
    days = [
        special_day_document(date(2026, 10, 1), DayKind.HOLIDAY, names, None),
        special_day_document(date(2026, 10, 10), DayKind.MAKE_UP, names, 4),
    ]
    document = calendar_document(CALENDAR.week, days, {2027})
    for language, name in names.items():
        found = calendar_of(document, SHANGHAI, language)
        assert (found.day(date(2026, 10, 1)).name, found.day(date(2026, 10, 1)).spans) == (name, ())
        assert found.day(date(2026, 10, 10)).spans == OPEN
        assert found.provisional == frozenset({2027})
