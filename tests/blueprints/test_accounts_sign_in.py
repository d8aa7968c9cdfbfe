"""Signing in and out, back-off, sessions that end."""

import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, SignInThrottle, StaffSession, User
from app.services import accounts, passwords, users
from tests.blueprints.forms import send
from tests.factories import Factory

PASSWORD = "correct horse battery"


@pytest.fixture
def lin(make: Factory) -> User:
    """A user with a password, in a firm."""
    make.firm(language="en")
    return make.user(roles=("marketing",), email="lin@firm.example", password=passwords.hashed(PASSWORD))


def sign_in(
    client: FlaskClient, email: str = "lin@firm.example", password: str = PASSWORD, **more: Any
) -> Any:
    return send(client, "/sign-in", email=email, password=password, **more)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_right_password_opens_a_session_and_is_recorded(client: FlaskClient, lin: User) -> None:
    response = sign_in(client, email=" LIN@firm.example ")
    assert (response.status_code, response.location) == (302, "/")
    assert is_signed_in(client)
    db.session.expire_all()
    assert db.session.scalar(select(func.count(StaffSession.id))) == 1
    assert db.session.scalars(select(AuditEntry.action)).all() == ["user.signed_in"]


def test_sign_in_starts_a_new_session_that_keeps_nothing(client: FlaskClient, lin: User) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.parametrize(
    ("email", "password"),
    [("lin@firm.example", "wrong"), ("nobody@firm.example", PASSWORD), ("\u0000x", PASSWORD)],
)
def test_every_wrong_sign_in_gets_the_same_answer(
    client: FlaskClient, lin: User, email: str, password: str
) -> None:
    response = sign_in(client, email=email, password=password)
    assert response.status_code == 422
    if "\u0000" not in email:
        assert "Address and password do not match." in response.get_data(as_text=True)
    assert not is_signed_in(client)


def test_switched_off_account_and_account_without_password_look_unknown(
    client: FlaskClient, make: Factory, lin: User
) -> None:
    make.user(roles=("viewer",), email="off@firm.example", active=False, password=lin.password)
    make.user(roles=("viewer",), email="new@firm.example")
    for email in ("off@firm.example", "new@firm.example"):
        response = sign_in(client, email=email)
        assert "Address and password do not match." in response.get_data(as_text=True)


def test_a_hash_is_computed_for_unknown_addresses_too(
    client: FlaskClient, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    real = passwords.security_verify
    monkeypatch.setattr(passwords, "security_verify", lambda p, h: checked.append(h) or real(p, h))
    sign_in(client, password="wrong")
    sign_in(client, email="nobody@firm.example")
    assert len(checked) == 2
    assert all(stored.startswith("$argon2") for stored in checked)


def test_unknown_addresses_take_as_long_as_wrong_passwords(
    client: FlaskClient, lin: User, app: Flask
) -> None:
    passwords.matches("warm up", None)

    def seconds(stored: str | None) -> float:
        begin = time.perf_counter()
        passwords.matches("wrong password", stored)
        return time.perf_counter() - begin

    known = sorted(seconds(lin.password) for _ in range(9))[4]
    unknown = sorted(seconds(None) for _ in range(9))[4]
    assert 0.5 < unknown / known < 2


def test_password_is_checked_without_the_write_lock(
    client: FlaskClient, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = passwords.security_verify

    def verify(password: str, stored: str) -> bool:
        seen.append(db.session.connection().in_transaction() if db.session().in_transaction() else False)
        return bool(real(password, stored))

    monkeypatch.setattr(passwords, "security_verify", verify)
    sign_in(client)
    assert seen == [False]


def test_sixth_try_has_to_wait_but_another_place_does_not(client: FlaskClient, lin: User, app: Flask) -> None:
    statuses = [sign_in(client, password="wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    blocked = sign_in(client)
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) <= 15
    elsewhere = app.test_client()
    token_page = elsewhere.get("/sign-in", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert token_page.status_code == 200
    response = elsewhere.post(
        "/sign-in",
        data={
            "csrf_token": _token_of(token_page.get_data(as_text=True)),
            "email": "lin@firm.example",
            "password": PASSWORD,
        },
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert response.status_code == 302


def _token_of(page: str) -> str:
    from tests.blueprints.forms import TOKEN

    found = TOKEN.search(page)
    assert found
    return found.group(1)


def test_unknown_accounts_are_held_back_in_the_same_way(client: FlaskClient, lin: User) -> None:
    statuses = [sign_in(client, email="nobody@firm.example").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_the_table_of_tries_holds_no_address(client: FlaskClient, lin: User) -> None:
    sign_in(client, password="wrong")
    assert all("lin" not in key for key in db.session.scalars(select(SignInThrottle.key)))


@pytest.mark.parametrize("target", ["/settings/units", "/account?a=1"])
def test_next_leads_to_own_pages(client: FlaskClient, lin: User, target: str) -> None:
    assert sign_in(client, next=target).location == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\x00/evil",
        "evil.example",
        "http:///evil.example",
    ],
)
def test_next_never_leads_elsewhere(client: FlaskClient, lin: User, target: str) -> None:
    assert sign_in(client, next=target).location == "/"


def old_cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie("heed")
    assert cookie
    return cookie.value


def replay(app: Flask, cookie: str) -> int:
    thief = app.test_client()
    thief.set_cookie("heed", cookie)
    return thief.get("/account").status_code


def test_a_cookie_from_before_signing_out_is_worth_nothing(
    client: FlaskClient, lin: User, app: Flask
) -> None:
    sign_in(client)
    cookie = old_cookie(client)
    assert replay(app, cookie) == 200
    assert send(client, "/sign-out", page="/account").location == "/sign-in"
    assert replay(app, cookie) == 302
    assert not is_signed_in(client)


def test_a_cookie_ends_with_password_role_and_activity(
    client: FlaskClient, lin: User, app: Flask, make: Factory, now: Any
) -> None:
    admin = make.user(roles=("administrator",))

    def change(**fields: Any) -> None:
        values = {
            "email": lin.email,
            "name": lin.name,
            "language": "en",
            "role_names": lin.role_names,
            "unit_ids": [],
            "active": True,
        } | fields
        users.change(lin, version=lin.version, by=admin, now=now, **values)

    def new_password() -> None:
        passwords.change(lin, password_hash=passwords.hashed(PASSWORD), by=lin, now=now)

    for step in (new_password, lambda: change(role_names=["viewer"]), lambda: change(active=False)):
        sign_in(client)
        cookie = old_cookie(client)
        assert replay(app, cookie) == 200
        step()
        db.session.commit()
        assert replay(app, cookie) == 302


def test_a_session_ends_after_its_lifetime(lin: User, now: Any) -> None:
    key = accounts.start_session(lin, now=now)
    later = now + accounts.SESSION_LIFETIME
    assert accounts.user_of_session(lin.fs_uniquifier, key, now=later - timedelta(minutes=1)) is lin
    assert accounts.user_of_session(lin.fs_uniquifier, key, now=later) is None


def test_tokens_in_headers_or_addresses_sign_nobody_in(client: FlaskClient, lin: User) -> None:
    auth_token = lin.get_auth_token()
    assert client.get("/account", headers={"Authentication-Token": auth_token}).status_code == 302
    assert client.get(f"/account?auth_token={auth_token}").status_code == 302
