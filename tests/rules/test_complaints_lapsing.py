"""When the customer who is waited for is reminded, and when he is waited for no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from app.rules.complaints.lapsing import Wait, What, next_prompt

SINCE = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)


def days(number: float) -> datetime:
    return SINCE + timedelta(days=number)


@pytest.mark.parametrize(
    ("until", "reminded", "what", "at"),
    [
        (8, [], What.REMIND, 4),
        (1, [], What.REMIND, 1),
        (8, [4], What.REMIND, 8),
        (8, [9], What.REMIND, 10),
        (8, [4, 8], What.LAPSE, 15),
        (8, [4, 30], What.LAPSE, 37),
    ],
)
def test_what_comes_next(until: float, reminded: list[float], what: What, at: float) -> None:
    found = next_prompt(Wait(SINCE, days(until), [days(one) for one in reminded], timedelta(days=7)))
    assert (found.what, found.at) == (what, days(at))
    assert found.number == (len(reminded) + 1 if what is What.REMIND else 0)


def test_a_policy_says_how_long_is_waited_after_the_last_reminder() -> None:
    reminded = [SINCE + timedelta(days=3), SINCE + timedelta(days=6)]
    wait = Wait(SINCE, SINCE + timedelta(days=6), reminded, timedelta(days=20))
    assert next_prompt(wait).at == reminded[-1] + timedelta(days=20)
