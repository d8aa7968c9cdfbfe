"""Time limits: plausible ones are stored as a version, and a case keeps the one of its receipt."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import ClockPolicy
from app.queries.complaints.clocks import policies
from app.queries.complaints.versions import newest_policies
from app.rules.clocks import Severity
from app.rules.worktime import Limit
from app.services.complaints import basics
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made

PAGE, GENERAL = "/settings/time-limits", "/settings/time-limits/general"


@pytest.fixture
def admin(make: Factory, sign_in: Any) -> FlaskClient:
    make.firm()
    basics.ensure(now=make.now)
    db.session.commit()
    opened: FlaskClient = sign_in("administrator", language="en")
    return opened


def newest() -> ClockPolicy:
    db.session.rollback()
    return newest_policies()


def general() -> Any:
    return policies(newest().version).of((), Severity.GENERAL)


def change(admin: FlaskClient, path: str = GENERAL, **typed: str) -> Any:
    fields = fields_of(admin.get(path).get_data(as_text=True), "edit-form")
    return admin.post(path, data=fields | {name: [text] for name, text in typed.items()})


def test_the_form_shows_what_is_stored_and_changes_nothing_by_itself(admin: FlaskClient) -> None:
    version = newest().version
    for severity in Severity:
        assert change(admin, f"{PAGE}/{severity}").status_code == 302
    assert newest().version == version


def test_limits_are_stored_for_new_cases_only(admin: FlaskClient, make: Factory) -> None:
    case = made.case(make)
    due, version = case.due_at, case.policy_version
    typed = {"resolve": "2", "department": "8", "department_in": "working_hours", "pause_cap": "5"}
    assert change(admin, **typed, warn_first="40", lapse_days="10", reminders="1").status_code == 302
    policy = general()
    assert (policy.resolve, policy.department) == (Limit.working_days(2), Limit.working_hours(8))
    assert (policy.warnings, policy.lapse_days, policy.reminders) == ((40, 80), 10, 1)
    page = admin.get(f"{PAGE}/versions").get_data(as_text=True)
    assert "General, Solution: 2 working days instead of 3 working days" in page
    db.session.expire_all()
    assert (case.due_at, case.policy_version) == (due, version)
    assert made.case(make).policy_version == newest().version


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"resolve": ""}, "resolve"),
        ({"resolve": "0"}, "resolve"),
        ({"resolve": "-3"}, "resolve"),
        ({"resolve": "x"}, "resolve"),
        ({"resolve": "91"}, "resolve"),
        ({"resolve": "99999999999999999999"}, "resolve"),
        ({"department": "4"}, "department"),
        ({"acknowledge": "80"}, "acknowledge"),
        ({"interim": "4", "interim_in": "working_days"}, "interim"),
        ({"pause_cap": "10", "pause_cap_in": "hours"}, "pause_cap"),
        ({"warn_first": "5"}, "warn_first"),
        ({"warn_first": "80"}, "warn_last"),
        ({"warn_last": ""}, "warn_last"),
        ({"lapse_days": "1"}, "lapse_days"),
        ({"reminders": "6"}, "reminders"),
        ({"resolve_in": "moons"}, "resolve_in"),
    ],
)
def test_what_is_not_plausible_is_refused(admin: FlaskClient, typed: dict[str, str], field: str) -> None:
    version = newest().version
    response = change(admin, **typed)
    assert response.status_code == 422
    body = response.get_data(as_text=True)
    assert f'id="{field}-error"' in body or field == "resolve_in"
    assert newest().version == version


def test_whoever_comes_second_sees_both_texts(admin: FlaskClient) -> None:
    fields = fields_of(admin.get(GENERAL).get_data(as_text=True), "edit-form")
    assert change(admin, resolve="5").status_code == 302
    late = admin.post(GENERAL, data=fields | {"resolve": ["6"]})
    assert late.status_code == 409
    again = fields_of(late.get_data(as_text=True), "edit-form")
    assert again["resolve"] == ["6"]
    assert admin.post(GENERAL, data=again).status_code == 302
    assert general().resolve == Limit.working_days(6)


def test_a_preview_stores_nothing(admin: FlaskClient, make: Factory) -> None:
    made.case(make)
    version = newest().version
    body = change(admin, resolve="2", preview="y", example="2026-11-16T10:00").get_data(as_text=True)
    assert "Nov 19, 2026 18:00" in body
    assert "Nov 18, 2026 18:00" in body
    assert "One running case keeps the time limits it has" in body
    assert newest().version == version


def test_a_category_has_limits_of_its_own(admin: FlaskClient, make: Factory) -> None:
    category = made.category("category.repair")
    assert send(admin, f"{PAGE}/own", page=PAGE, category=str(category.id), own="y").status_code == 302
    assert change(admin, f"{GENERAL}?category={category.id}", resolve="2").status_code == 302
    found = policies(newest().version)
    assert found.of((made.category().id, category.id), Severity.GENERAL).resolve == Limit.working_days(2)
    assert found.of((), Severity.GENERAL).resolve == Limit.working_days(3)
    assert "Repair and support" in admin.get(PAGE).get_data(as_text=True)
    assert send(admin, f"{PAGE}/own", page=PAGE, category=str(category.id), own="").status_code == 302
    assert {place for place, _severity in policies(newest().version).by_class} == {None}
    assert admin.get(f"{GENERAL}?category={category.id}").status_code == 404


@pytest.mark.parametrize("category", ["", "0", "x", "99999", "9" * 30])
def test_a_category_that_is_none_gets_nothing(admin: FlaskClient, category: str) -> None:
    version = newest().version
    send(admin, f"{PAGE}/own", page=PAGE, category=category, own="y")
    send(admin, f"{PAGE}/own", page=PAGE, category=category, own="")
    assert newest().version == version


def test_management_reads_and_others_do_not(admin: FlaskClient, sign_in: Any) -> None:
    page = sign_in("management", language="en").get(PAGE)
    assert page.status_code == 200
    assert "Give it time limits" not in page.get_data(as_text=True)
    assert sign_in("customer_service").get(PAGE).status_code == 403
