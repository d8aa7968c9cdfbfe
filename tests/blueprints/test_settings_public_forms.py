"""Switching public forms on and off, their addresses and posters."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, PublicForm, Unit
from tests.factories import Factory
from tests.posting import with_token

PATH = "/settings/public-forms"


@pytest.fixture
def unit(make: Factory) -> Unit:
    make.firm()
    return make.unit(name="城西店", name_en="Chengxi branch", code="CX 01")


@pytest.fixture
def browser(unit: Unit, sign_in: Any) -> FlaskClient:
    return with_token(sign_in("administrator", language="en"))


def form_of(unit: Unit | None) -> PublicForm | None:
    db.session.rollback()
    unit_id = unit.id if unit else None
    return db.session.scalar(select(PublicForm).where(PublicForm.unit_id.is_not_distinct_from(unit_id)))


def test_nothing_is_open_until_somebody_switches_it_on(browser: FlaskClient, unit: Unit) -> None:
    assert browser.get("/complain").status_code == 404
    page = browser.get(PATH).text
    assert "The whole firm" in page
    assert 'value="cx-01"' in page, "an address made from the code is proposed"
    assert "/complain</" not in page
    assert browser.post(PATH, data={"active": "y"}).status_code == 302
    assert browser.get("/complain").status_code == 200
    assert "http://localhost:8000/complain" in browser.get(PATH).text
    assert browser.post(PATH, data={"active": ""}).status_code == 302
    assert browser.get("/complain").status_code == 404
    actions = [
        a
        for a in db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
        if a.startswith("public_form")
    ]
    assert actions == ["public_form.switched_on", "public_form.switched_off"]


def test_a_unit_has_its_own_address(browser: FlaskClient, unit: Unit) -> None:
    number = str(unit.id)
    assert browser.post(PATH, data={"unit": number, "address": " West-1 ", "active": "y"}).status_code == 302
    assert browser.get("/complain/west-1").status_code == 200
    assert browser.get("/complain").status_code == 404
    assert browser.post(PATH, data={"unit": number, "address": "west-2", "active": "y"}).status_code == 302
    assert browser.get("/complain/west-1").status_code == 404
    assert browser.get("/complain/west-2").status_code == 200


@pytest.mark.parametrize("address", ["", "城西", "a b", "../x", "x" * 41, "-a", "<script>"])
def test_an_address_nobody_can_type_is_refused_and_stays(
    browser: FlaskClient, unit: Unit, address: str
) -> None:
    answer = browser.post(PATH, data={"unit": str(unit.id), "address": address, "active": "y"})
    assert answer.status_code == 422
    assert "Use only a–z, 0–9 and hyphens" in answer.text
    assert form_of(unit) is None


def test_an_address_belongs_to_one_unit(browser: FlaskClient, unit: Unit, make: Factory) -> None:
    other = make.unit()
    browser.post(PATH, data={"unit": str(unit.id), "address": "shop", "active": "y"})
    answer = browser.post(PATH, data={"unit": str(other.id), "address": "SHOP", "active": "y"})
    assert answer.status_code == 422
    assert "Another unit has this address already" in answer.text
    assert form_of(other) is None


def test_a_unit_that_is_not_there_is_not_found(browser: FlaskClient) -> None:
    assert browser.post(PATH, data={"unit": "999", "address": "x", "active": "y"}).status_code == 404
    assert form_of(None) is None


def test_everybody_can_print_the_poster_and_only_administrators_switch(
    browser: FlaskClient, unit: Unit, sign_in: Any
) -> None:
    browser.post(PATH, data={"unit": str(unit.id), "address": "west", "active": "y"})
    form = form_of(unit)
    assert form is not None
    number = form.id
    db.session.rollback()
    clerk = with_token(sign_in("customer_service", language="en"))
    poster = clerk.get(f"{PATH}/{number}/poster")
    assert "Chengxi branch" in poster.text
    assert "http://localhost:8000/complain/west" in poster.text
    picture = clerk.get(f"{PATH}/{number}.png")
    assert picture.data.startswith(b"\x89PNG")
    assert clerk.post(PATH, data={"active": "y"}).status_code == 403
    assert clerk.get(f"{PATH}/999/poster").status_code == 404
    manager = sign_in("management", language="en")
    assert "Switch on" not in manager.get(PATH).text
