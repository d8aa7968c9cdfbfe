"""Departments and branches."""

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Unit
from app.queries import users as queries
from tests.blueprints.forms import send
from tests.factories import Factory


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "售后部",
        "name_en": "",
        "kind": "department",
        "code": "",
        "parent": "0",
        "active": "y",
    } | fields


def names() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(line.unit.name, line.depth) for line in queries.unit_lines()]


def add(client: Any, **fields: Any) -> int:
    return int(send(client, "/settings/units/new", **form(**fields)).status_code)


def by_name(name: str) -> Unit:
    db.session.rollback()
    return db.session.scalars(select(Unit).where(Unit.name == name)).one()


def test_tree_is_built_ordered_and_moved(sign_in: Any) -> None:
    client = sign_in("administrator")
    assert add(client, name="East") == 302
    assert add(client, name="West") == 302
    assert add(client, name="Shop", kind="branch", parent=str(by_name("East").id), code="B9") == 302
    assert names() == [("East", 0), ("Shop", 1), ("West", 0)]
    send(client, f"/settings/units/{by_name('West').id}/up", page="/settings/units")
    assert names() == [("West", 0), ("East", 0), ("Shop", 1)]
    send(client, f"/settings/units/{by_name('West').id}/up", page="/settings/units")
    assert names()[0] == ("West", 0)
    shop, west = by_name("Shop"), by_name("West")
    changed = form(name="Shop 2", kind="branch", parent=str(west.id), code="B9", version=str(shop.version))
    del changed["active"]
    assert send(client, f"/settings/units/{shop.id}", **changed).status_code == 302
    assert names() == [("West", 0), ("Shop 2", 1), ("East", 0)]
    assert not by_name("Shop 2").active


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "B1"}, "code"),
        ({"parent": "777"}, "parent"),
        ({"parent": "x"}, "parent"),
        ({"kind": "moon"}, "kind"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_units_are_refused(sign_in: Any, make: Factory, change: dict[str, str], field: str) -> None:
    client = sign_in("administrator")
    make.unit(code="B1")
    response = send(client, "/settings/units/new", **form(**change))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)


def test_a_unit_never_stands_below_itself(sign_in: Any, make: Factory) -> None:
    client = sign_in("administrator")
    top = make.unit(name="Top")
    low = make.unit(name="Low", parent_id=top.id)
    response = send(
        client,
        f"/settings/units/{top.id}",
        **form(name="Top", kind="branch", parent=str(low.id), version="1"),
    )
    assert response.status_code == 422
    assert by_name("Top").parent_id is None
