"""Users: creating, changing, and what nobody may do."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, Delivery, User
from tests.blueprints.forms import send
from tests.factories import Factory

NEW = {"name": "Wang", "email": "wang@firm.example", "language": "zh", "roles": ["marketing"]}


def form_of(user: User, **fields: Any) -> dict[str, Any]:
    values = {
        "version": str(user.version),
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "roles": sorted(user.role_names),
        "units": [str(unit) for unit in user.unit_ids],
        "active": "y",
    } | fields
    db.session.rollback()
    return {key: value for key, value in values.items() if value is not None}


def fresh(user: User) -> User:
    db.session.rollback()
    db.session.refresh(user)
    return user


def test_new_user_gets_roles_units_and_a_link(sign_in: Any, make: Factory) -> None:
    client, unit = sign_in("administrator"), make.unit()
    response = send(client, "/settings/users/new", **NEW, units=[str(unit.id)])
    assert response.status_code == 302
    db.session.rollback()
    user = db.session.scalars(select(User).where(User.email == "wang@firm.example")).one()
    assert (user.role_names, user.unit_ids, user.password) == ({"marketing"}, {unit.id}, None)
    assert db.session.scalars(select(Delivery)).one().template == "set_password"
    page = client.get(response.location).get_data(as_text=True)
    link = re.search(r"http://localhost:8000(/reset-password/[\w.-]+)", page)
    assert link, "without a mail server the link is shown"
    assert "/reset-password/" not in client.get(response.location).get_data(as_text=True), "once"


def test_the_shown_link_works(sign_in: Any, make: Factory, app: Flask) -> None:
    client = sign_in("administrator")
    response = send(client, "/settings/users/new", **NEW)
    page = client.get(response.location).get_data(as_text=True)
    path = re.search(r"/reset-password/[\w.-]+", page)
    assert path
    guest = app.test_client()
    guest.get(path.group())
    secret = "a brand new password"
    assert send(guest, "/set-password", password=secret, again=secret).status_code == 302
    assert send(guest, "/sign-in", email="wang@firm.example", password=secret).status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "taken@firm.example"}, "email"),
        ({"email": "TAKEN@firm.example"}, "email"),
        ({"email": "no address"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": ["emperor"]}, "roles"),
        ({"units": ["99999999999999999999999"]}, "units"),
        ({"name": " "}, "name"),
    ],
)
def test_bad_new_users_are_refused(sign_in: Any, make: Factory, change: dict[str, Any], field: str) -> None:
    client = sign_in("administrator")
    make.user(roles=("viewer",), email="taken@firm.example")
    make.unit()
    response = send(client, "/settings/users/new", **(NEW | change))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    assert db.session.scalar(select(func.count(User.id))) == 2


def test_change_of_roles_is_recorded_and_signs_the_user_out(sign_in: Any, make: Factory) -> None:
    admin, user = sign_in("administrator"), make.user(roles=("viewer",))
    theirs = sign_in(user=user)
    assert theirs.get("/account").status_code == 200
    response = send(admin, f"/settings/users/{user.id}", **form_of(user, roles=["marketing", "viewer"]))
    assert response.status_code == 302
    assert theirs.get("/account").status_code == 302
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert entry.detail["changed"]["roles"] == [["viewer"], ["marketing", "viewer"]]


def test_change_of_name_signs_nobody_out(sign_in: Any, make: Factory) -> None:
    admin, user = sign_in("administrator"), make.user(roles=("viewer",))
    theirs = sign_in(user=user)
    send(admin, f"/settings/users/{user.id}", **form_of(user, name="Wang Li"))
    assert fresh(user).name == "Wang Li"
    assert theirs.get("/account").status_code == 200


def test_nobody_changes_his_own_roles_or_switches_himself_off(sign_in: Any, make: Factory) -> None:
    me = make.user(roles=("administrator",))
    make.user(roles=("administrator",))
    client = sign_in(user=me)
    for change in ({"roles": ["administrator", "management"]}, {"active": None}):
        assert send(client, f"/settings/users/{me.id}", **form_of(me, **change)).status_code == 422
    assert (fresh(me).role_names, me.active) == ({"administrator"}, True)


def test_the_last_administrator_stays(sign_in: Any, make: Factory) -> None:
    one, two = make.user(roles=("administrator",)), make.user(roles=("administrator",))
    client, other = sign_in(user=one), sign_in(user=two)
    assert send(client, f"/settings/users/{two.id}", **form_of(two, roles=["viewer"])).status_code == 302
    assert other.get("/account").status_code == 302, "who was administrator is signed out"
    response = send(client, f"/settings/users/{one.id}", **form_of(one, roles=["viewer"]))
    assert response.status_code == 422
    assert fresh(one).role_names == {"administrator"}


def test_only_administrators_create_and_change(sign_in: Any, make: Factory) -> None:
    victim = make.user(roles=("viewer",))
    for role in ("management", "marketing", "viewer"):
        client = sign_in(role)
        token_page = "/account"
        assert send(client, "/settings/users/new", page=token_page, **NEW).status_code == 403
        path = f"/settings/users/{victim.id}"
        assert (
            send(client, path, page=token_page, **form_of(victim, roles=["administrator"])).status_code == 403
        )
    assert fresh(victim).role_names == {"viewer"}


def test_list_filters_by_address(sign_in: Any, make: Factory) -> None:
    client = sign_in("management")
    make.user(roles=("viewer",), name="100%_sure")
    make.user(roles=("marketing",), name="Nobody else", active=False)
    assert "100%_sure" in client.get("/settings/users?q=%25_").get_data(as_text=True)
    assert "Nobody else" not in client.get("/settings/users?q=%25_").get_data(as_text=True)
    assert "Nobody else" in client.get("/settings/users?role=marketing&active=off").get_data(as_text=True)
    assert client.get("/settings/users?role=%00&active=x&q=" + "x" * 5000).status_code == 200


def test_missing_users_are_404(sign_in: Any) -> None:
    client = sign_in("administrator")
    for path in ("/settings/users/999", f"/settings/users/{2**70}", f"/settings/units/{2**70}"):
        assert client.get(path).status_code == 404


def test_administrator_helps_who_lost_the_second_step_but_not_himself(sign_in: Any, make: Factory) -> None:
    me, user = make.user(roles=("administrator",)), make.user(roles=("viewer",))
    for row in (me, user):
        row.tf_totp_secret = "secret"
        make.save(row)
    client = sign_in(user=me)
    for row in (me, user):
        send(client, f"/settings/users/{row.id}/second-factor", page="/settings/units")
    assert fresh(user).tf_totp_secret is None
    assert fresh(me).tf_totp_secret == "secret"
