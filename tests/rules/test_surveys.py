"""Every step of a survey in every state and role; checklist; seal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.rules.permissions import Role
from app.rules.surveys import (
    STEPS,
    Readiness,
    State,
    Step,
    check_step,
    checklist,
    missing,
    open_steps,
    seal,
    sensible_end,
    sensible_start,
)

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("role", Role)
def test_every_state_step_and_role(state: State, step: Step, role: Role) -> None:
    holder = Role.MANAGEMENT if step is Step.RELEASE else Role.MARKETING
    legal = role is holder and state in STEPS[step].sources
    assert (step in open_steps(state, [role])) is legal
    if legal:
        assert check_step(state, step, [role]) == (STEPS[step].to or state)
    else:
        with pytest.raises(Refused) as refused:
            check_step(state, step, [role])
        assert refused.value.code == ("not_now" if role is holder else "not_allowed")


def test_the_timetable_needs_no_role() -> None:
    assert check_step("live", Step.CLOSE, None) is State.CLOSED


def test_nothing_leaves_closed() -> None:
    leaving = [step for step, move in STEPS.items() if State.CLOSED in move.sources and move.to is not None]
    assert leaving == []


READY = Readiness(
    name_languages=frozenset({"zh"}),
    version_published=True,
    opens_at=NOW,
    closes_at=NOW + timedelta(days=7),
    recipients=10,
    open_links=0,
    text_problems=0,
    reminder_problems=0,
    reminder_limit=2,
    sender_set=True,
    mail_server_set=False,
    links_open_everywhere=True,
)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"name_languages": frozenset()}, ["name"]),
        ({"version_published": False}, ["questionnaire"]),
        ({"closes_at": NOW + timedelta(minutes=30)}, ["times"]),
        ({"recipients": 0}, ["recipients"]),
        ({"recipients": 0, "open_links": 1, "text_problems": 3, "sender_set": False}, []),
        ({"text_problems": 1}, ["texts"]),
        ({"reminder_problems": 1}, ["reminders"]),
        ({"reminder_problems": 1, "reminder_limit": 0}, []),
        ({"sender_set": False}, ["sender"]),
    ],
)
def test_what_blocks(changed: dict[str, object], codes: list[str]) -> None:
    assert missing(checklist(replace(READY, **changed), now=NOW)) == codes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({"mail_server_set": True}, True),
        ({"mail_server_set": False}, False),
        ({"mail_server_set": False, "open_links": 1}, True),
        ({"mail_server_set": True, "recipients": 0}, False),
        ({"mail_server_set": True, "links_open_everywhere": True}, False),
    ],
)
def test_links_that_lead_nowhere_are_a_warning_but_do_not_block(
    changed: dict[str, object], warned: bool
) -> None:
    state = replace(READY, **({"links_open_everywhere": False} | changed))  # type: ignore[arg-type]
    items = checklist(state, now=NOW)
    assert [item.code for item in items if item.code == "address" and not item.done] == ["address"] * warned
    assert "address" not in missing(items)


def test_the_seal_changes_with_any_answer_but_not_with_the_order_of_keys() -> None:
    rows = [(1, 7, "2026-10-01T00:00:00+00:00", {"a": 1, "b": "好"}), (2, 7, None, {})]
    count, digest = seal(rows)
    assert count == 2
    assert seal([(1, 7, rows[0][2], {"b": "好", "a": 1}), rows[1]])[1] == digest
    assert seal([(1, 7, rows[0][2], {"a": 2, "b": "好"}), rows[1]])[1] != digest
    assert seal(rows[:1])[1] != digest


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-10-12T23:56+08:00", "2026-10-13T09:00+08:00"),
        ("2026-10-16T08:00+08:00", "2026-10-19T09:00+08:00"),
        ("2026-10-17T12:00+08:00", "2026-10-19T09:00+08:00"),
        ("2026-10-18T00:00+08:00", "2026-10-19T09:00+08:00"),
    ],
)
def test_a_new_survey_proposes_to_open_in_the_morning_of_a_weekday(now: str, start: str) -> None:
    opens = sensible_start(datetime.fromisoformat(now))
    assert opens == datetime.fromisoformat(start)
    assert sensible_end(opens) == opens.replace(hour=18) + timedelta(days=14)
