"""Fixtures of the tests of pages."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.extensions import db
from app.models import Questionnaire, User
from app.queries.figures import kept
from app.services import questionnaires as services
from config import Settings
from tests.factories import Factory
from tests.factories.complaints import Staff

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


@pytest.fixture(scope="module")
def analyst_ends(migrated_app: Flask) -> Iterator[None]:
    """The process that computes figures ends with the module that has asked it."""
    yield
    with migrated_app.app_context():
        kept.analyst().close()


@pytest.fixture
def no_results(settings: Settings) -> Iterator[None]:
    """Neither results nor columnar copies of another test."""
    shutil.rmtree(settings.data / "cache", ignore_errors=True)
    yield
    shutil.rmtree(settings.data / "cache", ignore_errors=True)


@pytest.fixture
def marketing(sign_in: Any) -> FlaskClient:
    return sign_in("marketing", language="en")


@pytest.fixture
def questionnaire(make: Any, now: Any) -> Questionnaire:
    made = services.create_from_template("touchpoints", by=None, now=now)
    db.session.commit()
    return made


@pytest.fixture
def blank(make: Any, now: Any) -> Questionnaire:
    made = services.create_blank({"en": "Blank"}, default_language="en", by=None, now=now)
    db.session.commit()
    return made


@pytest.fixture
def browser(sign_in: Any) -> FlaskClient:
    """A marketing user's browser that sends the token of its session."""
    opened: FlaskClient = sign_in("marketing")
    token = TOKEN.search(opened.get("/gallery").get_data(as_text=True))
    assert token is not None
    opened.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
    return opened


@pytest.fixture
def staff(make: Factory) -> Staff:
    # The pages read the real clock.
    make.now = clock.now().replace(microsecond=0)
    make.firm()
    return Staff(make)


@pytest.fixture
def browse(app: Flask, make: Factory) -> Any:
    """Return a function: a browser of a user, which sends the token of its session."""

    def opened(user: User) -> FlaskClient:
        browser: FlaskClient = app.test_client()
        make.session_for(browser, user)
        token = TOKEN.search(browser.get("/account").get_data(as_text=True))
        assert token is not None
        browser.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
        return browser

    return opened
