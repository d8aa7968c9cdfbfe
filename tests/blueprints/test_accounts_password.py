"""Forgotten passwords, links that set one, changing one's own, the second step."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Delivery, User
from app.services import mail_contents, passwords, second_factor, users
from tests.blueprints.forms import send
from tests.factories import Factory

OLD, NEW = "correct horse battery", "purple rain on mondays"


@pytest.fixture
def lin(make: Factory) -> User:
    """A user with a password, in a firm."""
    make.firm(language="en")
    return make.user(roles=("marketing",), email="lin@firm.example", password=passwords.hashed(OLD))


def sign_in(client: FlaskClient, password: str) -> int:
    return send(client, "/sign-in", email="lin@firm.example", password=password).status_code


def path_of(link: str) -> str:
    return urlsplit(link).path


def fresh_link(user: User) -> str:
    return path_of(passwords.link(user, issued=clock.now(), lifetime=passwords.RESET_LIFETIME))


def set_by_link(client: FlaskClient, path: str, password: str = NEW) -> int:
    response = client.get(path)
    assert response.location == "/set-password", "the token leaves the address at once"
    page = client.get("/set-password")
    if page.status_code != 200:
        return page.status_code
    return send(client, "/set-password", password=password, again=password).status_code


@pytest.mark.parametrize("email", ["lin@firm.example", "nobody@firm.example"])
def test_asking_for_a_link_tells_nobody_whether_the_account_exists(
    client: FlaskClient, lin: User, email: str
) -> None:
    response = send(client, "/forgot-password", email=email)
    page = re.sub(r'value="[^"]+"', "", response.get_data(as_text=True))
    assert (response.status_code, "If an account belongs to this address" in page) == (200, True)
    assert email not in page


def test_mail_holds_the_link_but_the_outbox_does_not(client: FlaskClient, lin: User) -> None:
    send(client, "/forgot-password", email="lin@firm.example")
    delivery = db.session.scalars(select(Delivery)).one()
    assert (delivery.kind, delivery.template, delivery.params) == (
        "reset",
        "reset_password",
        {"user_id": lin.id},
    )
    variables = mail_contents.contents_of("reset_password")(delivery)
    assert variables["link"].startswith("http://localhost:8000/reset-password/")
    again = mail_contents.contents_of("reset_password")(delivery)
    assert again == variables, "a second try sends the same mail"


def test_reset_mails_are_limited_per_address(client: FlaskClient, lin: User) -> None:
    for _ in range(10):
        assert send(client, "/forgot-password", email="lin@firm.example").status_code == 200
    assert len(db.session.scalars(select(Delivery)).all()) == 3


def test_reset_mails_are_limited_per_source(client: FlaskClient, make: Factory, lin: User) -> None:
    people = [make.user(roles=("viewer",)) for _ in range(25)]
    for person in people:
        send(client, "/forgot-password", email=person.email)
    db.session.rollback()
    assert len(db.session.scalars(select(Delivery)).all()) == 20


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_a_forged_host_does_not_reach_the_link(client: FlaskClient, lin: User, header: str) -> None:
    page = client.get("/forgot-password").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    data = {"email": "lin@firm.example", "csrf_token": token.group(1)}
    response = client.post("/forgot-password", data=data, headers={header: "evil.example"})
    assert response.status_code == (400 if header == "Host" else 200)
    for delivery in db.session.scalars(select(Delivery)):
        assert "evil" not in str(mail_contents.contents_of(delivery.template)(delivery))


def test_link_sets_a_password_once(client: FlaskClient, lin: User) -> None:
    link = fresh_link(lin)
    assert set_by_link(client, link) == 302
    assert sign_in(client, NEW) == 302
    send(client, "/sign-out", page="/account")
    assert set_by_link(client, link) == 404
    assert sign_in(client, OLD) == 422


def test_link_dies_with_time_password_address_and_account(lin: User, now: datetime) -> None:
    def is_alive(token: str, at: datetime = now) -> bool:
        return passwords.user_of_link(token, now=at) is not None

    def token() -> str:
        return passwords.link(lin, issued=now, lifetime=timedelta(hours=1)).rpartition("/")[2]

    first = token()
    assert is_alive(first)
    assert is_alive(first, now + timedelta(minutes=59))
    assert not is_alive(first, now + timedelta(minutes=61))
    # Not the last character: it holds two bits that mean nothing, so another one may stand for the same.
    assert not is_alive(first[:-2] + ("a" if first[-2] != "a" else "b") + first[-1])
    passwords.change(lin, password_hash=passwords.hashed(NEW), by=lin, now=now)
    assert not is_alive(first)
    second = token()
    users.end_access(lin, now=now)
    assert not is_alive(second)
    third = token()
    lin.active = False
    assert not is_alive(third)


@pytest.mark.parametrize("token", ["", "x", "W10.abc", "%00", "\ud800"])
def test_made_up_links_lead_to_a_page_with_the_next_step(client: FlaskClient, lin: User, token: str) -> None:
    assert passwords.user_of_link(token, now=clock.now()) is None
    with client.session_transaction() as session:
        session["password_link"] = token if token.isascii() else "?"
    response = client.get("/set-password")
    assert response.status_code == 404
    assert "/forgot-password" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "at least 10"),
        ("aaaaaaaaaaaaaa", "different characters"),
        ("my user name is short", "Leave your name"),
        ("x" * 201, "at most 200"),
    ],
)
def test_weak_passwords_are_refused_with_a_reason(
    client: FlaskClient, lin: User, password: str, sentence: str
) -> None:
    client.get(fresh_link(lin))
    response = send(client, "/set-password", password=password, again=password)
    assert response.status_code == 422
    assert sentence in response.get_data(as_text=True)


def test_changing_the_password_signs_out_everywhere_else(app: Flask, client: FlaskClient, lin: User) -> None:
    other = app.test_client()
    sign_in(client, OLD)
    sign_in(other, OLD)
    wrong = send(client, "/account/password", present="no idea at all", password=NEW, again=NEW)
    assert wrong.status_code == 422
    assert other.get("/account").status_code == 200
    assert send(client, "/account/password", present=OLD, password=NEW, again=NEW).status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def digits(user: User, secret: str) -> str:
    return str(second_factor._totp().from_source(secret).generate(time=clock.now()).token)


def switch_on(client: FlaskClient, user: User) -> list[str]:
    page = client.get("/account/second-factor").get_data(as_text=True)
    assert "data:image/svg+xml" in page
    with client.session_transaction() as session:
        secret = session["new_second_factor"]
    response = send(client, "/account/second-factor", code=digits(user, secret), present=OLD)
    assert response.status_code == 200
    return re.findall(r"<code>([a-z2-7-]{19})</code>", response.get_data(as_text=True))


def test_second_step_at_sign_in_and_recovery_codes(
    client: FlaskClient, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, OLD)
    codes = switch_on(client, lin)
    assert len(codes) == 10
    send(client, "/sign-out", page="/account")

    db.session.expire_all()
    assert not any(code in str(lin.mf_recovery_codes) for code in codes), "stored as digests"
    response = send(client, "/sign-in", email="lin@firm.example", password=OLD)
    assert response.location == "/sign-in/code"
    assert client.get("/account").status_code == 302, "the password alone opens nothing"
    assert send(client, "/sign-in/code", code="000000").status_code == 422
    assert send(client, "/sign-in/code", code=codes[0].upper()).status_code == 302
    assert client.get("/account").status_code == 200
    send(client, "/sign-out", page="/account")

    sign_in(client, OLD)
    assert send(client, "/sign-in/code", code=codes[0]).status_code == 422, "each code works once"


def test_six_digits_work_once(ctx: None, lin: User, now: datetime) -> None:
    secret = second_factor.new_secret()
    code = str(second_factor._totp().from_source(secret).generate(time=now).token)
    assert second_factor.fits(lin, secret, code, now=now)
    assert not second_factor.fits(lin, secret, code, now=now)
    assert not second_factor.fits(lin, secret, code, now=now + timedelta(minutes=5))
    assert not second_factor.fits(lin, secret, "１２３４５６", now=now)
    assert len(secret) <= 255, "fits the column"


def test_guessing_the_second_step_is_held_back(client: FlaskClient, lin: User) -> None:
    sign_in(client, OLD)
    switch_on(client, lin)
    send(client, "/sign-out", page="/account")
    sign_in(client, OLD)
    statuses = [send(client, "/sign-in/code", code=f"00000{n}").status_code for n in range(7)]
    assert statuses[-1] == 429


def test_switching_off_takes_the_password(client: FlaskClient, lin: User) -> None:
    sign_in(client, OLD)
    switch_on(client, lin)
    page = "/account/second-factor"
    assert send(client, "/account/second-factor/off", page=page, present="wrong").status_code == 422
    assert send(client, "/account/second-factor/codes", page=page, present=OLD).status_code == 200
    assert send(client, "/account/second-factor/off", page=page, present=OLD).status_code == 302
    db.session.expire_all()
    assert lin.tf_totp_secret is None


def test_own_account_changes_only_what_is_offered(client: FlaskClient, lin: User) -> None:
    sign_in(client, OLD)
    fields = {"name": "林晓雯", "language": "zh", "theme": "dark"}
    forged = {"roles": "administrator", "active": "", "email": "x@y.example", "id": "1", "is_head": "y"}
    assert send(client, "/account", **fields, **forged).status_code == 302
    db.session.expire_all()
    assert (lin.name, lin.language, lin.theme) == ("林晓雯", "zh", "dark")
    assert (lin.email, lin.role_names, lin.active) == ("lin@firm.example", {"marketing"}, True)


def test_sign_out_everywhere_keeps_this_session(app: Flask, client: FlaskClient, lin: User) -> None:
    other = app.test_client()
    sign_in(client, OLD)
    sign_in(other, OLD)
    assert send(client, "/account/sign-out-everywhere", page="/account").status_code == 302
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
