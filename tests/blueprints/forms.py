"""Filling in forms as a browser does: with the token of the page."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """The token that stands in a page's form."""
    found = TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"no form on {page}"
    return found.group(1)


def send(client: FlaskClient, path: str, *, page: str | None = None, **fields: Any) -> TestResponse:
    """Post the fields to `path`, with the token from `page` (by default the same path)."""
    return client.post(path, data={"csrf_token": token(client, page or path)} | fields)
