"""The statistics page of a survey with 100,000 answers to 20 questions, beside an earlier wave of the same size.

*First* is what somebody sees who opens the page after new answers have come in: no result is kept, the columnar
copy is as the worker leaves it, no analyst is running; the time runs from the request until the page with the
figures is there, polling as a browser does. *Cold* has no columnar copy either. *Again* is the second view. Saves
are measured on the answering site, alone and while ten people open the page of figures in the same web process.
"""

import dataclasses
import http.client
import os
import random
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.supervisor import web_command
from bench._report import Figure
from bench._site import free_port, live_survey, load, percentile_ms, server
from bench._staff import POLL_SECONDS, SECRET, application, browser_of, forget, measure, timed, until_shown

ANSWERS = 100_000
QUESTIONS = 20
DIMENSIONS = 5
CHUNK = 10_000
NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
READERS = 10
RESPONDENTS = 2
LINKS = 8000
SAVES_SECONDS = 10.0
# Somebody who has opened the page looks at it before opening the next one.
READING_SECONDS = 4.0


def main() -> None:
    """Measure and print."""
    measure("statistics", _measure)


def _measure(folder: Path) -> Iterator[Figure]:
    app = application(folder)
    with app.app_context():
        survey_id, user_id = _fill()
        key = _session(user_id)
    path = f"/analysis/{survey_id}"

    from app.queries.figures import kept

    with app.app_context():
        client = kept.analyst()

    def afresh(*, frames: bool) -> None:
        client.close()
        time.sleep(0.5)
        forget(folder, frames=frames)

    afresh(frames=True)
    yield Figure("cold, no copy of the answers", until_shown(browser_of(app, *key), path)[0], "s")
    firsts = []
    for _ in range(3):
        afresh(frames=False)
        firsts.append(until_shown(browser_of(app, *key), path)[0])
    yield Figure("first", statistics.median(firsts), "s", 1.5)
    forget(folder)
    yield Figure("first, analyst running", until_shown(browser_of(app, *key), path)[0], "s", 1.5)
    browser = browser_of(app, *key)
    again = [timed(browser, path)[0] for _ in range(12)][2:]
    yield Figure("again", 1000 * statistics.median(again), "ms", 150)
    yield Figure("filter, first", until_shown(browser, f"{path}?region=east")[0], "s")
    client.close()
    alone, beside = _saves(app, folder, key, path)
    yield Figure("p99 of a save, alone", alone, "ms")
    yield Figure(f"p99 of a save, {READERS} readers", beside, "ms", 2 * alone)


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


def _saves(app: Flask, folder: Path, key: tuple[str, str], path: str) -> tuple[float, float]:
    """p99 in ms of saving a page on the answering site, alone and while readers open the page of figures.

    One web process serves both, as in a real installation; the readers' first view has to be computed anew.
    """
    with app.app_context():
        links = live_survey(_some_contacts(LINKS))
    port = free_port()
    settings = dataclasses.replace(app.config["HEED"], port=port)
    cookie = _cookie(browser_of(app, *key), app.config["SESSION_COOKIE_NAME"])
    environment = {"HEED_DATA": str(folder), "PORT": str(port), "HEED_ASSETS": "local", "SECRET_KEY": SECRET}
    half = len(links) // 2
    with server(web_command(settings), environment, port):
        _until_read(port, path, cookie)
        alone = load(port, RESPONDENTS, links[:half], SAVES_SECONDS)["saves"]
        forget(folder)
        over = threading.Event()
        readers = [
            threading.Thread(target=_read_often, args=(port, path, cookie, over), daemon=True)
            for _ in range(READERS)
        ]
        for reader in readers:
            reader.start()
        beside = load(port, RESPONDENTS, links[half:], SAVES_SECONDS)["saves"]
        over.set()
        for reader in readers:
            reader.join()
    return percentile_ms(alone, 0.99), percentile_ms(beside, 0.99)


def _some_contacts(count: int) -> list[tuple[int, int]]:
    from app.extensions import db
    from app.models import Contact

    return [(one.id, one.customer_id) for one in db.session.scalars(select(Contact).limit(count))]


def _cookie(browser: FlaskClient, name: str) -> str:
    found = browser.get_cookie(name)
    assert found is not None
    return f"{name}={found.value}"


def _until_read(port: int, path: str, cookie: str) -> None:
    """Open the page as a browser does, polling until the figures are there."""
    headers: dict[str, str] = {}
    while True:
        connection = http.client.HTTPConnection("localhost", port, timeout=30)
        connection.request("GET", path, headers={"Cookie": cookie} | headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        body = answer.read()
        connection.close()
        if b'class="stats"' in body:
            return
        headers = {"HX-Request": "true"}
        time.sleep(POLL_SECONDS)


def _read_often(port: int, path: str, cookie: str, over: threading.Event) -> None:
    while not over.is_set():
        _until_read(port, path, cookie)
        over.wait(READING_SECONDS)


if __name__ == "__main__":
    main()
