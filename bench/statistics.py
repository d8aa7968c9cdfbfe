"""The statistics page of a survey with 100,000 answers to 20 questions, beside an earlier wave of the same size.

*First* is what somebody sees who opens the page after new answers have come in: no result is kept, the columnar
copy is as the worker leaves it, no analyst is running; the time runs from the request until the page with the
figures is there, polling as a browser does. *Cold* has no columnar copy either. *Again* is the second view. The
save load runs in a process of its own against the same database, with ten people opening the page at once.
"""

import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import insert, select

from bench._report import Figure, report

ANSWERS = 100_000
QUESTIONS = 20
DIMENSIONS = 5
CHUNK = 10_000
POLL_SECONDS = 0.3
NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
READERS = 10
SAVES_SECONDS = 10.0
# Somebody who has opened the page looks at it before opening the next one.
READING_SECONDS = 4.0


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="heed-bench-"))
    try:
        report("statistics", list(_measure(folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path) -> Iterator[Figure]:
    app = _application(folder)
    with app.app_context():
        survey_id, user_id = _fill()
        key = _session(user_id)
    path = f"/analysis/{survey_id}"

    from app.queries.analysis import results

    with app.app_context():
        client = results.analyst()

    def forget(*, frames: bool) -> None:
        client.close()
        time.sleep(0.5)
        shutil.rmtree(folder / "cache" / "analysis", ignore_errors=True)
        if frames:
            shutil.rmtree(folder / "cache" / "frames", ignore_errors=True)

    forget(frames=True)
    yield Figure("cold, no copy of the answers", _until_shown(_browser(app, *key), path), "s")
    firsts = []
    for _ in range(3):
        forget(frames=False)
        firsts.append(_until_shown(_browser(app, *key), path))
    yield Figure("first", statistics.median(firsts), "s", 1.5)
    shutil.rmtree(folder / "cache" / "analysis", ignore_errors=True)
    yield Figure("first, analyst running", _until_shown(_browser(app, *key), path), "s", 1.5)
    browser = _browser(app, *key)
    again = [_timed(browser, path)[0] for _ in range(12)][2:]
    yield Figure("again", 1000 * statistics.median(again), "ms", 150)
    yield Figure("filter, first", _until_shown(browser, f"{path}?region=east"), "s")
    alone, beside = _saves(app, folder, key, path)
    yield Figure("p99 of a save, alone", 1000 * alone, "ms")
    yield Figure(f"p99 of a save, {READERS} readers", 1000 * beside, "ms", 2000 * alone)
    client.close()


def _application(folder: Path) -> Flask:
    from app import create_app
    from config import Settings

    environment = {
        "HEED_DATA": str(folder),
        "SECRET_KEY": "only-for-measuring-9f2c71aa0be64d5c8841",
        "HEED_ASSETS": "local",
        "BASE_URL": "http://localhost:8000",
    }
    app = create_app(Settings.from_env(environment))
    with app.app_context():
        upgrade()
    return app


def _fill() -> tuple[int, int]:
    """Two waves of answers; returns the id of the later survey and of a user who may see it."""
    from app.extensions import db
    from app.models import Customer, Firm, Questionnaire, QuestionnaireVersion, Role, Series, Survey, User

    rng = random.Random(7)
    firm = Firm(name="Bench", language="en", timezone="Asia/Shanghai", created_at=NOW)
    user = User(email="m@bench.example", name="M", fs_uniquifier="m", language="en", created_at=NOW)
    user.roles = list(db.session.scalars(select(Role).where(Role.name == "marketing")))
    content, tree = _questionnaire()
    questionnaire = Questionnaire(title=content["title"], created_at=NOW)
    series = Series(name={"en": "Bench"}, created_at=NOW)
    db.session.add_all([firm, user, questionnaire, series])
    db.session.flush()
    version = QuestionnaireVersion(
        questionnaire_id=questionnaire.id, number=1, state="published", content=content, indicators=tree,
        content_hash="bench", created_at=NOW, published_at=NOW, edited_at=NOW,
    )  # fmt: skip
    db.session.add(version)
    people = [
        {"code": f"C{n}", "name": f"C{n}", "created_at": NOW, "updated_at": NOW} for n in range(ANSWERS)
    ]
    db.session.execute(insert(Customer), people)
    db.session.flush()
    customers = list(db.session.scalars(select(Customer.id)))
    for years in (1, 0):
        survey = Survey(
            series_id=series.id, name={"en": f"Wave {2 - years}"}, version_id=version.id, state="closed",
            opens_at=NOW - timedelta(days=365 * years + 30), closes_at=NOW - timedelta(days=365 * years + 10),
            created_at=NOW,
        )  # fmt: skip
        db.session.add(survey)
        db.session.flush()
        for start in range(0, ANSWERS, CHUNK):
            _add_answers(rng, survey.id, version.id, customers[start : start + CHUNK])
    db.session.commit()
    return survey.id, user.id


def _questionnaire() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    label = {"en": "text"}
    questions = [
        {"id": f"q{n}", "code": f"q{n}", "type": "scale", "text": {"en": f"Question {n}"}, "hint": {},
         "required": True, "indicator": f"i{n % DIMENSIONS}", "show_if": None, "points": 5, "low": label,
         "high": label, "labels": None, "allow_na": True, "na_text": label, "reverse": False}
        for n in range(QUESTIONS - 1)
    ]  # fmt: skip
    questions.append(
        {"id": "nps", "code": "nps", "type": "nps", "text": {"en": "Recommend"}, "hint": {}, "required": True,
         "indicator": None, "show_if": None, "low": label, "high": label}
    )  # fmt: skip
    content = {
        "languages": ["en"], "default_language": "en", "title": {"en": "Bench"}, "intro": {}, "thanks": {},
        "minutes": 3, "pages": [{"id": "p1", "title": {}, "questions": questions}],
    }  # fmt: skip
    tree = [
        {"code": f"i{n}", "name": {"en": f"Dimension {n}"}, "weight": 1 / DIMENSIONS, "children": []}
        for n in range(DIMENSIONS)
    ]
    return content, tree


def _add_answers(rng: random.Random, survey_id: int, version_id: int, customers: list[int]) -> None:
    from app.extensions import db
    from app.models import Contact, Invitation, Response

    contacts = [{"customer_id": c, "email": f"{c}@bench.example", "is_primary": False} for c in customers]
    ids = list(db.session.scalars(insert(Contact).returning(Contact.id), contacts))
    profiles = [
        {
            "kind": "enterprise",
            "region": rng.choice(("east", "west", "north")),
            "size": "s",
            "lines": [],
            "unit_id": None,
            "key_account": False,
            "tenure": "old",
        }
        for _ in customers
    ]
    invitations = [
        {"survey_id": survey_id, "contact_id": contact, "customer_id": customer, "nonce": os.urandom(9),
         "language": "en", "profile": profile, "created_at": NOW, "started": True, "finished": True}
        for contact, customer, profile in zip(ids, customers, profiles, strict=True)
    ]  # fmt: skip
    invited = list(db.session.scalars(insert(Invitation).returning(Invitation.id), invitations))
    rows = []
    for invitation, customer, profile in zip(invited, customers, profiles, strict=True):
        mood = rng.gauss(3.6, 0.6)
        answers: dict[str, Any] = {
            f"q{n}": "na" if rng.random() < 0.03 else min(5, max(1, round(rng.gauss(mood, 0.8))))
            for n in range(QUESTIONS - 1)
        }
        answers["nps"] = min(10, max(0, round(rng.gauss(2 * mood, 1.5))))
        rows.append(
            {"survey_id": survey_id, "version_id": version_id, "invitation_id": invitation,
             "key": f"{survey_id}-{customer}", "state": "complete", "language": "en", "customer_id": customer,
             "profile": profile, "answers": answers, "page_log": [["p1", 60]], "started_at": NOW, "saved_at": NOW,
             "submitted_at": NOW}
        )  # fmt: skip
    db.session.execute(insert(Response), rows)


def _session(user_id: int) -> tuple[str, str]:
    from app.extensions import db
    from app.models import User
    from app.services import accounts

    user = db.session.get_one(User, user_id)
    key = accounts.start_session(user, now=datetime.now(UTC))
    db.session.commit()
    return user.fs_uniquifier, key


def _browser(app: Flask, user: str, key: str) -> FlaskClient:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(_user_id=user, _fresh=True, fs_cc="set", fs_paa=4_000_000_000, staff_session=key)
    return browser


def _timed(browser: FlaskClient, path: str, *, fragment: bool = False) -> tuple[float, str]:
    started = time.perf_counter()
    answer = browser.get(path, headers={"HX-Request": "true"} if fragment else {})
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - started, answer.get_data(as_text=True)


def _until_shown(browser: FlaskClient, path: str) -> float:
    """From the request until the figures are there, polling as the page does."""
    started = time.perf_counter()
    body = _timed(browser, path)[1]
    while 'class="stats"' not in body:
        assert 'class="notice late"' not in body, "the analyst failed"
        time.sleep(POLL_SECONDS)
        body = _timed(browser, path, fragment=True)[1]
    return time.perf_counter() - started


SAVER = """
import json, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=10, isolation_level=None)
connection.execute("PRAGMA synchronous=FULL")
ids = [row[0] for row in connection.execute("SELECT id FROM response ORDER BY id DESC LIMIT 500")]
took, end, turn = [], time.perf_counter() + float(sys.argv[2]), 0
while time.perf_counter() < end:
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE response SET revision = revision + 1 WHERE id = ?", (ids[turn % 500],))
    connection.execute("COMMIT")
    took.append(time.perf_counter() - started)
    turn += 1
    time.sleep(0.01)
print(json.dumps(took))
"""


def _saves(app: Flask, folder: Path, key: tuple[str, str], path: str) -> tuple[float, float]:
    """p99 in seconds of durable saves of one answer, alone and while readers open the page for the first time."""
    alone = _p99(_start_saver(folder))
    saver = _start_saver(folder)
    shutil.rmtree(folder / "cache" / "analysis", ignore_errors=True)
    readers = [
        threading.Thread(target=_read_often, args=(_browser(app, *key), path, saver), daemon=True)
        for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    beside = _p99(saver)
    for reader in readers:
        reader.join()
    return alone, beside


def _read_often(browser: FlaskClient, path: str, saver: "subprocess.Popen[str]") -> None:
    while saver.poll() is None:
        with contextlib.suppress(AssertionError):
            _until_shown(browser, path)
        time.sleep(READING_SECONDS)


def _start_saver(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SAVER, str(folder / "heed.sqlite3"), str(SAVES_SECONDS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _p99(saver: "subprocess.Popen[str]") -> float:
    output, _ = saver.communicate()
    took = sorted(json.loads(output))
    return float(took[int(0.99 * len(took))])


if __name__ == "__main__":
    main()
