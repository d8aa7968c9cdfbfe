"""The express lane gives the same answers as the views, and leaves to them what is not ordinary."""

import gzip
import io
import re
import sqlite3
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.blueprints.answers import express
from app.extensions import db
from app.models import Response
from app.web import lanes
from tests.blueprints.answering import FILLED, Respondent
from tests.factories import Factory
from tests.factories.asking import Asking, every_type, path_of


@pytest.fixture
def asking(make: Factory, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(clock, "now", lambda: now)
    return Asking(make)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each request was answered by the lane."""
    found: list[bool] = []
    prepare = express.Express.prepare

    def watch(self: Any, environ: Any) -> Any:
        answer = prepare(self, environ)
        found.append(answer is not None)
        return answer

    monkeypatch.setattr(express.Express, "prepare", watch)
    return found


def journey(client: FlaskClient, path: str) -> list[tuple[Any, ...]]:
    """Every answer on the way, without what differs between two people."""
    token = path.rsplit("/", 1)[1]
    seen = []
    answer = client.post(path)
    for _ in range(13):
        seen.append(_plain(answer, token))
        location = answer.headers["Location"]
        page = client.get(location, headers={"Accept-Encoding": "gzip"}, check_html=False)
        seen.append(_plain(page, token))
        if location.endswith("/done"):
            return seen
        answer = client.post(location, data=FILLED)
    raise AssertionError("no end")


def _plain(answer: Any, token: str) -> tuple[Any, ...]:
    # The views look for a cookie before they know that none matters here, and say so in Vary.
    skipped = {"content-length", "vary"} | ({"content-type"} if answer.status_code == 303 else set())
    headers = sorted(
        (k.lower(), v.replace(token, "TOKEN")) for k, v in answer.headers.items() if k.lower() not in skipped
    )
    body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    if not body.startswith(b"<"):
        return answer.status_code, headers, b""
    return answer.status_code, headers, re.sub(rb"\d{6}-\d", b"RECEIPT", body)


def test_lane_and_views_say_and_store_the_same(
    asking: Asking, client: FlaskClient, taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = asking.survey(every_type())
    slow, fast = (path_of(asking.invitation(survey)) for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(express.Express, "prepare", lambda self, environ: None)
        by_views = journey(client, slow)
    taken.clear()
    by_lane = journey(client, fast)
    assert taken
    assert all(taken)
    assert by_lane == by_views
    rows = db.session.scalars(select(Response).order_by(Response.id)).all()
    first, second = (
        {
            c.name: getattr(r, c.name)
            for c in Response.__table__.columns
            if c.name not in ("id", "key", "invitation_id", "customer_id")
        }
        for r in rows
    )
    assert first == second


def test_errors_answered_pages_and_wrong_links_are_left_to_the_views(
    asking: Asking, client: FlaskClient, taken: list[bool]
) -> None:
    path = path_of(asking.invitation(asking.survey(every_type())))
    Respondent(client, path).start()
    assert client.get(f"{path}/p1").status_code == 200  # made by the views at first, then kept
    taken.clear()
    assert client.post(f"{path}/p1", data={}).status_code == 422
    assert client.get(f"{path}/p1").status_code == 200
    client.post(f"{path}/p1", data=FILLED)
    assert 'value="4" checked' in client.get(f"{path}/p1").text
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B") + "/p1").status_code == 404
    assert taken == [False, True, True, False, False]


def test_a_form_that_comes_in_chunks_is_not_taken_for_an_empty_one(
    asking: Asking, client: FlaskClient, taken: list[bool]
) -> None:
    """Some proxies pass a form on without telling its length."""
    path = path_of(asking.invitation(asking.survey(every_type())))
    Respondent(client, path).start()
    taken.clear()
    answer = client.post(
        f"{path}/p1",
        input_stream=io.BytesIO(urlencode(FILLED, doseq=True).encode()),
        content_type=express.FORM_TYPE,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert (answer.status_code, taken) == (303, [False])
    assert db.session.scalars(select(Response)).one().answers["wait"] == 4


def test_a_broken_database_is_told_by_the_views(
    asking: Asking, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(asking.invitation(asking.survey(every_type())))
    Respondent(client, path).start()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(express.answers, "store", broken)
        assert client.post(f"{path}/p1", data=FILLED).status_code == 500
    assert client.post(f"{path}/p1", data=FILLED).status_code == 303


def test_who_waited_for_a_locked_database_in_the_lane_does_not_wait_again(
    asking: Asking, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T61: told at once, and the same form works afterwards."""
    path, locked = path_of(asking.invitation(asking.survey(every_type()))), sqlite3.OperationalError("locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def waits(*_: Any) -> None:
        raise locked

    with monkeypatch.context() as patch:
        patch.setattr(lanes.transactions, "write", waits)
        answer = client.post(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert db.session.scalar(select(Response)) is None
    assert client.post(path).status_code == 303
