"""Waiting for figures as a browser does that runs no script."""

import time

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PATIENCE = 30


def settled(browser: FlaskClient, path: str) -> TestResponse:
    """The page once the analyst has done its work, or what is answered instead."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page: TestResponse = browser.get(path)
        text = page.get_data(as_text=True) if page.mimetype == "text/html" else ""
        if page.status_code != 200 or "load delay:300ms" not in text:
            return page
        assert '<meta http-equiv="refresh"' in text
        time.sleep(0.05)
    raise AssertionError("the figures never came")


def text_of(browser: FlaskClient, path: str) -> str:
    """The page with its figures."""
    page = settled(browser, path)
    assert page.status_code == 200
    return page.get_data(as_text=True)
