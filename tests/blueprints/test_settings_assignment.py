"""Assignment rules: their order, their destination, what is doubtful, and trying them out."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AssignmentRule, AuditEntry
from app.services.complaints import basics
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff

PAGE, NEW = "/settings/assignment", "/settings/assignment/new"


@pytest.fixture
def admin(make: Factory, sign_in: Any, staff: Staff) -> FlaskClient:
    basics.ensure(now=make.now)
    db.session.commit()
    opened: FlaskClient = sign_in("administrator", language="en")
    return opened


def rule(admin: FlaskClient, path: str = NEW, **typed: Any) -> Any:
    fields = {"category": "", "unit": "", "severity": "", "to_unit": "", "handler": ""}
    return send(admin, path, **(fields | {name: str(value) for name, value in typed.items()}))


def rows() -> list[AssignmentRule]:
    db.session.rollback()
    return list(db.session.scalars(select(AssignmentRule).order_by(AssignmentRule.id)))


def test_rules_stand_in_the_order_in_which_they_are_tried(admin: FlaskClient, staff: Staff) -> None:
    repair, repeat = made.category("category.repair"), made.category()
    assert rule(admin, to_unit=staff.other.id).status_code == 302
    assert rule(admin, severity="urgent", to_unit=staff.other.id).status_code == 302
    assert rule(admin, unit=staff.unit.id, to_unit=staff.unit.id).status_code == 302
    assert rule(admin, category=repair.id, to_unit=staff.other.id).status_code == 302
    assert rule(admin, category=repeat.id, to_unit=staff.unit.id, handler=staff.handler.id).status_code == 302
    page = admin.get(PAGE).get_data(as_text=True)
    order = [page.index(f'id="r{rows()[number].id}"') for number in (4, 3, 2, 1)]
    assert order == sorted(order)
    assert "Everything else" in page
    assert f'id="r{rows()[0].id}"' not in page, "the one for everything is the fallback"


def test_the_box_says_where_a_complaint_would_go_and_there_it_goes(
    admin: FlaskClient, staff: Staff, make: Factory
) -> None:
    category = made.category()
    rule(admin, category=category.id, to_unit=staff.unit.id, handler=staff.handler.id)
    asked = f"{PAGE}?category={category.id}&unit=&severity=general"
    assert "It would go to Chengxi branch · 沈一凡" in admin.get(asked).get_data(as_text=True)
    db.session.rollback()
    case = made.case(make)
    assert (case.unit_id, case.handler_id) == (staff.unit.id, staff.handler.id)
    other = made.category("category.billing")
    none = admin.get(f"{PAGE}?category={other.id}&severity=general").get_data(as_text=True)
    assert "No rule fits: customer service shares it out" in none


@pytest.mark.parametrize("query", ["?category=x", "?category=77777", "?category=1&severity=moon", "?unit=1"])
def test_an_odd_question_is_no_question(admin: FlaskClient, query: str) -> None:
    page = admin.get(PAGE + query)
    assert page.status_code == 200
    assert "It would go" not in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"to_unit": ""}, "to_unit"),
        ({"to_unit": "x"}, "to_unit"),
        ({"category": "9999"}, "category"),
        ({"severity": "moon"}, "severity"),
        ({"handler": "stranger"}, "handler"),
        ({"twice": True}, "category"),
    ],
)
def test_bad_rules_are_refused(admin: FlaskClient, staff: Staff, typed: dict[str, Any], field: str) -> None:
    known = {"to_unit": staff.unit.id}
    if typed.get("handler") == "stranger":
        typed = {"handler": staff.stranger.id}
    if typed.pop("twice", False):
        rule(admin, to_unit=staff.other.id)
    before = len(rows())
    response = rule(admin, **(known | typed))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    assert len(rows()) == before


def test_the_same_form_twice_is_one_rule(admin: FlaskClient, staff: Staff) -> None:
    for _ in range(2):
        assert rule(admin, severity="urgent", to_unit=staff.unit.id).status_code == 302
    assert len(rows()) == 1


def test_a_unit_in_which_nobody_works_is_pointed_out(admin: FlaskClient, make: Factory) -> None:
    empty = make.unit(name="空", name_en="Empty unit")
    assert rule(admin, to_unit=empty.id).status_code == 302
    assert "Nobody active in this unit can take cases" in admin.get(PAGE).get_data(as_text=True)
    db.session.rollback()
    empty.active = False
    db.session.commit()
    assert "stay with customer service" in admin.get(PAGE).get_data(as_text=True)


def test_a_rule_is_changed_by_one_at_a_time_and_removed(admin: FlaskClient, staff: Staff) -> None:
    rule(admin, to_unit=staff.unit.id)
    path = f"{PAGE}/{rows()[0].id}"
    fields = fields_of(admin.get(path).get_data(as_text=True), "edit-form")
    assert admin.post(path, data=fields | {"severity": ["major"]}).status_code == 302
    late = admin.post(path, data=fields | {"severity": ["urgent"]})
    body = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Major" in body
    assert fields_of(body, "edit-form")["severity"] == ["urgent"]
    assert admin.post(path, data=fields_of(body, "edit-form")).status_code == 302
    assert rows()[0].severity == "urgent"
    assert send(admin, f"{path}/remove", page=PAGE).status_code == 302
    assert not rows()
    assert admin.get(path).status_code == 404
    actions = {entry.action for entry in db.session.scalars(select(AuditEntry))}
    assert {f"assignment_rule.{what}" for what in ("added", "changed", "removed")} <= actions


def test_management_reads_and_others_do_not(admin: FlaskClient, sign_in: Any) -> None:
    page = sign_in("management", language="en").get(PAGE)
    assert page.status_code == 200
    assert "Add a rule" not in page.get_data(as_text=True)
    assert sign_in("customer_service").get(PAGE).status_code == 403
