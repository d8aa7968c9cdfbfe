"""The first run."""

import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.extensions import db
from app.models import Firm, Job, User
from app.rules.permissions import Role
from app.services import setup
from config import Settings
from tests.blueprints.forms import send, token
from tests.factories import Factory

FORM = {
    "name": "恒信服务集团",
    "name_en": "Hengxin",
    "language": "zh",
    "timezone": "Asia/Shanghai",
    "contact_name": "林晓雯",
    "contact_phone": "0571-5550 0136",
    "sender_address": "survey@hengxin.example",
    "user_name": "Lin",
    "email": "lin@hengxin.example",
    "password": "correct horse battery",
    "again": "correct horse battery",
}


@pytest.fixture
def code(ctx: None, settings: Settings) -> Iterator[str]:
    """The path of the page with its code; the file is gone afterwards."""
    address = setup.ensure_code(settings.data, settings.base_url)
    assert address
    yield address.removeprefix(settings.base_url)
    setup.forget_code(settings.data)


def unlocked(client: FlaskClient, code: str) -> FlaskClient:
    assert client.get(code).location == "/setup", "the code leaves the address"
    return client


@pytest.mark.parametrize("path", ["/", "/sign-in", "/settings/", "/account", "/forgot-password"])
def test_every_staff_page_leads_to_the_set_up(client: FlaskClient, path: str) -> None:
    assert client.get(path).location == "/setup"
    assert client.get(path, headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/setup"


def test_without_the_code_there_is_no_form(client: FlaskClient, code: str) -> None:
    for path in ("/setup", "/setup?code=", "/setup?code=guess", "/setup?code=%ED%A0%80"):
        response = client.get(path, follow_redirects=True)
        assert response.status_code == 403
        assert "<form" not in response.get_data(as_text=True).partition("<main")[2]


def test_the_code_is_for_the_owner_of_the_machine_and_stays_the_same(settings: Settings, code: str) -> None:
    file = setup.code_file(settings.data)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert setup.ensure_code(settings.data, settings.base_url) == settings.base_url + code
    assert len(code) >= len("/setup?code=") + 22, "at least 128 bits"


def test_set_up_makes_firm_and_administrator_and_signs_in(
    client: FlaskClient, code: str, settings: Settings
) -> None:
    unlocked(client, code)
    response = send(client, "/setup", **FORM, does_everything="y", demonstration="y")
    assert (response.status_code, response.location) == (302, "/")
    assert client.get("/account").status_code == 200
    db.session.rollback()
    firm, user = db.session.scalars(select(Firm)).one(), db.session.scalars(select(User)).one()
    assert (firm.name, firm.timezone, firm.language) == ("恒信服务集团", "Asia/Shanghai", "zh")
    assert user.role_names == set(Role)
    assert db.session.scalars(select(Job.kind)).all() == ["demo"]
    assert not setup.code_file(settings.data).exists()
    assert client.get("/setup").location == "/", "a second set-up is impossible"


def test_administrator_alone_has_one_role(client: FlaskClient, code: str) -> None:
    send(unlocked(client, code), "/setup", **FORM)
    db.session.rollback()
    assert db.session.scalars(select(User)).one().role_names == {"administrator"}
    assert db.session.scalar(select(func.count(Job.id))) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"email": "lin"}, "email"),
        ({"sender_address": "a@b.c\nBcc: x@y.z"}, "sender_address"),
        ({"again": "something else"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"language": "fr"}, "language"),
    ],
)
def test_mistakes_keep_what_was_typed(
    client: FlaskClient, code: str, change: dict[str, str], field: str
) -> None:
    response = send(unlocked(client, code), "/setup", **(FORM | change))
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert re.search(rf'id="{field}-error"', page)
    assert "0571-5550 0136" in page
    assert "correct horse battery" not in page
    assert db.session.scalar(select(func.count(Firm.id))) == 0


def test_two_set_ups_at_once_make_one_firm(app: Flask, code: str) -> None:
    browsers = [unlocked(app.test_client(), code) for _ in range(4)]
    tokens = [token(browser, "/setup") for browser in browsers]

    def post(number: int) -> Any:
        data = FORM | {"csrf_token": tokens[number], "email": f"admin{number}@hengxin.example"}
        return browsers[number].post("/setup", data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(post, range(4)))
    assert statuses == [302] * 4
    db.session.rollback()
    assert db.session.scalar(select(func.count(Firm.id))) == 1
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_with_a_firm_there_is_no_code(make: Factory, settings: Settings) -> None:
    make.firm()
    assert setup.ensure_code(settings.data, settings.base_url) is None
    assert not setup.code_file(settings.data).exists()


def test_a_code_that_does_not_fit_is_told_so(client: FlaskClient, code: str) -> None:
    plain = client.get("/setup?lang=en").text
    wrong = client.get("/setup?code=guess", follow_redirects=True, headers={"Accept-Language": "en"})
    assert wrong.status_code == 403
    assert "This code does not fit." in wrong.text
    assert "This code does not fit." not in plain
    assert code.removeprefix("/setup?code=") not in wrong.text
