"""Every pair of state and step of a report, for every role; and the fingerprint."""

import pytest

from app.errors import Refused
from app.rules.complaint_reports import (
    Standing,
    State,
    Step,
    check_reason,
    check_sections,
    check_step,
    digest,
    open_steps,
)
from app.rules.permissions import Role

WRITERS = {"marketing", "customer_service"}
OPEN = {State.DRAFT, State.RETURNED}
LEADS = {
    **{(state, Step.EDIT): state for state in OPEN},
    **{(state, Step.REFRESH): state for state in OPEN},
    **{(state, Step.SUBMIT): State.SUBMITTED for state in OPEN},
    (State.SUBMITTED, Step.REVIEW): State.REVIEWED,
    (State.SUBMITTED, Step.RETURN): State.RETURNED,
}


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(State))
def test_every_state_and_step(state: State, step: Step, role: str) -> None:
    who = Standing(frozenset({role}), own=False, alone=False)
    decides = step in (Step.REVIEW, Step.RETURN)
    allowed = role == "management" if decides else role in WRITERS
    if allowed and (state, step) in LEADS:
        assert check_step(state, step, who) is LEADS[state, step]
        assert step in open_steps(state, who)
        return
    with pytest.raises(Refused) as refused:
        check_step(state, step, who)
    assert refused.value.code == ("not_now" if allowed else "not_allowed")
    assert step not in open_steps(state, who)


def test_whoever_wrote_it_does_not_review_it_unless_he_is_alone() -> None:
    both = frozenset({"management", "marketing"})
    with pytest.raises(Refused, match="own_report"):
        check_step("submitted", Step.REVIEW, Standing(both, own=True, alone=False))
    assert check_step("submitted", Step.REVIEW, Standing(both, own=True, alone=True)) is State.REVIEWED
    assert check_step("submitted", Step.RETURN, Standing(both, own=True, alone=False)) is State.RETURNED


def test_a_reason_and_a_text_are_needed() -> None:
    assert check_reason("  missing causes ") == "missing causes"
    for blank in ("", " \n"):
        with pytest.raises(Refused, match="no_reason"):
            check_reason(blank)
        with pytest.raises(Refused, match="empty_report"):
            check_sections({"situation": blank})
    check_sections({"situation": "", "causes": "x"})


def test_the_fingerprint_knows_every_change_and_no_order_of_keys() -> None:
    one = digest({"a": 1.5, "b": None}, ["文字", ""])
    assert one == digest({"b": None, "a": 1.5}, ["文字", ""])
    assert (
        len({one, digest({"a": 1.5, "b": 0}, ["文字", ""]), digest({"a": 1.5, "b": None}, ["", "文字"])}) == 3
    )
