"""T60, T61, T69: a full disk, a locked database, no Redis: a clear page, nothing half-stored, reading goes on."""

import errno
import io
import logging
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from app.adapters import files
from app.extensions import db
from app.models import Customer, CustomerImport
from config import Settings
from tests.factories import Factory

NEW = {"name": "新客户", "code": "N1", "kind": "enterprise"}


def count(model: Any) -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return int(found)


@pytest.fixture
def only_sqlite(settings: Settings) -> Path:
    if settings.sqlite_path is None:
        pytest.skip("the file and its lock are SQLite's")
    return settings.sqlite_path


def test_a_full_disk_is_told_and_heals(
    app: Flask, browser_of_marketing: FlaskClient, only_sqlite: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """T60: the database can't grow."""

    def no_more(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA max_page_count=1")  # its present size is the least there can be

    many = {"name": "很长" * 60, "kind": "enterprise"}
    with app.app_context():
        event.listen(db.engine, "checkout", no_more)
        try:
            answers = [
                browser_of_marketing.post("/customers/new", data=many | {"code": f"F{n}"}) for n in range(40)
            ]
            reading = browser_of_marketing.get("/customers/")
        finally:
            event.remove(db.engine, "checkout", no_more)
            db.engine.dispose()
    states = [answer.status_code for answer in answers]
    assert set(states) == {302, 503}
    assert "Nothing was lost" in answers[-1].text
    assert "SQLITE_FULL" in caplog.text  # whoever reads the log knows what to do
    assert answers[-1].headers["Retry-After"]
    assert reading.status_code == 200
    assert count(Customer) == states.count(302)
    assert browser_of_marketing.post("/customers/new", data=NEW).status_code == 302


def test_an_upload_that_does_not_fit_leaves_nothing(
    browser_of_marketing: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T60: no half file, no row, no 500."""
    folder = settings.data / "uploads"
    before = set(folder.iterdir()) if folder.exists() else set()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        answer = browser_of_marketing.post(
            "/customers/imports", data={"file": (io.BytesIO(b"code,name\n1,a\n"), "a.csv")}
        )
    assert answer.status_code == 503
    assert count(CustomerImport) == 0
    assert set(folder.iterdir()) == before


def test_another_error_of_the_system_is_still_ours(
    browser_of_marketing: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise OSError(errno.EBADF, "".join(("what", "-somebody-typed")))

    monkeypatch.setattr(files, "store", broken)
    with caplog.at_level(logging.ERROR):
        answer = browser_of_marketing.post("/customers/imports", data={"file": (io.BytesIO(b"a"), "a.csv")})
    assert answer.status_code == 500
    assert "what-somebody-typed" not in caplog.text


def test_a_locked_database_is_told_while_reading_goes_on(
    app: Flask, browser_of_marketing: FlaskClient, only_sqlite: Path
) -> None:
    """T61: 503 instead of 500 after the time to wait, and the same form works afterwards."""

    def impatient(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout=50")

    other = sqlite3.connect(only_sqlite, isolation_level=None)
    with app.app_context():
        event.listen(db.engine, "checkout", impatient)
        try:
            other.execute("BEGIN IMMEDIATE")
            locked = browser_of_marketing.post("/customers/new", data=NEW)
            reading = browser_of_marketing.get("/customers/")
            other.execute("ROLLBACK")
        finally:
            other.close()
            event.remove(db.engine, "checkout", impatient)
            db.engine.dispose()
    assert (locked.status_code, reading.status_code) == (503, 200)
    assert "send it again" in locked.text
    assert browser_of_marketing.post("/customers/new", data=NEW).status_code == 302
    assert count(Customer) == 1


@pytest.fixture
def browser_of_marketing(sign_in: Any, make: Factory) -> FlaskClient:
    """A browser in English that sends the token of its session."""
    from tests.web.test_access import token

    opened: FlaskClient = sign_in("marketing", language="en")
    opened.environ_base["HTTP_X_CSRFTOKEN"] = token(opened, "/gallery")
    return opened


def test_of_two_at_the_same_moment_the_second_is_told(
    browser_of_marketing: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What two wrote at once the database takes from one; the page of the other one is no "bad request"."""

    def twice(*_args: Any, **_fields: Any) -> None:
        raise IntegrityError("INSERT", {"name": "新客户"}, Exception("UNIQUE 新客户"))

    monkeypatch.setattr("app.services.customers.register.create_customer", twice)
    answer = browser_of_marketing.post("/customers/new", data=NEW)
    assert answer.status_code == 409
    assert "customers.create" in caplog.text
    assert "新客户" not in caplog.text
