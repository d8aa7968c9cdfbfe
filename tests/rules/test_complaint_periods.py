"""Periods: what an address may name, and what is before them."""

from datetime import date

import pytest

from app.errors import Refused
from app.rules.complaints.periods import Length, last_month, months_later, parse, recent


@pytest.mark.parametrize(
    ("code", "first", "last", "before", "year_before"),
    [
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12", "2025-01"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4", "2025-Q1"),
        ("2026", "2026-01-01", "2026-12-31", "2025", "2025"),
        (
            "2024-02-28_2024-02-29",
            "2024-02-28",
            "2024-02-29",
            "2024-02-26_2024-02-27",
            "2023-02-28_2023-03-01",
        ),
    ],
)
def test_a_period_and_those_before_it(
    code: str, first: str, last: str, before: str, year_before: str
) -> None:
    period = parse(code)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert (period.code, period.before().code, period.year_before().code) == (code, before, year_before)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "no_period"),
        ("2026-13", "no_period"),
        ("2026-Q5", "no_period"),
        ("２０２６", "no_period"),
        ("0000", "no_period"),
        ("9999", "no_period"),
        ("2026-09\n", "no_period"),
        ("2026-02-30_2026-03-01", "no_period"),
        ("0001-01-01_0001-01-02", "no_period"),
        ("2026-03-02_2026-03-01", "ends_before"),
        ("2020-01-01_2026-03-01", "too_long"),
    ],
)
def test_what_is_no_period(code: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(code)
    assert refused.value.code == why


def test_how_much_of_a_period_has_begun() -> None:
    month = parse("2026-10")
    assert month.begun(date(2026, 10, 12)) == 12
    assert month.begun(date(2026, 11, 1)) is None
    assert month.begun(date(2026, 9, 1)) == 0
    assert month.cut(12).last == date(2026, 10, 12)
    assert month.cut(None) == month.cut(40) == month


def test_recent_periods_and_the_last_month() -> None:
    today = date(2026, 1, 31)
    assert last_month(today).code == "2025-12"
    assert [one.code for one in recent(Length.QUARTER, today, 2)] == ["2026-Q1", "2025-Q4"]
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2024, 1, 31), -2) == date(2023, 11, 30)
