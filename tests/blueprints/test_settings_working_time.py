"""Working time: hours, special days, calendars of units, official years, versions, and what a change would do."""

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import AuditEntry, WorkingCalendar
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.versions import newest_calendar
from app.services.complaints import basics
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made

PAGE, HOURS, DAYS = "/settings/working-time", "/settings/working-time/hours", "/settings/working-time/days"


@pytest.fixture
def admin(make: Factory, sign_in: Any) -> FlaskClient:
    make.firm()
    basics.ensure(now=make.now)
    db.session.commit()
    opened: FlaskClient = sign_in("administrator", language="en")
    return opened


def newest() -> WorkingCalendar:
    db.session.rollback()
    return newest_calendar()


def day(on: date, unit: int | None = None) -> Any:
    calendars = clock_reads.calendars(newest().version, lang="en")
    return (calendars.firm if unit is None else calendars.units[unit]).day(on)


def hours(admin: FlaskClient, path: str = HOURS, **typed: str) -> Any:
    fields = fields_of(admin.get(path).get_data(as_text=True), "edit-form")
    return admin.post(path, data=fields | {name: [text] for name, text in typed.items()})


def days(admin: FlaskClient, path: str = DAYS, **typed: str) -> Any:
    fields = {"first": "2026-12-24", "last": "", "kind": "holiday", "like": "4", "hours": "", "name": "盘点"}
    return send(admin, path, **(fields | {"name_en": "Stocktaking"} | typed))


def test_hours_are_stored_as_a_version_of_their_own(admin: FlaskClient) -> None:
    before = newest().version
    assert hours(admin, d5="9-12", d4="8:30–12:00、13:00～17:30").status_code == 302
    assert newest().version == before + 1
    assert [(span.opens, span.closes) for span in day(date(2026, 12, 5)).spans] == [(540, 720)]
    assert [(span.opens, span.closes) for span in day(date(2026, 12, 4)).spans] == [(510, 720), (780, 1050)]
    page = admin.get(f"{PAGE}/versions").get_data(as_text=True)
    assert "Saturday: 09:00–12:00 instead of no hours" in page
    entry = db.session.query(AuditEntry).filter_by(action="calendar.changed").one()
    assert entry.object_id == before + 1
    assert hours(admin).status_code == 302
    assert newest().version == before + 1, "what changes nothing makes no version"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nine", "Write hours such as"),
        ("12-9", "The end has to come after"),
        ("9-12, 11-14", "overlap"),
        ("9-25", "A day has 24 hours"),
        ("1-2 3-4 5-6 7-8 9-10 11-12 13-14", "At most six"),
    ],
)
def test_hours_that_are_none_are_refused_and_kept(admin: FlaskClient, typed: str, said: str) -> None:
    before = newest().version
    response = hours(admin, d0=typed)
    body = response.get_data(as_text=True)
    assert response.status_code == 422
    assert said in body
    assert f'value="{typed}"' in body
    assert newest().version == before


def test_a_firm_that_never_opens_is_refused(admin: FlaskClient) -> None:
    response = hours(admin, **{f"d{number}": "" for number in range(7)})
    assert response.status_code == 422
    assert "no deadline would ever come" in response.get_data(as_text=True)


def test_whoever_comes_second_sees_both_texts(admin: FlaskClient) -> None:
    fields = fields_of(admin.get(HOURS).get_data(as_text=True), "edit-form")
    assert hours(admin, d5="9-12").status_code == 302
    late = admin.post(HOURS, data=fields | {"d6": ["10-16"]})
    body = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "10-16" in body
    assert "09:00–12:00" in body
    again = fields_of(body, "edit-form")
    assert admin.post(HOURS, data=again).status_code == 302
    assert day(date(2026, 12, 6)).spans


def test_a_preview_stores_nothing_and_says_what_would_move(admin: FlaskClient, make: Factory) -> None:
    made.case(make)
    before = newest().version
    response = hours(admin, d5="9-12", preview="y", example="2026-11-19T10:00")
    body = response.get_data(as_text=True)
    assert response.status_code == 200
    assert "What this would do" in body
    assert "Nov 24, 2026 18:00" in body, (
        "three working days from Thursday end on Tuesday by the present hours"
    )
    assert "Nov 23, 2026 18:00" in body, "and on Monday when Saturday is worked"
    assert "Of 1 running cases" in body
    assert newest().version == before


def test_days_are_entered_shown_and_removed(admin: FlaskClient) -> None:
    assert days(admin, last="2026-12-26").status_code == 302
    assert (day(date(2026, 12, 25)).kind, day(date(2026, 12, 25)).name) == ("holiday", "Stocktaking")
    page = admin.get(f"{PAGE}?year=2026").get_data(as_text=True)
    assert "Stocktaking" in page
    assert "closed by us" in page
    assert "National Day" in page
    version = newest().version
    assert days(admin, last="2026-12-26").status_code == 302
    assert newest().version == version, "the same form twice enters it once"
    removed = send(admin, f"{DAYS}/remove", page=PAGE, first="2026-12-24", unit="")
    assert removed.status_code == 302
    assert day(date(2026, 12, 25)).kind == "workday"
    assert "removed Dec 24, 2026 – Dec 26, 2026 Stocktaking (day off)" in admin.get(f"{PAGE}/versions").text


def test_a_day_can_be_worked_like_another_or_have_hours_of_its_own(admin: FlaskClient) -> None:
    assert days(admin, first="2026-12-05", kind="make_up", like="0").status_code == 302
    assert day(date(2026, 12, 5)).spans == day(date(2026, 12, 7)).spans
    assert days(admin, first="2026-10-01", kind="own_hours", hours="10-15").status_code == 302
    assert [(span.opens, span.closes) for span in day(date(2026, 10, 1)).spans] == [(600, 900)]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first": ""}, "first"),
        ({"first": "2026-02-30"}, "first"),
        ({"last": "2026-12-01"}, "last"),
        ({"last": "2028-12-01"}, "first"),
        ({"first": "1890-01-01"}, "first"),
        ({"name": ""}, "name"),
        ({"kind": "own_hours"}, "hours"),
        ({"kind": "moon"}, "kind"),
        ({"hours": "x"}, "hours"),
        ({"like": "9"}, "like"),
        ({"first": "2026-11-30", "last": "2026-12-31"}, "first"),
    ],
)
def test_days_that_make_no_sense_are_refused(admin: FlaskClient, typed: dict[str, str], field: str) -> None:
    assert days(admin, first="2026-12-31").status_code == 302
    before = newest().version
    response = days(admin, **typed)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    assert newest().version == before


def test_a_unit_has_its_own_hours_and_keeps_the_firms_days_or_not(admin: FlaskClient, make: Factory) -> None:
    unit = make.unit(name="城西店", name_en="Chengxi branch")
    assert send(admin, f"{PAGE}/own", page=PAGE, unit=str(unit.id), own="y").status_code == 302
    assert day(date(2026, 10, 1), unit.id).kind == "holiday"
    path = f"{HOURS}?unit={unit.id}"
    assert hours(admin, path, d6="10-16").status_code == 302
    assert day(date(2026, 12, 6), unit.id).spans
    assert not day(date(2026, 12, 6)).spans, "the firm's stay"
    fields = fields_of(admin.get(path).get_data(as_text=True), "edit-form")
    del fields["follows"]
    assert admin.post(path, data=fields).status_code == 302
    assert day(date(2026, 10, 1), unit.id).kind == "workday"
    assert days(admin, f"{DAYS}?unit={unit.id}").status_code == 302
    assert day(date(2026, 12, 24), unit.id).kind == "holiday"
    assert day(date(2026, 12, 24)).kind == "workday"
    assert "Chengxi branch" in admin.get(f"{PAGE}?unit={unit.id}&year=2026").get_data(as_text=True)
    assert send(admin, f"{PAGE}/own", page=PAGE, unit=str(unit.id), own="").status_code == 302
    assert unit.id not in clock_reads.calendars(newest().version).units
    assert admin.get(f"{PAGE}?unit={unit.id}").status_code == 404


def test_a_year_is_provisional_until_known_or_entered(admin: FlaskClient) -> None:
    year = max(newest().document["provisional"])
    page = admin.get(f"{PAGE}?year={year}").get_data(as_text=True)
    assert f"the official holidays of {year} are not known" in page
    assert send(admin, f"{PAGE}/year", page=PAGE, year=str(year), known="y").status_code == 302
    assert year not in newest().document["provisional"]
    assert f"The holidays of {year} are known" in admin.get(f"{PAGE}/versions").text
    basics.ensure(now=newest().created_at)
    db.session.commit()
    assert year not in newest().document["provisional"], "what a person said is not taken back by itself"
    assert send(admin, f"{PAGE}/year", page=PAGE, year=str(year), known="").status_code == 302
    assert year in newest().document["provisional"]
    assert send(admin, f"{PAGE}/year", page=PAGE, year="x", known="y").status_code == 404


def test_management_reads_and_others_do_not(admin: FlaskClient, sign_in: Any) -> None:
    manager = sign_in("management", language="en")
    page = manager.get(PAGE).get_data(as_text=True)
    assert "Weekly hours" in page
    assert "Change the hours" not in page
    assert manager.get(HOURS).status_code == 403
    assert sign_in("customer_service").get(PAGE).status_code == 403


@pytest.mark.parametrize("query", ["?year=x", "?year=9999999", "?year=2000", "?year=2199", "?year=-1"])
def test_any_year_can_be_asked_for(admin: FlaskClient, query: str) -> None:
    assert admin.get(PAGE + query).status_code == 200
    assert admin.get(f"{PAGE}?unit=77").status_code == 404
