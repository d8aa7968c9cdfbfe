"""Sending forms with files in tests."""

import io
from collections.abc import Sequence
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart


def post_files(
    browser: FlaskClient, path: str, fields: dict[str, str], files: Sequence[tuple[str, bytes]], **more: Any
) -> TestResponse:
    """Post a form with files, encoded in memory: the client would leave a temporary file open."""
    values = MultiDict[str, Any](fields)
    for name, content in files:
        values.add("files", FileStorage(io.BytesIO(content), filename=name))
    boundary, body = encode_multipart(values)
    kind = f'multipart/form-data; boundary="{boundary}"'
    answer: TestResponse = browser.post(path, data=body, content_type=kind, **more)
    return answer
