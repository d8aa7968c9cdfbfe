"""Changing stored calendars and time limits: what is read, refused, changed, and said about two versions."""

from datetime import date
from typing import Any

import pytest

from app.errors import Refused
from app.rules import calendar_editing as calendars
from app.rules import policy_editing as policies
from app.rules.calendar_editing import OwnDays
from app.rules.clocks import (
    DEFAULT_POLICIES,
    Policy,
    Severity,
    calendar_document,
    calendars_of,
    policies_document,
    policies_of,
    special_day_document,
)
from app.rules.worktime import CalendarError, DayKind, Limit, Span
from app.rules.worktime.hours import read_spans, written
from tests.rules.worktime_calendars import SHANGHAI, WITH_LUNCH, week

NEW_YEAR = special_day_document(date(2027, 1, 1), DayKind.HOLIDAY, {"zh": "元旦", "en": "New Year"}, None)
DOCUMENT = calendar_document(week(*WITH_LUNCH), [NEW_YEAR], {2027, 2028})
OFF = OwnDays(date(2027, 1, 4), date(2027, 1, 6), DayKind.HOLIDAY, "盘点", "Stocktaking")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()),
        ("9-17", ((540, 1020),)),
        ("09:00–12:00, 13:00–18:00", ((540, 720), (780, 1080))),
        ("13:00－18:00；９：００～12：00", ((540, 720), (780, 1080))),
        ("8:30至12 、 13 to 17:45", ((510, 720), (780, 1065))),
        ("0-24", ((0, 1440),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    found = read_spans(text)
    assert tuple((span.opens, span.closes) for span in found) == spans
    assert read_spans(written(found)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nine", "unreadable"),
        ("9", "unreadable"),
        ("9-17 and so on", "unreadable"),
        ("9:75-17", "unreadable"),
        ("9-25", "span_outside_day"),
        ("24:30-24:50", "span_outside_day"),
        ("17-9", "span_empty"),
        ("9-9", "span_empty"),
        ("22-6", "span_empty"),
        ("9-12, 11-13", "spans_overlap"),
        (", ".join(f"{hour}-{hour + 1}" for hour in range(0, 14, 2)), "too_many_spans"),
    ],
)
def test_hours_that_are_none_are_named(text: str, code: str) -> None:
    with pytest.raises(CalendarError, match=code):
        read_spans(text)


def test_own_days_lie_over_the_official_ones_and_can_be_taken_away() -> None:
    open_day = OwnDays(date(2027, 1, 1), date(2027, 1, 1), DayKind.OWN_HOURS, "值班", spans=(Span(600, 720),))
    changed = calendars.with_days(calendars.with_days(DOCUMENT, None, OFF), None, open_day)
    firm = calendars_of(2, changed, SHANGHAI, "en").firm
    assert firm.day(date(2027, 1, 1)).spans == (Span(600, 720),)
    assert (firm.day(date(2027, 1, 5)).name, firm.day(date(2027, 1, 7)).kind) == ("Stocktaking", "workday")
    assert calendars_of(2, changed, SHANGHAI, "zh").firm.day(date(2027, 1, 5)).name == "盘点"
    back = calendars.without_days(changed, None, open_day.first)
    assert calendars_of(3, back, SHANGHAI, "en").firm.day(date(2027, 1, 1)).kind == "holiday"
    assert calendars.with_days(changed, None, OFF) == changed
    assert calendars.without_days(changed, None, date(2027, 2, 2)) == changed
    assert "own_days" not in DOCUMENT, "documents are never changed in place"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (OwnDays(date(2027, 1, 6), date(2027, 1, 7), DayKind.HOLIDAY, "x"), "days_overlap"),
        (OwnDays(date(2027, 2, 6), date(2027, 2, 1), DayKind.HOLIDAY, "x"), "ends_before"),
        (OwnDays(date(2027, 2, 1), date(2028, 3, 1), DayKind.HOLIDAY, "x"), "too_long"),
        (OwnDays(date(1999, 2, 1), date(1999, 2, 1), DayKind.HOLIDAY, "x"), "outside_years"),
        (OwnDays(date(2027, 2, 1), date(2027, 2, 1), DayKind.HOLIDAY, " "), "name_missing"),
        (OwnDays(date(2027, 2, 1), date(2027, 2, 1), DayKind.OWN_HOURS, "x"), "hours_missing"),
    ],
)
def test_days_that_make_no_sense_are_refused(entry: OwnDays, code: str) -> None:
    document = calendars.with_days(DOCUMENT, None, OFF)
    with pytest.raises(Refused) as refused:
        calendars.with_days(document, None, entry)
    assert refused.value.code == code


def test_a_units_calendar_begins_as_the_firms_and_goes_its_own_way() -> None:
    document = calendars.with_unit(calendars.with_days(DOCUMENT, None, OFF), 7)
    assert calendars.with_unit(document, 7) == document
    same = calendars_of(2, document, SHANGHAI, "en")
    assert same.units[7].day(date(2027, 1, 5)) == same.firm.day(date(2027, 1, 5))
    sunday = (*week(*WITH_LUNCH)[:6], (Span(600, 900),))
    other = calendars_of(3, calendars.with_week(document, 7, sunday, follows=False), SHANGHAI, "en")
    assert other.units[7].day(date(2027, 1, 3)).spans == (Span(600, 900),)
    assert other.units[7].day(date(2027, 1, 1)).kind == "workday", "it does not keep the firm's days off"
    assert not other.units[7].provisional
    assert calendars.without_unit(document, 7)["units"] == {}
    with pytest.raises(Refused, match="no_own_calendar"):
        calendars.with_week(document, 8, sunday, follows=True)
    with pytest.raises(Refused, match="never_open"):
        calendars.with_week(document, 7, ((),) * 7, follows=True)


def test_what_two_calendars_differ_in() -> None:
    later = calendars.with_days(DOCUMENT, None, OFF)
    later = calendars.with_unit(calendars.with_year(later, 2027, known=True), 7)
    later = calendars.with_week(later, 7, (*week(*WITH_LUNCH)[:5], (Span(600, 720),), ()), follows=False)
    again = calendars.with_days(later, 7, OFF)
    assert [one.what for one in calendars.differences(DOCUMENT, later)] == [
        "days_added",
        "year_known",
        "unit_added",
    ]
    assert [(one.what, one.unit) for one in calendars.differences(later, again)] == [("days_added", 7)]
    back = calendars.differences(again, DOCUMENT)
    assert [one.what for one in back] == ["days_removed", "year_provisional", "unit_removed"]
    follows = calendars.with_week(later, 7, week(*WITH_LUNCH), follows=True)
    assert [(one.what, one.place) for one in calendars.differences(later, follows)] == [
        ("week", 5),
        ("follows", 1),
    ]
    renewed = {**DOCUMENT, "special_days": []}
    assert not calendars.differences(DOCUMENT, DOCUMENT)
    assert [one.what for one in calendars.differences(renewed, DOCUMENT)] == ["list_changed"]


def test_a_year_is_declared_complete_and_the_declaration_taken_back() -> None:
    known = calendars.with_year(DOCUMENT, 2027, known=True)
    assert (known["provisional"], known["confirmed"]) == ([2028], [2027])
    assert calendars.with_year(known, 2027, known=True) == known
    assert calendars.with_year(known, 2027, known=False)["provisional"] == [2027, 2028]
    assert calendars.with_year(DOCUMENT, 2020, known=False) == DOCUMENT, (
        "what is known officially stays known"
    )


def test_stored_policies_read_as_before_and_older_ones_get_the_rest() -> None:
    document = policies_document(DEFAULT_POLICIES)
    assert dict(policies_of(1, document).by_class) == dict(DEFAULT_POLICIES)
    older = [
        {key: value for key, value in one.items() if key not in ("warnings", "lapse_days", "reminders")}
        for one in document
    ]
    assert policies_of(1, older) == policies_of(1, document)


SETTINGS = {"warnings": (50, 80), "lapse_days": 14, "reminders": 2}
LIMITS: dict[str, Limit | None] = {
    "acknowledge": Limit.hours(24),
    "department": Limit.working_days(2),
    "resolve": Limit.working_days(3),
    "callback": Limit.working_days(2),
    "interim": None,
    "pause_cap": Limit.working_days(10),
}


def test_all_default_policies_are_plausible() -> None:
    for policy in DEFAULT_POLICIES.values():
        limits = {name: getattr(policy, name) for name in LIMITS}
        settings = {name: getattr(policy, name) for name in SETTINGS}
        assert list(policies.find_implausible(limits, settings)) == []


@pytest.mark.parametrize(
    ("limits", "settings", "field", "code"),
    [
        ({"resolve": Limit.working_days(91)}, {}, "resolve", "too_much"),
        ({"department": Limit.working_days(4)}, {}, "department", "longer_than_solution"),
        ({"acknowledge": Limit.hours(100)}, {}, "acknowledge", "longer_than_solution"),
        ({"interim": Limit.working_hours(30)}, {}, "interim", "longer_than_solution"),
        ({"pause_cap": Limit.hours(3)}, {}, "pause_cap", "cap_unit"),
        ({}, {"warnings": (5, 80)}, "warn_first", "warn_range"),
        ({}, {"warnings": (80, 50)}, "warn_last", "warn_order"),
        ({}, {"lapse_days": 2}, "lapse_days", "lapse_range"),
        ({}, {"reminders": 6}, "reminders", "reminders_range"),
    ],
)
def test_what_cannot_be_meant_is_named(
    limits: dict[str, Any], settings: dict[str, Any], field: str, code: str
) -> None:
    found = list(policies.find_implausible(LIMITS | limits, SETTINGS | settings))
    assert policies.Implausible(field, code) in found


def test_policies_are_changed_added_taken_away_and_compared() -> None:
    document = policies_document(DEFAULT_POLICIES)
    place = (None, Severity.GENERAL)
    quick = Policy(**{**LIMITS, "resolve": Limit.working_days(2)}, warnings=(40, 80))  # type: ignore[arg-type]
    changed = policies.with_policy(document, place, quick)
    assert policies.policy_at(changed, place) == quick
    assert [one.what for one in policies.differences(document, changed)] == ["resolve", "warnings"]
    added = policies.with_policy(changed, (5, Severity.MAJOR), quick)
    assert [(one.what, one.category) for one in policies.differences(changed, added)] == [("added", 5)]
    assert policies.without_policy(added, (5, Severity.MAJOR)) == changed
    assert [one.what for one in policies.differences(added, changed)] == ["removed"]
    with pytest.raises(Refused, match="needed"):
        policies.without_policy(changed, place)
