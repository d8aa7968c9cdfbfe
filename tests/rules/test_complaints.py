"""The machine of a complaint, from its table; the guards; the number."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from app.errors import Refused
from app.rules.complaints import (
    GRACE,
    STEPS,
    Case,
    Outcome,
    Part,
    Resolution,
    State,
    Step,
    Try,
    check_step,
    guard_closing,
    guard_own_case,
    guard_person,
    guard_reopening,
    guard_resolving,
    guard_sending_back,
    guard_unit,
    guard_waiting,
    number_of,
    open_steps,
    read_number,
)

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
COMPLETE = Resolution("repaired", "We are sorry.", "free repair", 3, "", "checked monthly", "")


@pytest.mark.parametrize(("state", "step", "part"), list(itertools.product(State, Step, Part)))
def test_every_combination(state: State, step: Step, part: Part) -> None:
    move = STEPS[step]
    if part not in move.parts:
        with pytest.raises(Refused, match="not_allowed"):
            check_step(Case(state), step, {part})
    elif state not in move.sources:
        with pytest.raises(Refused, match="not_now"):
            check_step(Case(state), step, {part})
    else:
        assert check_step(Case(state), step, {part}) is (move.to or state)
        assert step in open_steps(Case(state), {part})


def test_the_way_of_a_case() -> None:
    """The table itself, said once by hand."""
    service, member, handler = {Part.SERVICE}, {Part.MEMBER}, {Part.HANDLER}
    way = [
        (State.RECEIVED, Step.ASSIGN, service, State.ASSIGNED),
        (State.ASSIGNED, Step.SEND_BACK, member, State.RECEIVED),
        (State.ASSIGNED, Step.ACCEPT, member, State.IN_PROGRESS),
        (State.IN_PROGRESS, Step.WAIT, handler, State.WAITING),
        (State.WAITING, Step.RESUME, {Part.CUSTOMER}, State.IN_PROGRESS),
        (State.IN_PROGRESS, Step.TRANSFER, handler, State.ASSIGNED),
        (State.IN_PROGRESS, Step.RESOLVE, handler, State.RESOLVED),
        (State.RESOLVED, Step.REOPEN, service, State.IN_PROGRESS),
        (State.RESOLVED, Step.CLOSE, service, State.CLOSED),
        (State.CLOSED, Step.REOPEN, service, State.IN_PROGRESS),
    ]
    assert [check_step(Case(state), step, parts) for state, step, parts, _ in way] == [to for *_, to in way]
    for refused in (handler, member, {Part.HEAD}, {Part.SYSTEM}):
        with pytest.raises(Refused, match="not_allowed"):
            check_step(Case(State.RESOLVED), Step.CLOSE, refused)


def test_not_sent_back_a_third_time() -> None:
    guard_sending_back(Case(State.ASSIGNED, sent_back=1), "not ours")
    with pytest.raises(Refused, match="sent_back_twice"):
        guard_sending_back(Case(State.ASSIGNED, sent_back=2), "not ours")
    with pytest.raises(Refused, match="reason_missing"):
        guard_sending_back(Case(State.ASSIGNED), "  ")


def test_never_to_the_person_it_is_about() -> None:
    guard_person(7, 8)
    guard_person(None, 7)
    guard_person(7, None)
    guard_unit(7, {7, 8})
    guard_unit(None, {7})
    with pytest.raises(Refused, match="about_this_person"):
        guard_person(7, 7)
    with pytest.raises(Refused, match="about_this_person"):
        guard_unit(7, {7})


def test_waiting_says_for_whom_and_until_when() -> None:
    later = NOW + timedelta(days=2)
    guard_waiting("customer", "photos", later, NOW)
    for values, code in (
        (("nobody", "photos", later), "waits_for_nobody"),
        (("customer", " ", later), "reason_missing"),
        (("third_party", "parts", NOW), "in_the_past"),
    ):
        with pytest.raises(Refused, match=code):
            guard_waiting(*values, NOW)


def test_resolving_names_what_is_missing() -> None:
    guard_resolving(COMPLETE)
    with pytest.raises(Refused) as refusal:
        guard_resolving(Resolution("", "x", " ", None, "", "", ""))
    assert refusal.value.params["missing"] == ["result", "remedy", "cause", "prevention"]
    guard_resolving(Resolution("a", "b", "c", None, "worn part", "", "cannot be foreseen"))


def test_the_handler_does_not_ask_about_his_own_work() -> None:
    case, parts = Case(State.RESOLVED), {Part.SERVICE, Part.HANDLER}
    with pytest.raises(Refused, match="own_case"):
        guard_own_case(case, parts, was_handler=True)
    guard_own_case(case, parts, was_handler=False)
    guard_own_case(case, {Part.CUSTOMER}, was_handler=True)
    guard_own_case(Case(State.RESOLVED, alone=True), parts, was_handler=True)


@pytest.mark.parametrize(
    ("outcome", "tries", "satisfied", "reason", "code"),
    [
        (Outcome.SATISFIED, 1, True, "", None),
        (Outcome.SATISFIED, 1, False, "", "not_satisfied"),
        (Outcome.SATISFIED, 0, None, "", "not_asked"),
        (Outcome.DISSATISFIED_ACCEPTED, 1, False, "offered all we can", None),
        (Outcome.DISSATISFIED_ACCEPTED, 1, False, "", "reason_missing"),
        (Outcome.DISSATISFIED_ACCEPTED, 0, None, "offered all we can", "not_asked"),
        (Outcome.DISSATISFIED_ACCEPTED, 1, True, "offered all we can", "was_satisfied"),
        (Outcome.UNREACHABLE, 3, None, "", None),
        (Outcome.UNREACHABLE, 2, None, "", "too_few_tries"),
        (Outcome.MERGED, 0, None, "", "outcome_unknown"),
    ],
)
def test_closing(outcome: Outcome, tries: int, satisfied: bool | None, reason: str, code: str | None) -> None:
    made = [Try(date(2026, 10, 12 + n // 2), reached=False) for n in range(tries)]
    if code is None:
        guard_closing(outcome, made, satisfied=satisfied, reason=reason)
        return
    with pytest.raises(Refused, match=code):
        guard_closing(outcome, made, satisfied=satisfied, reason=reason)


def test_three_tries_on_one_day_are_too_few() -> None:
    one_day = [Try(date(2026, 10, 12), reached=False)] * 5
    with pytest.raises(Refused, match="too_few_tries"):
        guard_closing(Outcome.UNREACHABLE, one_day, satisfied=None, reason="")
    reached = [Try(date(2026, 10, 12 + n), reached=n == 1) for n in range(3)]
    with pytest.raises(Refused, match="was_reached"):
        guard_closing(Outcome.UNREACHABLE, reached, satisfied=None, reason="")


def test_a_customer_can_only_be_satisfied() -> None:
    guard_closing(Outcome.SATISFIED, [], satisfied=True, reason="", by_customer=True)
    with pytest.raises(Refused, match="not_allowed"):
        guard_closing(Outcome.DISSATISFIED_ACCEPTED, [], satisfied=False, reason="well", by_customer=True)


def test_reopening_a_closed_case_ends_with_the_grace_window() -> None:
    closed, outcome = Case(State.CLOSED), Outcome.SATISFIED
    guard_reopening(closed, outcome, NOW - GRACE, "still broken", NOW)
    with pytest.raises(Refused, match="too_late"):
        guard_reopening(closed, outcome, NOW - GRACE - timedelta(seconds=1), "still broken", NOW)
    guard_reopening(Case(State.RESOLVED), None, None, "still broken", NOW)
    with pytest.raises(Refused, match="reason_missing"):
        guard_reopening(closed, outcome, NOW, "", NOW)
    with pytest.raises(Refused, match="merged"):
        guard_reopening(closed, Outcome.MERGED, NOW, "still broken", NOW)


def test_a_case_that_no_unit_has_had_is_reopened_at_the_desk() -> None:
    untouched = Case(State.CLOSED, assigned=False)
    assert check_step(untouched, Step.REOPEN, {Part.SERVICE}) is State.RECEIVED


def test_a_number_finds_every_slip_of_one_digit_and_of_two_neighbours() -> None:
    assert number_of(2026, 42) == read_number(number_of(2026, 42).replace("-", ""))
    for running in (1, 42, 99_999, 123_456):
        right = number_of(2026, running).replace("-", "")
        assert read_number(f" {right} ") is not None
        for place, digit in itertools.product(range(len(right)), "0123456789"):
            wrong = right[:place] + digit + right[place + 1 :]
            assert (read_number(wrong) is not None) == (wrong == right)
        for place in range(len(right) - 1):
            swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
            assert (read_number(swapped) is not None) == (swapped == right)
    assert read_number("26-42-1") is None
    assert read_number("２６０００４２１") is None
