"""Open links: a draft per browser, robots slowed down, nobody joined to a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import timed
from sqlalchemy import select

from app import clock
from app.blueprints.answers import opened
from app.extensions import db
from app.models import OpenLink, Response
from tests.blueprints.answering import Respondent
from tests.factories import Factory
from tests.factories.asking import Asking, path_of

Passing = Callable[[float], None]


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Passing:
    """Let seconds pass, for the pages and for what they sign."""
    moment = [now]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    monkeypatch.setattr(timed.time, "time", lambda: moment[0].timestamp())

    def go_on(seconds: float) -> None:
        moment[0] += timedelta(seconds=seconds)

    return go_on


@pytest.fixture
def link(make: Factory, passing: Passing) -> OpenLink:
    asking = Asking(make)
    return asking.open_link(asking.survey())


def begin(browser: FlaskClient, path: str, passing: Passing, **extra: str) -> str:
    """Read the first screen, press Start after a while, return where it leads or the status."""
    fields = Respondent(browser, path).hidden_fields()
    passing(3)
    answer = browser.post(path, data=fields | extra)
    return answer.headers.get("Location") or str(answer.status_code)


def rows() -> list[Response]:
    db.session.rollback()
    found = list(db.session.scalars(select(Response).order_by(Response.id)))
    for row in found:
        db.session.expunge(row)
    db.session.rollback()
    return found


def test_a_browser_answers_once_and_comes_back_to_its_own_draft(
    link: OpenLink, app: Flask, client: FlaskClient, passing: Passing
) -> None:
    path = path_of(link)
    assert "二维码" in client.get(path).text
    page = begin(client, path, passing)
    assert page == f"{path}/p1"
    assert client.post(page, data={"wait": "5"}).headers["Location"] == f"{path}/p3"
    assert begin(client, path, passing) == f"{path}/p3"
    stranger = app.test_client()
    assert stranger.get(f"{path}/p3").headers["Location"] == path
    assert client.post(f"{path}/p3", data={"nps": "9"}).headers["Location"] == f"{path}/done"
    assert client.get(f"{path}/done").status_code == 200
    assert "您已经答过了" in client.get(path).text
    assert begin(stranger, path, passing) == f"{path}/p1"
    first, second = rows()
    assert (first.state, first.channel, first.open_link_id, first.invitation_id) == (
        "complete",
        "poster",
        link.id,
        None,
    )
    assert (
        first.device_hash == second.device_hash
    )  # the same browser at the same address: marked, not refused
    assert len(first.device_hash or "") == 32


def test_the_cookie_is_of_this_link_alone_and_cannot_be_forged(
    link: OpenLink, client: FlaskClient, app: Flask, passing: Passing
) -> None:
    path = path_of(link)
    fields = Respondent(client, path).hidden_fields()
    passing(3)
    cookie = client.post(path, data=fields).headers["Set-Cookie"]
    for part in ("HttpOnly", f"Path={path}", "SameSite=Lax"):
        assert part in cookie
    (row,) = rows()
    forger = app.test_client()
    forger.set_cookie(cookie.split("=", 1)[0], row.key, path=path)
    assert forger.get(f"{path}/p1").headers["Location"] == path


@pytest.mark.parametrize(
    ("wait", "extra"),
    [(0.2, {}), (3, {"website": "http://spam.example"}), (3, {"issued": "forged"}), (25 * 3600, {}), (3, {"issued": ""})],
)  # fmt: skip
def test_a_form_that_no_person_sent_is_asked_again(
    link: OpenLink, client: FlaskClient, passing: Passing, wait: float, extra: dict[str, str]
) -> None:
    path = path_of(link)
    fields = Respondent(client, path).hidden_fields()
    passing(wait)
    answer = client.post(path, data=fields | extra)
    assert answer.status_code == 422
    assert "请再点一次" in answer.text
    assert not rows()


def test_a_form_signed_for_one_link_does_not_start_another(
    link: OpenLink, client: FlaskClient, make: Factory, passing: Passing
) -> None:
    other = Asking(make).open_link(link.survey)
    fields = Respondent(client, path_of(other)).hidden_fields()
    passing(3)
    assert client.post(path_of(link), data=fields).status_code == 422


def test_many_starts_from_one_source_are_slowed_and_others_pass(
    link: OpenLink, app: Flask, passing: Passing
) -> None:
    path = path_of(link)
    fields = Respondent(app.test_client(), path).hidden_fields()
    passing(3)
    codes = [app.test_client().post(path, data=fields).status_code for _ in range(40)]
    limit = opened.STARTS[0].amount
    assert codes == [303] * limit + [429] * (40 - limit)
    elsewhere = app.test_client().post(path, data=fields, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert elsewhere.status_code == 303


def test_a_link_switched_off_leads_nowhere(link: OpenLink, client: FlaskClient, make: Factory) -> None:
    path = path_of(link)
    link.active = False
    make.save(link)
    assert client.get(path).status_code == 404
