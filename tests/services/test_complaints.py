"""Cases from receipt to the end: every step by every part in every state, what a step needs, and what it leaves."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.errors import Missing, Refused, Stale
from app.extensions import db
from app.models import Complaint, ComplaintEvent, User
from app.queries.complaints import cases
from app.queries.complaints.clocks import case_of
from app.rules import clocks
from app.rules.clocks import Kind as ClockKind
from app.rules.clocks import Party, Severity
from app.rules.complaints import (
    STEPS,
    Channel,
    Outcome,
    Part,
    Satisfaction,
    State,
    Step,
)
from app.services import audit
from app.services import complaints as services
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import RESOLUTION, Staff, brought_to

# Whom the table's parts are in the tests; customer and system come by no account.
PEOPLE = ("service", "handler", "second", "head", "manager", "stranger")
# The timetable's: tests/services/test_complaints_lapsing.py.
LATER = {Step.REMIND, Step.LAPSE}


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def said(by: User, **more: Any) -> dict[str, Any]:
    return {"seen": None, "key": "", "by": by, "now": NOW + timedelta(hours=1)} | more


def takes(staff: Staff, other: Complaint) -> dict[Step, Callable[[Complaint, User], None]]:
    """Each step with everything it needs."""
    soon = NOW + timedelta(days=3)
    satisfied = services.Answer(Satisfaction.PARTLY, "还行", 3, 4)
    return {
        Step.CLASSIFY: lambda c, by: services.classify(
            c, category_id=c.category_id, severity=Severity.MAJOR, **said(by)
        ),
        Step.NOTE: lambda c, by: services.note(c, text="内部", **said(by)),
        Step.REPLY: lambda c, by: services.reply(c, text="您好", channel=Channel.PHONE, at=None, **said(by)),
        Step.ADD: lambda c, by: services.add(c, text="又漏了", channel=Channel.PHONE, **said(by)),
        Step.ASSIGN: lambda c, by: services.assign(c, unit=staff.unit, handler=None, reason="", **said(by)),
        Step.ACCEPT: lambda c, by: services.accept(c, **said(by)),
        Step.SEND_BACK: lambda c, by: services.send_back(c, reason="不归我们", **said(by)),
        Step.TRANSFER: lambda c, by: services.transfer(
            c, unit=staff.other, handler=None, reason="归城东", **said(by)
        ),
        Step.WAIT: lambda c, by: services.wait(
            c, party=Party.CUSTOMER, what="约时间", until=soon, **said(by)
        ),
        Step.RESUME: lambda c, by: services.resume(c, reason="客户来电", **said(by)),
        Step.RESOLVE: lambda c, by: services.resolve(c, resolution=RESOLUTION, told=None, **said(by)),
        Step.CALLBACK: lambda c, by: services.call_back(
            c, channel=Channel.PHONE, answer=satisfied, **said(by)
        ),
        Step.CLOSE: lambda c, by: services.close(
            c, outcome=Outcome.DISSATISFIED_ACCEPTED, reason="说明过", **said(by)
        ),
        Step.REOPEN: lambda c, by: services.reopen(c, reason="又坏了", handler=None, **said(by)),
        Step.REJECT: lambda c, by: services.reject(c, reason="不是投诉", **said(by)),
        Step.WITHDRAW: lambda c, by: services.withdraw(c, reason="客户撤回", **said(by)),
        Step.MERGE: lambda c, by: services.merge(c, into=other, sure=True, reason="", **said(by)),
        Step.LINK: lambda c, by: services.link(c, other=other, key="", by=by, now=NOW + timedelta(hours=1)),
    }


def parts(complaint: Complaint, who: str) -> frozenset[Part]:
    """What each of the people is in a case, said apart from the product."""
    if who == "service":
        return frozenset({Part.SERVICE})
    if who == "manager":
        return frozenset({Part.MANAGEMENT})
    if who == "stranger" or complaint.unit_id is None:
        return frozenset()
    own = {"handler": Part.MEMBER, "second": Part.MEMBER, "head": Part.HEAD}[who]
    return frozenset({own, Part.HANDLER} if who == "handler" and complaint.handler_id else {own})


@pytest.mark.parametrize("state", list(State))
def test_every_step_by_everybody_in_every_state(make: Factory, staff: Staff, state: State) -> None:
    wrong = []
    template, other = brought_to(make, staff, state), made.case(make)
    steps = takes(staff, other)
    assert set(steps) | LATER == set(Step)
    for step, who in itertools.product(steps, PEOPLE):
        complaint = db.session.get_one(Complaint, template.id)
        if step is Step.CLOSE and state is State.RESOLVED:
            steps[Step.CALLBACK](complaint, staff.service)
        held, before = parts(complaint, who), len(complaint.events)
        allowed = bool(STEPS[step].parts & held)
        try:
            steps[step](complaint, getattr(staff, who))
            result = "taken"
        except Refused as refusal:
            result = refusal.code
        want = (
            "taken" if allowed and state in STEPS[step].sources else "not_now" if allowed else "not_allowed"
        )
        grown = len(complaint.events) > before
        if result != want or grown != (want == "taken"):
            wrong.append(f"{step} by {who} in {state}: {result}, not {want}")
        db.session.rollback()
    assert not wrong


def test_a_department_sees_its_own_cases_and_those_it_had(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    assert cases.get_visible(staff.second, complaint.id) == complaint
    with pytest.raises(Missing):
        cases.get_visible(staff.stranger, complaint.id)
    services.transfer(complaint, unit=staff.other, handler=None, reason="归城东", **said(staff.handler))
    db.session.commit()
    assert cases.get_visible(staff.stranger, complaint.id) == complaint
    assert cases.get_visible(staff.second, complaint.id) == complaint, "the old unit keeps sight"
    assert cases.parts_of(staff.second, complaint) == frozenset(), "but can do nothing any more"


@pytest.mark.parametrize("role", ["administrator", "interviewer", "viewer"])
def test_other_roles_see_no_case(make: Factory, staff: Staff, role: str) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    outsider = make.user(roles=(role,), units=(staff.unit,))
    with pytest.raises(Missing):
        cases.get_visible(outsider, complaint.id)
    assert cases.parts_of(outsider, complaint) == frozenset()


def test_sent_back_twice_at_most(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.ASSIGNED)
    for _ in range(2):
        services.send_back(complaint, reason="不归我们", **said(staff.handler))
        assert (complaint.state, complaint.unit_id) == ("received", None)
        services.assign(complaint, unit=staff.unit, handler=None, reason="就是你们", **said(staff.service))
    with pytest.raises(Refused, match="sent_back_twice"):
        services.send_back(complaint, reason="不", **said(staff.handler))


def test_a_handler_never_calls_back_about_his_own_case(make: Factory, staff: Staff) -> None:
    """Case 11 of the workflows."""
    both = make.user(roles=("customer_service", "department"), units=(staff.unit,))
    complaint = brought_to(make, staff, State.ASSIGNED)
    services.accept(complaint, **said(both))
    services.resolve(complaint, resolution=RESOLUTION, told=Channel.PHONE, **said(both))
    answer = services.Answer(Satisfaction.SATISFIED)
    with pytest.raises(Refused, match="own_case"):
        services.call_back(complaint, channel=Channel.PHONE, answer=answer, **said(both))
    services.call_back(complaint, channel=Channel.PHONE, answer=answer, **said(staff.service))
    assert (complaint.state, complaint.outcome) == ("closed", "satisfied")


def test_in_a_firm_of_one_the_same_person_does_it(make: Factory) -> None:
    make.firm()
    unit = make.unit()
    alone = make.user(roles=("customer_service", "department", "management"), units=(unit,))
    complaint = made.case(make, by=alone)
    services.assign(complaint, unit=unit, handler=alone, reason="", **said(alone))
    services.accept(complaint, **said(alone))
    services.resolve(complaint, resolution=RESOLUTION, told=Channel.PHONE, **said(alone))
    answer = services.Answer(Satisfaction.SATISFIED)
    services.call_back(complaint, channel=Channel.PHONE, answer=answer, **said(alone))
    assert complaint.state == "closed"


def test_not_satisfied_begins_another_round_with_another_handler(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.RESOLVED)
    answer = services.Answer(Satisfaction.NOT, "还在漏水", 1, 3)
    services.call_back(
        complaint, channel=Channel.PHONE, answer=answer, handler=staff.second, **said(staff.service)
    )
    assert (complaint.state, complaint.round, complaint.handler_id) == ("in_progress", 2, staff.second.id)
    first, second = complaint.rounds
    assert (first.satisfaction, first.solution_score, first.result) == ("not", 1, RESOLUTION.result)
    assert (second.satisfaction, second.result) == ("", "")
    assert complaint.due_clock == "department"


def test_not_satisfied_needs_a_word_why(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.RESOLVED)
    with pytest.raises(Refused, match="reason_missing"):
        services.call_back(
            complaint,
            channel=Channel.PHONE,
            answer=services.Answer(Satisfaction.NOT, " "),
            **said(staff.service),
        )


def test_unreachable_needs_three_tries_on_two_days(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.RESOLVED)
    for hours in (1, 2, 30):
        with pytest.raises(Refused, match="too_few_tries"):
            services.close(complaint, outcome=Outcome.UNREACHABLE, reason="", **said(staff.service))
        when = NOW + timedelta(hours=hours)
        services.call_back(complaint, channel=Channel.PHONE, answer=None, **said(staff.service, now=when))
    services.close(complaint, outcome=Outcome.UNREACHABLE, reason="", **said(staff.service))
    assert complaint.outcome == "unreachable"
    assert complaint.due_at is None, "nothing runs any more"


def test_calling_back_tells_a_result_that_was_not_told(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    services.resolve(complaint, resolution=RESOLUTION, told=None, **said(staff.handler))
    assert complaint.due_clock == "acknowledge"
    answer = services.Answer(Satisfaction.SATISFIED)
    services.call_back(complaint, channel=Channel.PHONE, answer=answer, **said(staff.service))
    kinds = [event.kind for event in complaint.events]
    assert kinds[-4:] == ["resolved", "customer_told", "called_back", "closed"]


def test_waiting_for_the_customer_ends_when_he_answers(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.WAITING)
    assert complaint.waiting_until is not None
    services.add(complaint, text="周六可以", channel=Channel.PHONE, **said(staff.service))
    assert (complaint.state, complaint.waiting_until) == ("in_progress", None)
    assert [event.kind for event in complaint.events][-2:] == ["added", "continued"]


def test_a_pause_moves_the_stored_deadline(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS, acknowledged=True)
    # Two working days after Monday: Wednesday 18:00 in Shanghai.
    assert (complaint.due_clock, complaint.due_at) == (
        "department",
        datetime(2026, 10, 14, 10, 0, tzinfo=UTC),
    )
    until = NOW + timedelta(days=3)
    services.wait(complaint, party=Party.CUSTOMER, what="约时间", until=until, **said(staff.handler))
    assert complaint.paused
    services.resume(complaint, reason="来电", **said(staff.handler, now=NOW + timedelta(hours=25)))
    # From Monday 11:00 to Tuesday 11:00 costs the two working hours of Tuesday morning: Thursday 11:00.
    assert complaint.due_at == datetime(2026, 10, 15, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("words", ["谢谢！", "还是不行"])
def test_words_on_a_closed_case_reopen_nothing_by_themselves(make: Factory, staff: Staff, words: str) -> None:
    """Cases 9 and 10 of the workflows."""
    complaint = brought_to(make, staff, State.CLOSED)
    services.add(complaint, text=words, channel=Channel.PHONE, **said(staff.service))
    services.note(complaint, text="看一下", **said(staff.service))
    assert (complaint.state, complaint.round) == ("closed", 1)


def test_a_closed_case_opens_again_inside_the_grace_window_only(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.CLOSED)
    late = said(staff.service, now=NOW + timedelta(days=31))
    with pytest.raises(Refused, match="too_late"):
        services.reopen(complaint, reason="又坏了", handler=None, **late)
    services.reopen(complaint, reason="又坏了", handler=staff.second, **said(staff.service))
    assert (complaint.state, complaint.outcome, complaint.closed_at) == ("in_progress", "", None)


def test_a_stale_step_changes_nothing(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    seen = complaint.version
    services.resolve(complaint, resolution=RESOLUTION, told=None, **said(staff.handler, seen=seen))
    with pytest.raises(Stale):
        services.transfer(
            complaint, unit=staff.other, handler=None, reason="归城东", **said(staff.head, seen=seen)
        )
    assert complaint.state == "resolved"


def test_a_form_sent_twice_takes_its_step_once(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.RECEIVED)
    twice = said(staff.service, seen=complaint.version, key="k1")
    for _ in range(2):
        services.assign(complaint, unit=staff.unit, handler=None, reason="", **twice)
    assert [event.kind for event in complaint.events].count(ClockKind.ASSIGNED) == 1


def test_every_step_writes_log_and_audit(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.CLOSED)
    kinds = [event.kind for event in complaint.events]
    assert kinds == ["received", "assigned", "accepted", "resolved", "customer_told", "called_back", "closed"]
    assert all(event.version <= complaint.version for event in complaint.events)
    report = audit.verify()
    assert report.broken_id is None
    assert report.count >= len(kinds) - 1
    db.session.expire_all()
    stored = clocks.read(case_of(complaint), now=NOW + timedelta(days=2))
    assert not any(reading.is_running for reading in stored.all)


def test_what_lists_show_is_what_the_log_says(make: Factory, staff: Staff) -> None:
    """The stored columns repeat the log, in every state."""
    for state in State:
        complaint = brought_to(make, staff, state)
        seen = clocks.outlook(case_of(complaint), now=NOW)
        assert (complaint.due_at, complaint.soon_at, complaint.next_alarm_at, complaint.paused) == (
            seen.due_at,
            seen.soon_at,
            seen.next_alarm_at,
            seen.paused,
        )


def test_the_log_is_never_rewritten(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.RESOLVED)
    before = [(e.id, e.kind, e.at, e.text) for e in complaint.events]
    services.reopen(complaint, reason="又坏了", handler=None, **said(staff.service))
    db.session.commit()
    rows = db.session.scalars(select(ComplaintEvent).order_by(ComplaintEvent.id)).all()
    assert [(e.id, e.kind, e.at, e.text) for e in rows][: len(before)] == before
