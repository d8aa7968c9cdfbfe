"""Which entry tells which parts of a case, the ladder of the clocks, when a notice leaves, what a choice makes of it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.rules import clocks, notices
from app.rules.clocks import Clock
from app.rules.complaints import Entry, Part, State
from app.rules.notices import Group, Held, Kind, Mail
from app.rules.worktime import Calendar, Span

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
CALENDAR = Calendar(ZONE, (OFFICE,) * 5 + ((), ()))

SERVICE, MANAGEMENT, HANDLER, HEAD, MEMBER = (
    frozenset({part}) for part in (Part.SERVICE, Part.MANAGEMENT, Part.HANDLER, Part.HEAD, Part.MEMBER)
)
UNIT = HEAD | MEMBER
NOBODY = Held(State.RECEIVED)
OF_UNIT = Held(State.ASSIGNED, unit=True, head=True)
OF_HANDLER = Held(State.IN_PROGRESS, handler=True, unit=True, head=True)
HEADLESS = Held(State.IN_PROGRESS, handler=True, unit=True)
SOLVED = Held(State.RESOLVED, handler=True, unit=True, head=True)
CLOSED = Held(State.CLOSED, handler=True, unit=True, head=True)

K = clocks.Kind
STEPS = [
    (K.ASSIGNED, OF_UNIT, Kind.ASSIGNED, UNIT),
    (K.ASSIGNED, OF_HANDLER, Kind.YOURS, HANDLER),
    (K.TRANSFERRED, OF_UNIT, Kind.ASSIGNED, UNIT),
    (K.TRANSFERRED, OF_HANDLER, Kind.YOURS, HANDLER),
    # A unit nobody belongs to: customer service sees to it.
    (K.ASSIGNED, Held(State.ASSIGNED), Kind.ASSIGNED, SERVICE),
    (K.SENT_BACK, NOBODY, Kind.SENT_BACK, SERVICE),
    (Entry.ADDED, NOBODY, Kind.ADDED, SERVICE),
    (Entry.ADDED, OF_UNIT, Kind.ADDED, UNIT),
    (Entry.ADDED, OF_HANDLER, Kind.ADDED, HANDLER),
    (Entry.ADDED, SOLVED, Kind.ADDED, SERVICE),
    (Entry.ADDED, CLOSED, Kind.ADDED, SERVICE),
    (Entry.NOTED, OF_HANDLER, Kind.NOTED, HANDLER),
    (K.RESOLVED, SOLVED, Kind.RESOLVED, SERVICE),
    (K.REOPENED, OF_HANDLER, Kind.REOPENED, HANDLER | HEAD),
    (K.REOPENED, OF_UNIT, Kind.REOPENED, UNIT),
    (K.REOPENED, NOBODY, Kind.REOPENED, SERVICE),
    (K.CLOSED, CLOSED, Kind.CLOSED, HANDLER),
]
SILENT = {
    K.RECEIVED, K.CLASSIFIED, K.ACKNOWLEDGED, K.WAITING, K.CONTINUED, K.INTERIM_REPLIED, K.CUSTOMER_TOLD,
    K.CALLED_BACK, K.WARNED, K.BREACHED, Entry.ACCEPTED, Entry.REPLIED,
}  # fmt: skip


@pytest.mark.parametrize(("entry", "held", "kind", "parts"), STEPS)
def test_a_step_tells_those_whose_turn_it_is(
    entry: str, held: Held, kind: Kind, parts: frozenset[Part]
) -> None:
    assert notices.told_by_step(entry, {}, held) == (notices.Told(kind, parts),)


def test_every_kind_of_entry_is_decided_upon() -> None:
    assert SILENT | {entry for entry, *_rest in STEPS} == set(K) | set(Entry)
    for entry in SILENT:
        assert notices.told_by_step(entry, {}, OF_HANDLER) == (), entry


def test_every_kind_of_notice_is_told_by_something() -> None:
    by_steps = {kind for _entry, _held, kind, _parts in STEPS}
    assert by_steps | {Kind.NEW, Kind.CRITICAL, Kind.WARNED, Kind.BREACHED} == set(Kind)


@pytest.mark.parametrize(
    ("held", "critical", "told"),
    [
        (NOBODY, False, [(Kind.NEW, SERVICE)]),
        (NOBODY, True, [(Kind.CRITICAL, MANAGEMENT), (Kind.NEW, SERVICE)]),
        (OF_UNIT, False, []),
        (OF_UNIT, True, [(Kind.CRITICAL, MANAGEMENT)]),
    ],
)
def test_a_new_complaint_goes_to_customer_service_unless_a_rule_has_assigned_it(
    held: Held, critical: bool, told: list[tuple[Kind, frozenset[Part]]]
) -> None:
    assert [(one.kind, one.parts) for one in notices.told_on_opening(held, critical=critical)] == told


def test_what_becomes_critical_is_told_to_management_and_who_has_it() -> None:
    told = notices.told_by_step(K.CLASSIFIED, {}, OF_HANDLER, became_critical=True)
    assert told == (notices.Told(Kind.CRITICAL, MANAGEMENT | HANDLER),)


EVERYBODY = HEAD | SERVICE | MANAGEMENT
LADDER = [
    # clock, percent, who has it → who is told
    (Clock.CUSTOMER, 50, OF_HANDLER, HANDLER),
    (Clock.CUSTOMER, 80, OF_HANDLER, HANDLER | HEAD),
    (Clock.CUSTOMER, 100, OF_HANDLER, HANDLER | EVERYBODY),
    (Clock.DEPARTMENT, 50, OF_UNIT, UNIT),
    (Clock.DEPARTMENT, 80, OF_UNIT, UNIT),
    (Clock.DEPARTMENT, 100, OF_UNIT, UNIT | SERVICE | MANAGEMENT),
    (Clock.INTERIM, 50, OF_HANDLER, HANDLER),
    (Clock.ACKNOWLEDGE, 50, NOBODY, SERVICE),
    (Clock.ACKNOWLEDGE, 80, NOBODY, SERVICE),
    (Clock.ACKNOWLEDGE, 100, NOBODY, SERVICE | MANAGEMENT),
    (Clock.ACKNOWLEDGE, 50, OF_HANDLER, HANDLER),
    (Clock.CUSTOMER, 50, NOBODY, SERVICE),
    (Clock.CALLBACK, 50, SOLVED, SERVICE),
    (Clock.CALLBACK, 80, SOLVED, SERVICE),
    (Clock.CALLBACK, 100, SOLVED, SERVICE | MANAGEMENT),
    # Where nobody heads the unit the rung above is told.
    (Clock.CUSTOMER, 80, HEADLESS, HANDLER | HEAD | SERVICE),
]


@pytest.mark.parametrize(("clock", "percent", "held", "parts"), LADDER)
def test_the_ladder(clock: Clock, percent: int, held: Held, parts: frozenset[Part]) -> None:
    told = notices.told_by_clock(clock.value, percent, held)
    assert told == (notices.Told(Kind.BREACHED if percent == 100 else Kind.WARNED, parts),)


def test_a_breach_put_on_record_after_the_end_calls_nobody() -> None:
    assert notices.told_by_clock("customer", 100, CLOSED) == ()


def test_each_rung_stands_above_the_one_before() -> None:
    for clock in Clock:
        for held in (NOBODY, OF_UNIT, OF_HANDLER, HEADLESS, SOLVED):
            rungs = [notices.told_by_clock(clock.value, percent, held)[0].parts for percent in (50, 80, 100)]
            assert rungs[0] <= rungs[1] <= rungs[2]
            assert rungs[2] >= SERVICE | MANAGEMENT


@pytest.mark.parametrize(
    ("policy", "categories", "critical"),
    [
        (True, [], True),
        (False, ["category.safety"], True),
        (False, ["category.safety.fire", "category.safety"], True),
        (False, ["category.safetynet"], False),
        (False, ["category.repair"], False),
    ],
)
def test_critical_is_what_the_policy_says_and_whatever_is_about_safety(
    policy: bool, categories: list[str], critical: bool
) -> None:
    assert notices.is_critical(policy, categories) is critical


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In October 2026; the 12th is a Monday."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        (at(12, 10), at(12, 10)),
        (at(12, 2), at(12, 9)),
        (at(12, 12, 30), at(12, 13)),
        (at(16, 18), at(19, 9)),
        (at(17, 11), at(19, 9)),
    ],
)
def test_a_notice_waits_for_opening_time_unless_it_is_urgent(now: datetime, leaves: datetime) -> None:
    assert notices.leaves_at(CALENDAR, now, urgent=False) == leaves
    assert notices.leaves_at(CALENDAR, now, urgent=True) == now


def test_where_nothing_ever_opens_nothing_waits() -> None:
    never = Calendar(ZONE, ((),) * 7)
    assert notices.leaves_at(never, at(12, 2), urgent=False) == at(12, 2)
    assert notices.digest_is_due(never, at(12, 10)) is None


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (at(12, 8, 59), None),
        (at(12, 9), date(2026, 10, 12)),
        (at(12, 12, 30), date(2026, 10, 12)),
        (at(12, 17, 59), date(2026, 10, 12)),
        (at(12, 18), None),
        (at(17, 10), None),
    ],
)
def test_the_morning_mail_leaves_on_working_days_while_the_firm_is_open(
    now: datetime, day: date | None
) -> None:
    assert notices.digest_is_due(CALENDAR, now) == day


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("mail", Mail)
def test_each_choice_is_followed(kind: Kind, mail: Mail) -> None:
    group = notices.group_of(kind, urgent=False)
    assert notices.mail_of(kind, urgent=False, chosen={group: mail}) is mail
    assert notices.mail_of(kind, urgent=True, chosen={Group.URGENT: mail}) is mail
    if group is not Group.URGENT:
        assert notices.mail_of(kind, urgent=True, chosen={group: mail}) is Mail.AT_ONCE, "as by default"


def test_without_the_morning_mail_nothing_waits_for_it() -> None:
    chosen = {"work": "digest", "morning": "never"}
    assert notices.mail_of(Kind.YOURS, urgent=False, chosen=chosen) is Mail.NEVER
    assert notices.mail_of(Kind.YOURS, urgent=False, chosen={"work": "digest"}) is Mail.DIGEST


def test_a_choice_that_is_none_counts_as_not_made() -> None:
    found = notices.choices_for({"work": "by pigeon", "morning": "at_once", "nothing": "never"})
    assert found == dict(notices.DEFAULTS)


def test_everybody_is_offered_what_can_come_to_him() -> None:
    assert notices.groups_for([]) == frozenset()
    assert notices.groups_for([Part.MANAGEMENT]) == {Group.URGENT, Group.DEADLINES, Group.MORNING}
    assert notices.groups_for([Part.SERVICE, Part.MEMBER]) == set(Group)
    for entry, held, kind, parts in STEPS:
        group = notices.group_of(kind, urgent=False)
        for part in parts - {Part.SERVICE} if kind is Kind.ASSIGNED else parts:
            assert group in notices.groups_for([part]), (entry, held, part)
