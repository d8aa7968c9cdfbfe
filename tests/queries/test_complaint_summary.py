"""The summary of complaints: the reference values come out of stored cases, and every rule of who and what counts."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.models import User
from app.queries.analysis.model import from_json, to_json
from app.queries.complaints.summary.model import ComplaintSummary
from tests.factories import Factory
from tests.factories.counted import Counted, Told

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {case["id"]: case for case in json.loads((GOLDEN / "complaints.json").read_text("utf-8"))["cases"]}
# Categories of the reference data, by what a firm begins with.
CODES = {
    "delivery": "category.visit",
    "quality": "category.product",
    "staff": "category.service",
    "billing": "category.billing",
    "website": "category.information",
    "other": "category.other",
}
SEPTEMBER = datetime(2026, 9, 10, 4, tzinfo=UTC)


@pytest.fixture
def counted(app: Any, make: Factory) -> Counted:
    return Counted(make)


@pytest.fixture
def manager(make: Factory) -> User:
    return make.user(roles=("management",))


@pytest.fixture
def ask(counted: Counted, manager: User, tmp_path: Path) -> Any:
    def asked(period: str = "2026-09", *, user: User | None = None, **own: Any) -> ComplaintSummary:
        return counted.asked(user or manager, period, frames=tmp_path, **own)

    return asked


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def reference() -> list[Told]:
    with (GOLDEN / "complaints.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        received = moment(row["received"])
        assert received is not None
        due = received + timedelta(hours=int(row["deadline_hours"]))
        found.append(Told(received, moment(row["closed"]), CODES[row["coder_a"]], clocks={"customer": due}))
    return found


def test_the_reference_values_come_out_of_stored_cases(counted: Counted, make: Factory, ask: Any) -> None:
    make.firm(timezone="UTC")
    counted.add(reference())
    summary = ask("2025", at=datetime(2025, 7, 1, tzinfo=UTC), zone=ZoneInfo("UTC"))
    chart, expected = summary.breakdown("category"), CASES["P26"]["expected"]
    assert chart.n == sum(expected["counts"])
    keys = {str(counted.branch(code)): name for name, code in CODES.items()}
    assert [keys[group.key] for group in chart.groups] == expected["order"]
    assert [group.count for group in chart.groups] == expected["counts"]
    assert [group.cumulated for group in chart.groups] == pytest.approx(expected["cum_pct"])
    assert [keys[group.key] for group in chart.groups if group.vital] == expected["vital_few"]
    (deadline,), expected = summary.deadlines, CASES["P27"]["expected"]
    assert (deadline.due, deadline.within) == (expected["denominator"], expected["within_deadline"])
    assert (deadline.not_yet, deadline.overdue) == (expected["not_yet_due"], expected["open_overdue"])
    assert deadline.late == expected["closed_late"]
    rate = deadline.rate.now
    assert rate.value == pytest.approx(expected["within_deadline_pct"])
    assert (rate.low, rate.high) == pytest.approx(tuple(expected["ci_pct"]))
    resolve, expected = summary.durations[1], CASES["P28"]["expected"]
    assert (resolve.n, resolve.done, resolve.open) == (
        expected["n"],
        expected["events"],
        expected["censored"],
    )
    assert (resolve.median.value, resolve.ninety.value) == (expected["median"], expected["p90"])
    assert (resolve.median.low, resolve.median.high) == tuple(expected["median_ci"])
    assert from_json(ComplaintSummary, json.loads(json.dumps(to_json(summary)))) == summary


def test_a_rate_is_among_the_customers_of_the_period(counted: Counted, make: Factory, ask: Any) -> None:
    for number in range(12):
        make.customer(customer_since=SEPTEMBER.date() if number < 2 else None)
    counted.add([Told(SEPTEMBER)] * 9 + [Told(SEPTEMBER - timedelta(days=31))] * 4)
    found = ask().counted
    assert (found.count, found.count_before, found.count_year_before, found.customers) == (9, 4, 0, 12)
    # 9 in 1.2 thousand are 7.5 (3.43 to 14.24); here they are a hundred times as many.
    assert found.rate.now.value == pytest.approx(750)
    assert (found.rate.now.low, found.rate.now.high) == pytest.approx((342.9, 1423.8), abs=0.1)
    assert found.rate.before.previous.value == pytest.approx(400)
    assert found.rate.before.previous.n == 10
