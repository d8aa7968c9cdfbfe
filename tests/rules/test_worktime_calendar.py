"""What a calendar refuses, and that equal calendars are one."""

from datetime import date

import pytest

from app.rules.worktime import Calendar, CalendarError, DayKind, Span, SpecialDay, find_problems
from tests.rules.worktime_calendars import NINE_TO_FIVE, SHANGHAI, SPRING, firm, week

DAY = date(2026, 10, 12)
HOLIDAY, MAKE_UP, OWN_HOURS = DayKind.HOLIDAY, DayKind.MAKE_UP, DayKind.OWN_HOURS


@pytest.mark.parametrize(
    ("spans", "code"),
    [
        ((Span(-1, 60),), "span_outside_day"),
        ((Span(22 * 60, 26 * 60),), "span_outside_day"),
        ((Span(22 * 60, 2 * 60),), "span_empty"),
        ((Span(60, 60),), "span_empty"),
        ((Span(540, 720), Span(719, 800)), "spans_overlap"),
        ((Span(600, 720), Span(540, 601)), "spans_overlap"),
    ],
)
def test_bad_hours_are_named(spans: tuple[Span, ...], code: str) -> None:
    with pytest.raises(CalendarError) as caught:
        Calendar(SHANGHAI, week(*spans, days=1))
    assert (caught.value.code, caught.value.place) == (code, "week/0")
    special = SpecialDay(DAY, OWN_HOURS, spans=spans)
    assert [(p.code, p.place) for p in find_problems(week(), (special,))] == [(code, "2026-10-12")]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (SpecialDay(DAY, HOLIDAY, " "), "name_missing"),
        (SpecialDay(DAY, HOLIDAY, "New Year", spans=NINE_TO_FIVE), "closed_with_hours"),
        (SpecialDay(DAY, HOLIDAY, "New Year", like=0), "closed_with_hours"),
        (SpecialDay(DAY, MAKE_UP, "New Year"), "hours_missing"),
        (SpecialDay(DAY, MAKE_UP, "", like=0), "name_missing"),
        (SpecialDay(DAY, MAKE_UP, "New Year", like=7), "no_such_weekday"),
        (SpecialDay(DAY, MAKE_UP, "New Year", spans=NINE_TO_FIVE, like=0), "hours_twice"),
        (SpecialDay(DAY, OWN_HOURS), "hours_missing"),
        (SpecialDay(DAY, DayKind.WORKDAY, "x", spans=NINE_TO_FIVE), "kind_not_special"),
    ],
)
def test_bad_special_days_are_named(day: SpecialDay, code: str) -> None:
    assert [(p.code, p.place) for p in find_problems(week(), (day,))] == [(code, "2026-10-12")]


def test_all_problems_are_found_at_once() -> None:
    twice = SpecialDay(DAY, HOLIDAY, "New Year")
    found = list(find_problems(((Span(2, 1),),), (twice, twice)))
    assert [problem.code for problem in found] == ["week_length", "span_empty", "day_twice"]


def test_touching_spans_and_a_whole_day_are_fine() -> None:
    calendar = Calendar(SHANGHAI, week(Span(720, 1440), Span(0, 720), days=7))
    assert calendar.week[0] == (Span(0, 720), Span(720, 1440))
    assert calendar.full_day_minutes == 1440


def test_the_order_in_which_days_are_given_does_not_matter() -> None:
    assert firm(*SPRING) == firm(*reversed(SPRING))
    assert hash(firm(*SPRING)) == hash(firm(*reversed(SPRING)))
    assert firm(*SPRING) != firm(*SPRING[1:])


def test_what_a_date_is() -> None:
    calendar = firm(*SPRING)
    kinds = {day: calendar.day(date(2026, 2, day)) for day in (13, 14, 15, 28)}
    assert [kinds[day].kind for day in (13, 14, 15)] == [DayKind.WORKDAY, MAKE_UP, HOLIDAY]
    assert (kinds[14].spans, kinds[15].spans, kinds[15].name) == (NINE_TO_FIVE, (), "春节")
    assert calendar.day(date(2026, 3, 1)).kind is DayKind.REST_DAY
