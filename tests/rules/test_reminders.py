"""Who is reminded, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.rules.reminders import Outlook, Standing, is_due, is_early

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
WAITING = Standing(False, False, True, NOW - timedelta(days=3), 0, False)


def due(standing: Standing, **changed: object) -> bool:
    rule = {"now": NOW, "after_days": 3, "limit": 2, "closes_at": NOW + timedelta(days=5)} | changed
    return is_due(standing, **rule)  # type: ignore[arg-type]


def test_due_exactly_after_the_days() -> None:
    assert due(WAITING)
    assert not due(replace(WAITING, last_sent_at=NOW - timedelta(days=3) + timedelta(seconds=1)))


@pytest.mark.parametrize(
    "changed",
    [
        {"finished": True},
        {"declined": True},
        {"reachable": False},
        {"open": True},
        {"last_sent_at": None},
        {"reminders": 2},
    ],
)
def test_nobody_is_reminded_in_vain(changed: dict[str, object]) -> None:
    assert not due(replace(WAITING, **changed))  # type: ignore[arg-type]


def test_no_reminders_after_the_end_or_when_switched_off() -> None:
    assert not due(WAITING, closes_at=NOW)
    assert not due(WAITING, limit=0)


def test_a_mail_of_less_than_two_days_makes_a_reminder_by_hand_early() -> None:
    gap = timedelta(days=2)
    assert not is_early(replace(WAITING, last_sent_at=NOW - gap), now=NOW)
    assert is_early(replace(WAITING, last_sent_at=NOW - gap + timedelta(seconds=1)), now=NOW)
    assert not is_early(replace(WAITING, last_sent_at=None), now=NOW)


@pytest.mark.parametrize(
    ("view", "sensible"),
    [
        (Outlook(), False),
        (Outlook(ready=1), True),
        (Outlook(ready=1, early=5), True),
        (Outlook(early=5), False),
        (Outlook(ready=5, inviting=1), False),
    ],
)
def test_when_a_reminder_by_hand_makes_sense(view: Outlook, sensible: bool) -> None:
    assert view.sensible is sensible
