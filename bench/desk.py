"""The desk with 100,000 cases, 5,000 of them open: every queue, filters, searches, and opening a case.

Each figure is the median of ten requests inside the process, the page rendered; *queries* counts the statements of one
request, with those that find out who is asking. A department's queues are measured beside customer service's.
"""

import random
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, insert, select

from bench._report import Figure
from bench._staff import application, browser_of, measure, timed

CASES = 100_000
OPEN = 5_000
UNITS = 12
CUSTOMERS = 20_000
CHUNK = 5_000
ROUNDS = 10
LIST_MS, CASE_MS, MOST_QUERIES = 150, 80, 8
TEXTS = (
    "机房空调反复停机，两次上门都没有修好。",
    "发票抬头开错，催了三次。",
    "约好上午上门，下午才来。",
    "报价和结账不一样。",
)
# What in a log is written by people: a note, two replies, the result.
SAID = frozenset({"acknowledged", "noted", "resolved", "customer_told"})
SERVICE = {
    "mine": "queue=mine",
    "unassigned": "queue=unassigned",
    "due today": "queue=today",
    "overdue": "queue=overdue",
    "waiting": "queue=waiting",
    "callbacks": "queue=callbacks",
    "all open": "queue=all",
    "closed": "queue=closed",
    "closed, page 900": "queue=closed&page=900",
    "by category and unit": "queue=all&category=5&unit=3",
    "closed of a category": "queue=closed&category=5",
    "search, many": "q=空调",
    "search, few": "q=第77777号",
    "search, none": "q=没有的字",
    "search, notes": "q=第77777号单&queue=all",
    "search, number": "q=26-77777",
}


def main() -> None:
    """Measure and print."""
    measure("desk", _measure)


def _measure(folder: Path) -> Iterator[Figure]:
    app = application(folder)
    with app.app_context():
        users = _fill()
        from app.extensions import db

        engine = db.engine
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    service, department = (browser_of(app, *users[name]) for name in ("service", "department"))
    most = 0
    for name, query in SERVICE.items():
        yield Figure(name, _median_ms(service, f"/complaints/?{query}"), "ms", LIST_MS)
        most = max(most, _queries(service, f"/complaints/?{query}", asked))
    for queue in ("mine", "unit", "overdue", "all", "closed"):
        yield Figure(
            f"department: {queue}", _median_ms(department, f"/complaints/?queue={queue}"), "ms", LIST_MS
        )
    yield Figure("department: search", _median_ms(department, "/complaints/?q=空调"), "ms", LIST_MS)
    yield Figure("feedback", _median_ms(service, "/feedback/"), "ms", LIST_MS)
    yield Figure("feedback, search", _median_ms(service, "/feedback/?q=空调"), "ms", LIST_MS)
    yield Figure("open a case", _median_ms(service, "/complaints/99990"), "ms", CASE_MS)
    yield Figure("queries of a list, at most", most, "", MOST_QUERIES)


def _median_ms(browser: FlaskClient, path: str) -> float:
    return 1000 * statistics.median(timed(browser, path)[0] for _ in range(ROUNDS))


def _queries(browser: FlaskClient, path: str, asked: list[str]) -> int:
    asked.clear()
    browser.get(path)
    return sum(1 for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH")))


def _fill() -> dict[str, tuple[str, str]]:
    """Everything; returns the session of a user of customer service and of one of a department."""
    from app.extensions import db
    from app.models import Customer, Firm, Role, Unit, User, UserUnit
    from app.services import accounts
    from app.services.complaints import basics

    now = datetime.now(UTC)
    db.session.add(Firm(name="Bench", language="zh", timezone="Asia/Shanghai", created_at=now))
    units = [Unit(kind="branch", code=f"U{n}", name=f"门店{n}") for n in range(UNITS)]
    db.session.add_all(units)
    basics.ensure(now=now)
    db.session.flush()
    roles = {role.name: role for role in db.session.scalars(select(Role))}
    people = {}
    for name, role in (("service", "customer_service"), ("department", "department")):
        user = User(
            email=f"{name}@bench.example", name=name, fs_uniquifier=name, language="zh", created_at=now
        )
        user.roles, user.unit_links = [roles[role]], [UserUnit(unit_id=units[0].id)]
        db.session.add(user)
        db.session.flush()
        people[name] = user
    customers = [
        {"id": n, "code": f"C{n:05}", "name": f"客户{n}", "created_at": now, "updated_at": now}
        for n in range(1, CUSTOMERS + 1)
    ]
    db.session.execute(insert(Customer), customers)
    _add_cases([unit.id for unit in units], [user.id for user in people.values()], now)
    sessions = {
        name: (user.fs_uniquifier, accounts.start_session(user, now=now)) for name, user in people.items()
    }
    db.session.commit()
    return sessions


def _add_cases(units: list[int], people: list[int], now: datetime) -> None:
    from app.extensions import db
    from app.models import (
        Complaint,
        ComplaintEvent,
        ComplaintRound,
        ComplaintText,
        ComplaintUnit,
        Feedback,
        FeedbackText,
    )
    from app.models import FeedbackCategory as Category

    rng = random.Random(11)
    categories = list(db.session.scalars(select(Category.id).where(Category.kind == "category")))
    for start in range(1, CASES + 1, CHUNK):
        made = [_case(rng, n, units, people, categories, now) for n in range(start, start + CHUNK)]
        tables = (
            Feedback,
            FeedbackText,
            Complaint,
            ComplaintUnit,
            ComplaintRound,
            ComplaintEvent,
            ComplaintText,
        )
        for place, table in enumerate(tables):
            db.session.execute(insert(table), [row for one in made for row in one[place]])


def _case(
    rng: random.Random, n: int, units: list[int], people: list[int], categories: list[int], now: datetime
) -> tuple[list[dict[str, Any]], ...]:
    received = now - timedelta(minutes=(CASES - n) * 10 + 30)
    is_open = n > CASES - OPEN
    state = (
        rng.choice(("received", "assigned", "in_progress", "waiting", "resolved")) if is_open else "closed"
    )
    category, unit = rng.choice(categories), rng.choice(units)
    person = rng.choice(people) if rng.random() < 0.1 else None
    content = f"第{n}号。{rng.choice(TEXTS) * 3}"
    common = {"customer_id": rng.randint(1, CUSTOMERS), "category_id": category, "received_at": received}
    shared = {"id": n, "severity": "general", **common}
    feedback = {
        **shared, "key": f"k{n}", "kind": "complaint", "content": content, "summary": content[:30], "channel": "phone",
        "language": "zh", "recorded_at": received, "contact_name": "王女士", "contact_phone": f"138{n:08}",
    }  # fmt: skip
    due = now + timedelta(minutes=rng.randint(-3000, 9000)) if is_open else None
    complaint = {
        **shared, "number": f"26-{n:05}-0", "year": 2026, "running": n, "feedback_id": n, "state": state,
        "unit_id": None if state == "received" else unit, "handler_id": person, "policy_version": 1,
        "calendar_version": 1, "due_at": due, "due_clock": "customer" if due else "", "soon_at": due,
        "closed_at": None if is_open else received + timedelta(days=3), "outcome": "" if is_open else "satisfied",
    }  # fmt: skip
    kinds = (
        "received",
        "acknowledged",
        "assigned",
        "accepted",
        "noted",
        "resolved",
        "customer_told",
        "closed",
    )
    events = [
        {
            "complaint_id": n, "round": 1, "kind": kind, "at": received + timedelta(hours=place),
            "recorded_at": received, "by_name": "林", "text": "好" * 40, "version": place + 1,
            "data": {"severity": "general", "categories": [category], "unit": unit, "outcome": "satisfied"},
        }
        for place, kind in enumerate(kinds[: 5 if is_open else 8])
    ]  # fmt: skip
    told = f"26-{n:05}-0\n客户{n}\n王女士\n138{n:08}\n{content}"
    said = "\n".join(one["text"] for one in events if one["kind"] in SAID) + f"\n第{n}号单"
    return (
        [feedback],
        [{"feedback_id": n, "text": told}],
        [complaint],
        [{"complaint_id": n, "unit_id": unit, "since": received}],
        [{"complaint_id": n, "number": 1, "started_at": received}],
        events,
        [{"complaint_id": n, "text": f"{told}\n{said}"}],
    )


if __name__ == "__main__":
    main()
