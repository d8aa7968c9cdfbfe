"""Chinese days off and make-up days against the State Council's lists, typed from its notices."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.adapters import holidays
from app.adapters.holidays import chinese_year
from app.rules.worktime import Calendar, DayKind
from tests.rules.worktime_calendars import NINE_TO_FIVE, SHANGHAI, week

# 国务院办公厅关于2025年、2026年部分节假日安排的通知: first and last day off, name, and the weekend days worked.
OFF = {
    2025: [
        ((1, 1), (1, 1), "元旦"),
        ((1, 28), (2, 4), "春节"),
        ((4, 4), (4, 6), "清明节"),
        ((5, 1), (5, 5), "劳动节"),
        ((5, 31), (6, 2), "端午节"),
        ((10, 1), (10, 8), "国庆节、中秋节"),
    ],
    2026: [
        ((1, 1), (1, 3), "元旦"),
        ((2, 15), (2, 23), "春节"),
        ((4, 4), (4, 6), "清明节"),
        ((5, 1), (5, 5), "劳动节"),
        ((6, 19), (6, 21), "端午节"),
        ((9, 25), (9, 27), "中秋节"),
        ((10, 1), (10, 7), "国庆节"),
    ],
}
WORKED = {
    2025: [(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    2026: [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
}


def days_of(year: int) -> Iterator[date]:
    on = date(year, 1, 1)
    while on.year == year:
        yield on
        on += timedelta(days=1)


def official_name(on: date) -> str | None:
    """What the notice calls a day off."""
    for first, last, name in OFF[on.year]:
        if date(on.year, *first) <= on <= date(on.year, *last):
            return name
    return None


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_the_year_is_as_the_notice_says(year: int) -> None:
    found = chinese_year(year)
    assert not found.provisional
    known = {day.on: day for day in found.days}
    checked = 0
    for on in days_of(year):
        name = official_name(on)
        if name:
            assert known[on].kind is DayKind.HOLIDAY, on
            assert set(known[on].names["zh"].split("、")) <= set(name.split("、"))
        elif (on.month, on.day) in WORKED[year]:
            assert known[on].kind is DayKind.MAKE_UP, on
        else:
            assert on not in known
        checked += 1
    assert checked == 365


@pytest.mark.parametrize("year", [2025, 2026])
@pytest.mark.parametrize("working_days", [5, 7])
def test_a_calendar_made_from_it_is_open_on_the_right_days(year: int, working_days: int) -> None:
    """The firm with seven working days closes on the weekends inside the holidays too."""
    calendar = Calendar(
        SHANGHAI, week(*NINE_TO_FIVE, days=working_days), chinese_year(year).special_days("zh")
    )
    for on in days_of(year):
        is_worked = (on.month, on.day) in WORKED[year]
        expected = is_worked or (on.weekday() < working_days and official_name(on) is None)
        assert bool(calendar.day(on).spans) is expected, on


def test_a_make_up_day_is_worked_like_the_day_it_makes_up_for() -> None:
    made_up = {day.on: day for day in chinese_year(2026).days if day.kind is DayKind.MAKE_UP}
    assert {on.isoformat(): day.like for on, day in made_up.items()} == {
        "2026-01-04": 4,  # for Friday, 2 January
        "2026-02-14": 4,
        "2026-02-28": 0,
        "2026-05-09": 1,
        "2026-09-20": 1,
        "2026-10-10": 2,
    }
    assert made_up[date(2026, 2, 14)].names == {"zh": "春节", "en": "Spring Festival"}


def test_days_between_two_festivals_carry_both_names() -> None:
    named = {day.on: day.names for day in chinese_year(2025).days}
    assert named[date(2025, 10, 6)] == {"zh": "中秋节", "en": "Mid-Autumn Festival"}
    assert named[date(2025, 10, 8)] == {"zh": "国庆节、中秋节", "en": "National Day, Mid-Autumn Festival"}
    assert named[date(2025, 6, 2)] == {"zh": "端午节", "en": "Dragon Boat Festival"}


def test_a_year_whose_list_is_not_out_is_provisional() -> None:
    found = chinese_year(2027)
    assert found.provisional
    assert not [day for day in found.days if day.kind is DayKind.MAKE_UP]
    assert date(2027, 2, 6) in {day.on for day in found.days}
    assert not any(chinese_year(year).provisional for year in range(2001, 2027))


def test_a_holiday_made_up_in_the_year_before_belongs_to_that_year() -> None:
    assert date(2006, 12, 30) in {day.on for day in chinese_year(2006).days if day.kind is DayKind.MAKE_UP}
    assert all(day.on.year == 2007 for day in chinese_year(2007).days)


def test_a_make_up_day_without_its_day_off_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that reads otherwise in a later version of the library must not lose a working day."""
    labels = {date(2026, 5, 1): "劳动节", date(2026, 10, 1): "国庆节"}
    worked = {date(2026, 5, 9), date(2026, 9, 20)}
    monkeypatch.setattr(holidays, "_look_up", lambda years: (labels, worked))
    made_up = [day for day in chinese_year(2026).days if day.kind is DayKind.MAKE_UP]
    assert [(day.on.day, day.names["zh"], day.like) for day in made_up] == [
        (9, "劳动节", 4),
        (20, "国庆节", 0),
    ]
