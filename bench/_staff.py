"""Pages as somebody of the firm sees them, for the benchmarks that measure what staff wait for.

The application runs in this process; only the analyst is a process of its own.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from app import create_app
from bench._report import Figure, report
from config import Settings

SECRET = "only-for-measuring-9f2c71aa0be64d5c8841"
POLL_SECONDS = 0.3


def measure(bench: str, figures: Callable[[Path], Iterator[Figure]]) -> None:
    """Measure in a data folder that is gone afterwards, and print."""
    folder = Path(tempfile.mkdtemp(prefix="heed-bench-"))
    try:
        report(bench, list(figures(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def application(folder: Path) -> Flask:
    """An application with an empty database."""
    environment = {
        "HEED_DATA": str(folder),
        "SECRET_KEY": SECRET,
        "HEED_ASSETS": "local",
        "BASE_URL": "http://localhost:8000",
    }
    app = create_app(Settings.from_env(environment))
    with app.app_context():
        upgrade()
    return app


def browser_of(app: Flask, user: str, key: str) -> FlaskClient:
    """The browser of somebody who is signed in: `key` is that of his session."""
    browser: FlaskClient = app.test_client()
    with browser.session_transaction() as session:
        session.update(_user_id=user, _fresh=True, fs_cc="set", fs_paa=4_000_000_000, staff_session=key)
    return browser


def timed(browser: FlaskClient, path: str, *, fragment: bool = False) -> tuple[float, str]:
    """Seconds until the page is there, and the page."""
    started = time.perf_counter()
    answer = browser.get(path, headers={"HX-Request": "true"} if fragment else {})
    seconds = time.perf_counter() - started
    assert answer.status_code == 200, (path, answer.status_code)
    return seconds, answer.get_data(as_text=True)


def until_shown(browser: FlaskClient, path: str) -> tuple[float, str]:
    """Seconds from the request until the figures are there, polling as the page does, and the page."""
    started = time.perf_counter()
    body = timed(browser, path)[1]
    while 'class="stats"' not in body:
        assert 'class="notice late"' not in body, "the analyst failed"
        time.sleep(POLL_SECONDS)
        body = timed(browser, path, fragment=True)[1]
    return time.perf_counter() - started, body


def forget(folder: Path, *, frames: bool = False) -> None:
    """Take away the results that are kept, and with `frames` the columnar copies."""
    for name in ("analysis", *(("frames",) if frames else ())):
        shutil.rmtree(folder / "cache" / name, ignore_errors=True)
