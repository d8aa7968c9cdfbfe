"""The trees of categories and causes: added to, renamed, moved, ordered, switched off, never deleted."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import FeedbackCategory
from app.queries.complaints.trees import tree
from app.services.complaints import basics
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made

PAGE, NEW = "/settings/categories", "/settings/categories/new"


@pytest.fixture
def admin(make: Factory, sign_in: Any) -> FlaskClient:
    make.firm()
    basics.ensure(now=make.now)
    db.session.commit()
    opened: FlaskClient = sign_in("administrator", language="en")
    return opened


def named(name: str) -> FeedbackCategory:
    db.session.rollback()
    return db.session.scalars(select(FeedbackCategory).where(FeedbackCategory.name == name)).one()


def add(admin: FlaskClient, path: str = NEW, **typed: Any) -> Any:
    fields = {"name": "停车", "name_en": "Parking", "parent": ""} | {k: str(v) for k, v in typed.items()}
    return send(admin, path, **fields)


def change(admin: FlaskClient, row: FeedbackCategory, **typed: str) -> Any:
    path = f"{PAGE}/{row.id}"
    fields = fields_of(admin.get(path).get_data(as_text=True), "edit-form")
    return admin.post(path, data=fields | {name: [text] for name, text in typed.items()})


def offered(kind: str = "category") -> list[str]:
    db.session.rollback()
    return [one.name for one, _depth in tree().offered(kind)]


def test_an_entry_is_added_where_it_belongs(admin: FlaskClient) -> None:
    service = made.category("category.service")
    assert add(admin, parent=service.id).status_code == 302
    row = named("停车")
    assert (row.kind, row.parent_id, row.name_en) == ("category", service.id, "Parking")
    assert add(admin, f"{NEW}?kind=cause", name="天气", name_en="Weather").status_code == 302
    assert "天气" in offered("cause")
    assert "天气" not in offered()
    assert "Parking" in admin.get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name_en": ""}, "name_en"),
        ({"name": "x" * 81}, "name"),
        ({"parent": "9999"}, "parent"),
        ({"name": "安全"}, "name"),
    ],
)
def test_bad_entries_are_refused(admin: FlaskClient, typed: dict[str, str], field: str) -> None:
    before = len(offered())
    response = add(admin, **typed)
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    assert len(offered()) == before


def test_a_cause_never_stands_below_a_category(admin: FlaskClient) -> None:
    response = add(admin, f"{NEW}?kind=cause", parent=made.category().id)
    assert response.status_code == 422


def test_nothing_stands_below_itself_or_too_deep(admin: FlaskClient) -> None:
    top, leaf = made.category("category.repair"), made.category()
    assert change(admin, top, parent=str(leaf.id)).status_code == 422
    add(admin, parent=leaf.id)
    add(admin, name="地面", name_en="Ground", parent=named("停车").id)
    assert add(admin, name="更深", name_en="Deeper", parent=named("地面").id).status_code == 422


def test_renamed_and_moved_it_keeps_what_it_has_sorted(admin: FlaskClient, make: Factory) -> None:
    feedback = made.record(make)
    row, billing = made.category(), made.category("category.billing")
    assert (
        change(admin, row, name="又坏了", name_en="Broken again", parent=str(billing.id)).status_code == 302
    )
    db.session.rollback()
    assert feedback.category_id == row.id
    assert tree().label(row.id, "en") == "Prices and bills · Broken again"
    assert "used once" in admin.get(f"{PAGE}/{row.id}").get_data(as_text=True)


def test_what_is_switched_off_is_not_offered_and_not_deleted(admin: FlaskClient) -> None:
    row = made.category()
    fields = fields_of(admin.get(f"{PAGE}/{row.id}").get_data(as_text=True), "edit-form")
    del fields["active"]
    assert admin.post(f"{PAGE}/{row.id}", data=fields).status_code == 302
    assert row.name not in offered()
    assert "Switched off" in admin.get(PAGE).get_data(as_text=True)
    assert change(admin, row, active="y").status_code == 302
    assert row.name in offered()


def test_entries_change_places(admin: FlaskClient) -> None:
    first, second = offered()[0], "服务过程"
    assert send(admin, f"{PAGE}/{named(second).id}/up", page=PAGE).status_code == 302
    assert offered()[0] == second
    assert send(admin, f"{PAGE}/{named(second).id}/up", page=PAGE).status_code == 302
    assert offered()[0] == second
    assert send(admin, f"{PAGE}/{named(second).id}/down", page=PAGE).status_code == 302
    assert offered()[0] == first


def test_whoever_comes_second_sees_both_texts(admin: FlaskClient) -> None:
    row = made.category()
    fields = fields_of(admin.get(f"{PAGE}/{row.id}").get_data(as_text=True), "edit-form")
    assert change(admin, row, name="甲").status_code == 302
    late = admin.post(f"{PAGE}/{row.id}", data=fields | {"name": ["乙"]})
    body = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "甲" in body
    assert admin.post(f"{PAGE}/{row.id}", data=fields_of(body, "edit-form")).status_code == 302
    assert named("乙").id == row.id


def test_management_reads_and_others_do_not(admin: FlaskClient, sign_in: Any) -> None:
    page = sign_in("management", language="en").get(PAGE)
    assert page.status_code == 200
    assert "Add an entry" not in page.get_data(as_text=True)
    assert sign_in("customer_service").get(PAGE).status_code == 403
