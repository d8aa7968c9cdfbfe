"""The summary of a year of 100,000 complaints, beside a year of as many before it.

*First* is what somebody sees who opens the page after something has happened: no result is kept, the columnar copy is
as the worker leaves it, no analyst is running; the time runs from the request until the page with the figures is
there, polling as a browser does. *After a hundred steps* the copy is brought up to date on the way; *cold* has no copy
at all. *Again* is the second view, *cases* one page of the list behind the largest figure.
"""

import random
import re
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from app import clock
from bench._report import Figure
from bench._staff import application, browser_of, forget, measure, timed, until_shown

CASES = 100_000
YEARS = 2
CUSTOMERS = 20_000
UNITS = 10
STEPS = 100
CHUNK = 10_000
YEAR = datetime(2025, 1, 1, tzinfo=UTC)
PATH = "/complaints/summary?period=2025"
LIST = "/complaints/summary/cases?period=2025&figure=deadline.customer&value=due"
TEXTS = ("result", "reply", "remedy", "cause_text", "prevention", "no_prevention_because")


def main() -> None:
    """Measure and print."""
    measure("complaints", _measure)


def _measure(folder: Path) -> Iterator[Figure]:
    app = application(folder)
    with app.app_context():
        key = _fill()

        from app.queries.figures import kept

        client = kept.analyst()
    browser = browser_of(app, *key)

    def afresh(*, stop: bool, frames: bool = False) -> None:
        if stop:
            client.close()
            time.sleep(0.5)
        forget(folder, frames=frames)

    afresh(stop=True, frames=True)
    yield Figure("cold, no copy of the cases", _shown(browser), "s")
    yield Figure("first", _median(browser, lambda: afresh(stop=True)), "s", 2)
    yield Figure("first, analyst running", _median(browser, lambda: afresh(stop=False)), "s", 2)
    with app.app_context():
        _take_steps()
    yield Figure(f"first, after {STEPS} steps", _shown(browser), "s", 2)
    again = [timed(browser, PATH)[0] for _ in range(12)][2:]
    yield Figure("again", 1000 * statistics.median(again), "ms", 150)
    lists = [timed(browser, LIST)[0] for _ in range(7)][2:]
    yield Figure("cases of a figure", 1000 * statistics.median(lists), "ms")
    client.close()


def _shown(browser: FlaskClient) -> float:
    seconds, body = until_shown(browser, PATH)
    assert re.search(r"n = \d\d,\d{3}", body), "the figures are those of too few cases"
    return seconds


def _median(browser: FlaskClient, before: Any) -> float:
    found = []
    for _ in range(3):
        before()
        found.append(_shown(browser))
    return statistics.median(found)


def _fill() -> tuple[str, str]:
    """Two years of complaints; returns the session of somebody who sees them all."""
    from app.extensions import db
    from app.models import Customer, Firm, Role, Unit, User
    from app.services import accounts
    from app.services.complaints import basics

    now = clock.now()
    rng = random.Random(5)
    basics.ensure(now=now)
    user = User(email="m@bench.example", name="M", fs_uniquifier="m", language="en", created_at=now)
    user.roles = list(db.session.scalars(select(Role).where(Role.name == "management")))
    units = [Unit(kind="branch", code=f"B{number}", name=f"B{number}") for number in range(UNITS)]
    firm = Firm(name="Bench", language="en", timezone="Asia/Shanghai", created_at=now)
    db.session.add_all([user, firm, *units])
    db.session.flush()
    unit_ids = [unit.id for unit in units]
    people = [
        {
            "code": f"C{n}",
            "name": f"C{n}",
            "unit_id": rng.choice(unit_ids),
            "created_at": now,
            "updated_at": now,
        }
        for n in range(CUSTOMERS)
    ]
    db.session.execute(insert(Customer), people)
    for start in range(1, YEARS * CASES + 1, CHUNK):
        _add_cases(rng, range(start, start + CHUNK), unit_ids)
    key = accounts.start_session(user, now=now)
    db.session.commit()
    return user.fs_uniquifier, key


def _add_cases(rng: random.Random, numbers: range, units: list[int]) -> None:
    from app.extensions import db
    from app.models import (
        Complaint,
        ComplaintEvent,
        ComplaintRound,
        ComplaintRun,
        ComplaintUnit,
        Feedback,
        FeedbackCategory,
    )

    branches = db.session.execute(select(FeedbackCategory.id, FeedbackCategory.kind)).all()
    categories, causes = ([one for one, kind in branches if kind == what] for what in ("category", "cause"))
    rows: dict[Any, list[dict[str, Any]]] = {
        table: []
        for table in (Feedback, Complaint, ComplaintRound, ComplaintRun, ComplaintUnit, ComplaintEvent)
    }
    for number in numbers:
        received = YEAR + timedelta(seconds=rng.randrange((1 - YEARS) * 365 * 86_400, 365 * 86_400))
        known, told = (received + timedelta(hours=rng.expovariate(1 / mean)) for mean in (8, 40))
        closed = told + timedelta(hours=20) if rng.random() < 0.97 else None
        unit, category, customer = rng.choice(units), rng.choice(categories), rng.randint(1, CUSTOMERS)
        rows[Feedback].append(
            {"id": number, "key": f"k{number}", "kind": "complaint", "customer_id": customer, "content": "漏水。" * 40,
             "summary": "漏水。" * 10, "received_at": received, "channel": rng.choice(("phone", "web", "email", "shop")),
             "category_id": category, "unit_id": unit, "severity": "general", "language": "zh", "recorded_at": received}
        )  # fmt: skip
        rows[Complaint].append(
            {"id": number, "number": f"B{number}", "year": 2000, "running": number, "feedback_id": number,
             "customer_id": customer, "category_id": category, "severity": "general",
             "state": "closed" if closed else "in_progress", "unit_id": unit, "round": 1, "sent_back": 0,
             "outcome": "satisfied" if closed else "", "received_at": received, "closed_at": closed, "policy_version": 1,
             "calendar_version": 1, "due_clock": "", "paused": False, "version": 8}
        )  # fmt: skip
        rows[ComplaintRound].append(
            {"complaint_id": number, "number": 1, "started_at": received, "told_at": told if closed else None,
             "cause_id": rng.choice(causes) if closed else None, "called_back_at": closed,
             "satisfaction": rng.choice(("satisfied", "satisfied", "partly", "not")) if closed else "",
             "solution_score": rng.randint(1, 5), "handling_score": rng.randint(1, 5), **dict.fromkeys(TEXTS, "")}
        )  # fmt: skip
        for name, begins, ends, hours in (
            ("acknowledge", received, known, 24),
            ("department", received, told if closed else None, 48),
            ("customer", received, told if closed else None, 72),
            ("callback", told, closed, 48),
        ):
            rows[ComplaintRun].append(
                {"complaint_id": number, "clock": name, "round": 1, "turn": 1, "started_at": begins, "stopped_at": ends,
                 "due_at": begins + timedelta(hours=hours), "unit_id": unit if name == "department" else None}
            )  # fmt: skip
        rows[ComplaintUnit].append({"complaint_id": number, "unit_id": unit, "since": received})
        rows[ComplaintEvent].append(_entry(number, received))
    for table, values in rows.items():
        db.session.execute(insert(table), values)


def _entry(number: int, at: datetime) -> dict[str, Any]:
    return {
        "complaint_id": number, "round": 1, "kind": "noted", "at": at, "recorded_at": at, "by_name": "", "text": "",
        "data": {}, "version": 8,
    }  # fmt: skip


def _take_steps() -> None:
    """What steps leave behind that matters here: an entry and a new version."""
    from app.extensions import db
    from app.models import Complaint, ComplaintEvent

    numbers = [1 + number * (CASES // STEPS) for number in range(STEPS)]
    db.session.execute(insert(ComplaintEvent), [_entry(number, clock.now()) for number in numbers])
    db.session.execute(
        update(Complaint).where(Complaint.id.in_(numbers)).values(version=Complaint.version + 1)
    )
    db.session.commit()


if __name__ == "__main__":
    main()
