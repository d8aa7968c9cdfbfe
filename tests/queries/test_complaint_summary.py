"""The summary of complaints: the reference values come out of stored cases, and every rule of who and what counts."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app.extensions import db
from app.models import User
from app.queries.complaints.summary.model import ComplaintSummary
from app.queries.figures.model import from_json, to_json
from app.rules.complaints import Kind
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
    counted.add(
        [
            Told(SEPTEMBER - timedelta(days=800)),
            *[Told(SEPTEMBER)] * 9,
            *[Told(SEPTEMBER - timedelta(days=31))] * 4,
        ]
    )
    found = ask().counted
    assert (found.count, found.count_before, found.count_year_before, found.customers) == (9, 4, 0, 12)
    # 9 in 1.2 thousand are 7.5 (3.43 to 14.24); here they are a hundred times as many.
    assert found.rate.now.value == pytest.approx(750)
    assert (found.rate.now.low, found.rate.now.high) == pytest.approx((342.9, 1423.8), abs=0.1)
    assert found.rate.before.previous.value == pytest.approx(400)
    assert found.rate.before.previous.n == 10


def test_what_is_not_on_record_is_not_compared(counted: Counted, make: Factory, ask: Any) -> None:
    make.customer()
    counted.add([Told(SEPTEMBER)] * 9 + [Told(SEPTEMBER - timedelta(days=31))] * 4)
    summary = ask()
    # The first feedback came in the midst of August.
    assert (summary.counted.count_before, summary.counted.rate.before, summary.compared) == (
        None,
        None,
        False,
    )
    assert [month.code for month in summary.chart.months] == ["2026-09"]
    counted.add([Told(SEPTEMBER - timedelta(days=800), kind="praise")])
    summary = ask()
    assert (summary.counted.count_before, summary.compared) == (4, True)
    assert summary.counted.rate.before.direction == "no_significant_change"
    assert len(summary.chart.months) == 24


def test_a_clear_rise_of_one_category_is_told(counted: Counted, make: Factory, ask: Any) -> None:
    make.customer()
    counted.add(
        [
            Told(SEPTEMBER - timedelta(days=800)),
            *[Told(SEPTEMBER, category="category.visit.late")] * 40,
            *[Told(SEPTEMBER, category="category.visit")] * 2,
            *[Told(SEPTEMBER)] * 10,
            *[Told(SEPTEMBER - timedelta(days=31), category="category.visit.missed")] * 10,
            *[Told(SEPTEMBER - timedelta(days=31))] * 10,
        ]
    )
    visits, repairs = ask().breakdown("category").groups
    assert (visits.count, visits.count_before, visits.change.direction) == (42, 10, "rise")
    assert visits.change.p_adjusted >= visits.change.p
    assert (repairs.count, repairs.change.direction) == (10, "no_significant_change")
    late, visit = counted.branch("category.visit.late"), counted.branch("category.visit")
    assert [(one.key, one.count) for one in visits.below] == [(str(late), 40), (str(visit), 2)]


def test_what_was_not_accepted_or_merged_counts_nowhere(counted: Counted, ask: Any) -> None:
    due = {"customer": SEPTEMBER + timedelta(days=3)}
    counted.add(
        [
            Told(SEPTEMBER, clocks=due),
            Told(SEPTEMBER, SEPTEMBER + timedelta(hours=1), clocks=due, outcome="rejected"),
            Told(SEPTEMBER, SEPTEMBER + timedelta(hours=1), clocks=due, outcome="merged"),
            Told(SEPTEMBER, SEPTEMBER + timedelta(hours=1), clocks=due, outcome="withdrawn"),
        ]
    )
    summary = ask()
    assert (summary.counted.count, summary.left_out) == (2, 2)
    assert summary.deadlines[0].due == 2
    assert summary.durations[1].n == 2


def test_deadlines_count_when_they_fall_and_at_the_very_moment_it_is_in_time(
    counted: Counted, ask: Any
) -> None:
    start = datetime(2026, 8, 30, tzinfo=UTC)
    due = datetime(2026, 9, 2, tzinfo=UTC)
    counted.add(
        [
            Told(start, due, clocks={"customer": due}),
            Told(start, due + timedelta(seconds=1), clocks={"customer": due}),
            Told(start, None, clocks={"customer": due}),
            Told(start, due, clocks={"customer": datetime(2026, 8, 31, tzinfo=UTC)}),
            Told(start, None, clocks={"customer": None}),
        ]
    )
    (one,) = ask().deadlines
    assert (one.due, one.within, one.late, one.overdue, one.not_yet) == (3, 1, 1, 1, 0)
    assert ask("2026-08").deadlines[0].due == 1
    assert ask(at=due - timedelta(hours=1)).deadlines[0].not_yet == 3


def test_the_time_of_a_unit_counts_for_whose_turn_it_was(counted: Counted, make: Factory, ask: Any) -> None:
    here, there = make.unit(), make.unit()
    due = {"department": SEPTEMBER + timedelta(days=2)}
    counted.add([Told(SEPTEMBER, unit=here.id, clocks=due), Told(SEPTEMBER, unit=there.id, clocks=due)])
    # The case of the one is with the other by now.
    db.session.execute(text("UPDATE complaint SET unit_id = :there"), {"there": there.id})
    counted.note(1, make.now)
    db.session.execute(text("UPDATE complaint SET version = version + 1"))
    db.session.commit()
    assert ask().deadlines[0].due == 2
    of_here = ask(units=[here.id])
    assert (of_here.counted.count, of_here.deadlines[0].due) == (0, 1)


def test_repeats_look_back_ninety_days_whatever_the_period(counted: Counted, make: Factory, ask: Any) -> None:
    again, late, once = make.customer(), make.customer(), make.customer()
    counted.add(
        [
            Told(SEPTEMBER - timedelta(days=90), customer=again.id),
            Told(SEPTEMBER, customer=again.id),
            Told(SEPTEMBER, customer=again.id),
            Told(SEPTEMBER - timedelta(days=91), customer=late.id),
            Told(SEPTEMBER, customer=late.id),
            Told(SEPTEMBER, customer=once.id),
            Told(SEPTEMBER),
            Told(SEPTEMBER),
        ]
    )
    repeats = ask().repeats
    assert (repeats.count, repeats.n) == (2, 4)


def test_callbacks_count_when_the_customer_was_asked(counted: Counted, ask: Any) -> None:
    august = SEPTEMBER - timedelta(days=20)
    counted.add(
        [
            Told(august, SEPTEMBER, called=SEPTEMBER, satisfaction="satisfied", scores=(5, 4)),
            Told(august, SEPTEMBER, called=SEPTEMBER, satisfaction="partly", scores=(3, None)),
            Told(SEPTEMBER, round=2, called=SEPTEMBER, satisfaction="not", scores=(1, 2)),
            Told(SEPTEMBER, called=None),
        ]
    )
    summary = ask()
    assert summary.callbacks.counts == {"satisfied": 1, "partly": 1, "not": 1}
    assert summary.callbacks.satisfied.now.value == pytest.approx(100 / 3)
    assert (summary.callbacks.solution.value, summary.callbacks.handling.value) == (3, 3)
    assert (summary.reopened.count, summary.reopened.n) == (1, 2)


def test_other_kinds_of_feedback_are_counted_without_clocks(counted: Counted, ask: Any) -> None:
    counted.add([Told(SEPTEMBER, kind="praise")] * 3 + [Told(SEPTEMBER)])
    summary = ask(kind=Kind.PRAISE)
    assert summary.counted.count == 3
    assert [one.name for one in summary.breakdowns] == ["category", "unit", "channel"]
    assert (summary.deadlines, summary.durations, summary.callbacks) == ((), (), None)


def test_a_period_that_is_not_over_is_compared_with_as_many_days(
    counted: Counted, make: Factory, ask: Any
) -> None:
    # It is the twelfth of October.
    days = [datetime(2026, 9, day, tzinfo=UTC) for day in (5, 11, 12, 20)]
    counted.add([Told(SEPTEMBER - timedelta(days=800)), Told(make.now), *(Told(day) for day in days)])
    summary = ask("2026-10")
    assert (summary.counted.count, summary.counted.count_before) == (1, 3)
    assert summary.chart.months[-1].code == "2026-09"


def test_nobody_counts_what_is_about_himself(
    counted: Counted, make: Factory, manager: User, ask: Any
) -> None:
    counted.add([Told(SEPTEMBER, about=manager.id), Told(SEPTEMBER)])
    assert ask().counted.count == 1
    assert ask(user=make.user(roles=("marketing",))).counted.count == 2


def test_a_department_counts_what_its_units_have_or_had(counted: Counted, make: Factory, ask: Any) -> None:
    mine, other = make.unit(), make.unit()
    counted.add([Told(SEPTEMBER, unit=mine.id)] * 2 + [Told(SEPTEMBER, unit=other.id)] + [Told(SEPTEMBER)])
    member = make.user(roles=("department",), units=(mine,))
    summary = ask(user=member)
    assert summary.counted.count == 2
    assert [one.key for one in summary.breakdown("unit").groups] == [str(mine.id)]
    assert ask(user=make.user(roles=("department",))).counted.count == 0


def test_viewers_see_no_small_group_and_none_by_subtraction(
    counted: Counted, make: Factory, ask: Any
) -> None:
    viewer = make.user(roles=("viewer",))
    counted.add([Told(SEPTEMBER - timedelta(days=800)), *[Told(SEPTEMBER)] * 4])
    assert ask(user=viewer).state == "too_few"
    counted.add(
        [Told(SEPTEMBER, category="category.visit")] * 3
        + [Told(SEPTEMBER, category="category.billing")] * 7
        + [Told(SEPTEMBER, category="category.service")] * 20
        + [Told(SEPTEMBER - timedelta(days=31))] * 3
    )
    summary = ask(user=viewer)
    assert (summary.state, summary.counted.count, summary.counted.count_before) == ("shown", 34, None)
    shown = {one.count for one in summary.breakdown("category").groups if not one.hidden}
    assert shown == {20, 7}
    assert all(one.count_before is None for one in summary.breakdown("category").groups)
    assert summary.chart.hidden
    assert summary.left_out == 0
    everything = ask()
    assert {one.count for one in everything.breakdown("category").groups} == {20, 7, 4, 3}


def test_the_copy_follows_every_change(counted: Counted, tmp_path: Path, ask: Any) -> None:
    counted.add([Told(SEPTEMBER)] * 3)
    assert ask().counted.count == 3
    counted.add([Told(SEPTEMBER)])
    assert ask().counted.count == 4
    # A step leaves an entry and a new version.
    db.session.execute(text("UPDATE complaint SET outcome = 'rejected', version = version + 1 WHERE id = 1"))
    counted.note(1, SEPTEMBER)
    db.session.commit()
    assert ask().counted.count == 3
    # What was committed late, below the newest entry, is found all the same.
    db.session.execute(text("UPDATE complaint SET outcome = 'rejected', version = version + 1 WHERE id = 2"))
    db.session.commit()
    assert ask().counted.count == 2
    (tmp_path / "cases.npz").write_bytes(b"torn")
    assert ask().counted.count == 2


@pytest.mark.parametrize("period", ["2026", "2026-Q3", "2026-09", "2026-09-01_2026-09-30", "2031", "1999-02"])
def test_nothing_on_record_is_a_summary_all_the_same(ask: Any, period: str) -> None:
    summary = ask(period)
    assert summary.state == "empty"
    assert summary.counted.count == 0


def called(satisfaction: str, **own: Any) -> Told:
    """A case whose customer was called back in September."""
    at = SEPTEMBER + timedelta(days=1)
    return Told(SEPTEMBER, at, called=at, satisfaction=satisfaction, scores=(4, 4), **own)


def test_viewers_see_no_small_part_of_callbacks(counted: Counted, make: Factory, ask: Any) -> None:
    viewer = make.user(roles=("viewer",))
    counted.add([Told(SEPTEMBER - timedelta(days=800)), *[called("satisfied")] * 21, *[called("not")] * 3])
    assert ask().callbacks.counts == {"satisfied": 21, "partly": 0, "not": 3}
    assert ask(user=viewer).callbacks is None, "24 asked, 87.5 % satisfied: that is three who are not"
    counted.add([called("partly")] * 2)
    seen = ask(user=viewer).callbacks
    assert seen.counts == {"satisfied": 21}, "five together, of whom nobody learns how they divide"
    assert seen.satisfied.now.value == pytest.approx(100 * 21 / 26)
    counted.add([*[called("partly")] * 3, *[called("not")] * 2])
    assert ask(user=viewer).callbacks.counts == {"satisfied": 21, "partly": 5, "not": 5}


def test_viewers_see_no_small_part_of_anything_else(counted: Counted, make: Factory, ask: Any) -> None:
    viewer = make.user(roles=("viewer",))
    unit = make.unit().id
    kept, late = SEPTEMBER + timedelta(days=2), SEPTEMBER + timedelta(hours=1)
    closed = SEPTEMBER + timedelta(days=1)
    in_time = Told(SEPTEMBER, closed, unit=unit, clocks={"customer": kept})
    counted.add([Told(SEPTEMBER - timedelta(days=800)), *[in_time] * 20])
    counted.add([Told(SEPTEMBER, closed, unit=unit, clocks={"customer": late}, round=2)] * 3)
    counted.add([Told(SEPTEMBER, unit=unit, clocks={"customer": kept})] * 2)
    everything, seen = ask(), ask(user=viewer)
    assert everything.deadlines[0].late == 3
    assert everything.reopened.count == 3
    assert everything.durations[1].open == 2
    first = seen.deadlines[0]
    assert (first.due, first.within, first.late, first.overdue) == (25, 20, None, None)
    assert (seen.reopened, seen.repeats) == (None, None)
    assert seen.durations[1].done is None
    assert seen.durations[1].open is None
    assert [group.count for group in seen.breakdown("unit").groups] == [25]
    counted.add([Told(SEPTEMBER)] * 2)
    found = ask(user=viewer).breakdown("unit")
    assert (found.n, found.missing) == (27, 0), "25 of 27 would tell of the two"
    assert all(group.hidden for group in found.groups)
