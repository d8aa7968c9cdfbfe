"""A firm with public forms, customers in front of them, and cases with their links."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import timed

from app import clock
from app.models import PublicForm, Unit
from app.rules.complaints import State
from app.services import attachments
from app.services.complaints import basics
from tests.blueprints.intake.people import Customer, Holder, Opens, Passing
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Passing:
    """Let seconds pass, for the pages and for what they sign."""
    moment = [now + timedelta(hours=2)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(timed.time, "time", lambda: moment[0].timestamp())

    def go_on(seconds: float) -> None:
        moment[0] += timedelta(seconds=seconds)

    return go_on


@pytest.fixture
def unit(make: Factory, passing: Passing) -> Unit:
    """A firm and a unit with forms."""
    make.firm()
    basics.ensure(now=make.now)
    west = make.unit(name="城西店", name_en="Chengxi branch")
    make.save(PublicForm(unit_id=None, address="", created_at=make.now))
    make.save(PublicForm(unit_id=west.id, address="west", created_at=make.now))
    return west


@pytest.fixture
def customer(unit: Unit, client: FlaskClient, passing: Passing) -> Customer:
    return Customer(client, passing)


@pytest.fixture(autouse=True)
def empty_folder(ctx: None) -> None:
    """No files of tests before."""
    for path in attachments.folder().iterdir():
        path.unlink()


@pytest.fixture
def staff(make: Factory, passing: Passing) -> Staff:
    make.firm()
    return Staff(make)


@pytest.fixture
def opens(make: Factory, staff: Staff, client: FlaskClient, passing: Passing) -> Opens:
    """Make the link of a case in a state."""

    def open_one(state: State, **fields: Any) -> Holder:
        values = {"language": "en", "contact_email": "lin@customer.example"} | fields
        return Holder(client, made.brought_to(make, staff, state, **values), passing)

    return open_one
