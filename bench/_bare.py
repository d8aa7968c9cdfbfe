"""The limit of `bench/answering.py`: a bare WSGI application that does the same durable writes and reads.

No framework, no checks, no language: per request one statement on SQLite with the same durability, and a
ready-made page of the same size. BARE_DATABASE and BARE_PAGE (bytes of a page) come from the environment.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

_local = threading.local()
_PAGE = os.urandom(int(os.environ.get("BARE_PAGE", "4000")))
_PLAIN = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_PAGE)))]


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        connection = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None)
        connection.execute("PRAGMA busy_timeout=10000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS answer (token TEXT PRIMARY KEY, document TEXT)")
        _local.connection = connection
    connection = _local.connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Insert on /s/<token>, add the posted text on /s/<token>/<page>, read on GET."""
    _empty, _s, token, *page = environ["PATH_INFO"].split("/")
    database = _connection()
    if environ["REQUEST_METHOD"] == "GET":
        database.execute("SELECT document FROM answer WHERE token = ?", (token,)).fetchone()
        start_response("200 OK", _PLAIN)
        return [_PAGE]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    database.execute("BEGIN IMMEDIATE")
    if page:
        database.execute("UPDATE answer SET document = document || ? WHERE token = ?", (body, token))
    else:
        database.execute("INSERT INTO answer (token, document) VALUES (?, ?)", (token, ""))
    database.execute("COMMIT")
    following = f"p{int(page[0][1:]) + 1}" if page else "p1"
    start_response("303 See Other", [("Location", f"/s/{token}/{following}"), ("Content-Length", "0")])
    return [b""]
