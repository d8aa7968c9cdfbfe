"""Fixtures: one migrated database as a template, a fresh copy for every test.

Tests commit for real and may use several connections. Requests run in a context of their own, so
that nothing leaks from the test's session into the one under test.
"""

import contextvars
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from app import create_app
from app.extensions import db
from config import Settings
from tests import html
from tests.factories import Factory

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


def worker_name() -> str:
    """Name of this test process, for folders and databases of its own."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


class CheckingClient(FlaskClient):
    """Runs each request in an empty context and checks every HTML answer."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        check_html = kwargs.pop("check_html", True)
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        if check_html and response.mimetype == "text/html" and response.status_code != 302:
            body = response.get_data(as_text=True)
            if body:
                html.check(body, fragment=not body.lstrip().lower().startswith("<!doctype"))
        return response


def _postgresql(url: str) -> str:
    """Make an empty database for this process and return its address."""
    target = make_url(url)
    name = f"{target.database}_{worker_name()}"
    engine = create_engine(target, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return target.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the tests: SQLite in a folder, or the PostgreSQL of HEED_TEST_POSTGRESQL."""
    environ = {
        "HEED_DATA": str(tmp_path_factory.mktemp("数据 data")),
        "SECRET_KEY": "only-for-tests-9f2c71aa0be64d5c8841",
        "HEED_ASSETS": "local",
        "BASE_URL": "http://localhost:8000",
    }
    postgresql = os.environ.get("HEED_TEST_POSTGRESQL")
    if postgresql:
        environ["DATABASE_URL"] = _postgresql(postgresql)
    if os.environ.get("HEED_TEST_REDIS"):
        environ["REDIS_URL"] = os.environ["HEED_TEST_REDIS"]
    return Settings.from_env(environ)


@pytest.fixture(scope="session")
def migrated_app(settings: Settings) -> Iterator[Flask]:
    """The application on a database made by the migrations."""
    app = create_app(settings)
    app.testing = True
    app.test_client_class = CheckingClient
    with app.app_context():
        upgrade()
        db.engine.dispose()
    if settings.sqlite_path:
        shutil.copy(settings.sqlite_path, _template(settings.sqlite_path))
    yield app
    with app.app_context():
        db.engine.dispose()


def _template(path: Path) -> Path:
    return path.with_suffix(".template")


@pytest.fixture
def app(migrated_app: Flask, settings: Settings) -> Flask:
    """The application with an empty database (roles only)."""
    with migrated_app.app_context():
        db.session.remove()
        if settings.sqlite_path:
            db.engine.dispose()
            for leftover in ("-wal", "-shm"):
                Path(f"{settings.sqlite_path}{leftover}").unlink(missing_ok=True)
            # A new file under the old name: a connection that a test before has left open keeps the old
            # one to itself, instead of writing its pages into the middle of this one.
            fresh = Path(
                shutil.copy(_template(settings.sqlite_path), settings.sqlite_path.with_suffix(".fresh"))
            )
            fresh.replace(settings.sqlite_path)
        else:
            _empty_postgresql()
    _reset_limits(migrated_app)
    return migrated_app


def _empty_postgresql() -> None:
    """Delete all rows and count from one again. TRUNCATE would wait for every open reader and for the disk."""
    tables = [t for t in reversed(db.metadata.sorted_tables) if t.name != "role"]
    deletes = "; ".join(f'DELETE FROM "{table.name}"' for table in tables)
    counters = "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence WHERE seqrelid <> 'role_id_seq'::regclass"
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text("SET LOCAL lock_timeout = '20s'"))
        connection.exec_driver_sql(deletes)
        connection.exec_driver_sql(counters)


def _reset_limits(app: Flask) -> None:
    from app.web.throttle import limiter

    limiter.reset()


@pytest.fixture
def ctx(app: Flask) -> Iterator[None]:
    """An application context, for tests of services and queries."""
    with app.app_context():
        yield
        db.session.rollback()


@pytest.fixture
def make(ctx: None) -> Factory:
    """Makes committed rows: `make.firm()`, `make.user(roles=…)`, `make.customer()` …"""
    return Factory(NOW)


@pytest.fixture
def now() -> datetime:
    """The present time of the tests."""
    return NOW


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, make: Factory) -> Any:
    """Return a function: `client = sign_in("marketing")` or `sign_in(user)`."""

    def open_session(*roles: str, user: Any = None, **user_fields: Any) -> FlaskClient:
        make.firm()
        member = user or make.user(roles=roles, **user_fields)
        browser: FlaskClient = app.test_client()
        make.session_for(browser, member)
        return browser

    return open_session
