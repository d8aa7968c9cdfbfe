"""Sending forms in tests, with the token that every page carries."""

import re
from functools import partial
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db


def with_token(client: FlaskClient) -> FlaskClient:
    """The same signed-in browser, whose `post` adds the token of a page it has opened."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/gallery").text)
    assert found, "no form on the page"
    client.post = partial(_post, client.post, found[1])  # type: ignore[method-assign]
    return client


def _post(post: Any, token: str, *args: Any, **kwargs: Any) -> TestResponse:
    # The test has read rows; what it holds would keep the request from writing.
    db.session.rollback()
    kwargs["data"] = {"csrf_token": token} | kwargs.get("data", {})
    answer: TestResponse = post(*args, **kwargs)
    return answer
