"""The summary: a recount in plain Python gives the same figures, and small groups stay hidden."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest
from sqlalchemy import Connection

from app.extensions import db
from app.models import Response
from app.queries.analysis.asking import Asking, Filters
from app.queries.analysis.computing import summarise
from app.queries.analysis.model import SurveySummary
from app.queries.figures.model import from_json, to_json
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import QUESTIONS, Answered, documents, reading, scale


@pytest.fixture
def answered(make: Factory) -> Answered:
    return Answered(make, NOW)


@pytest.fixture
def connection(ctx: None) -> Iterator[Connection]:
    with reading() as connection:
        yield connection


def ask(
    connection: Connection, folder: Path, survey: Any, previous: Any = None, **more: Any
) -> SurveySummary:
    filters = Filters(more.pop("chosen", {}), more.pop("segment", None), more.pop("customers", None))
    asking = Asking(survey.id, previous.id if previous else None, filters, 5, more.pop("cautious", False), ())
    connection.rollback()
    summary = summarise(connection, folder, asking)
    assert from_json(SurveySummary, json.loads(json.dumps(to_json(summary)))) == summary
    return summary


def test_recount(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = [
        {code: rng.choice([1, 2, 3, 4, 5, "na", None]) for code in ("fast", "late", "kind", "overall")}
        | {"nps": rng.randint(0, 10)}
        for _ in range(137)
    ]
    summary = ask(connection, tmp_path, answered.wave(rows))
    for code in ("fast", "kind", "overall"):
        values = [row[code] for row in rows if isinstance(row[code], int)]
        question = summary.question(code)
        assert question is not None
        assert question.n == len(values)
        assert question.mean.value == pytest.approx(mean(values))
        assert question.sd == pytest.approx(stdev(values))
        assert question.score_rate.value == pytest.approx(100 * mean(values) / 5)
        assert question.index.now.value == pytest.approx(25 * (mean(values) - 1))
        assert question.top2.now.value == pytest.approx(100 * sum(v >= 4 for v in values) / len(values))
        assert [point.count for point in question.distribution] == [values.count(v) for v in range(1, 6)]
        assert question.statuses["skipped"] == sum(row[code] is None for row in rows)
    fast, late, kind = (
        mean([row[code] for row in rows if isinstance(row[code], int)]) for code in ("fast", "late", "kind")
    )
    expected = 0.6 * (25 * (fast - 1) + 25 * (5 - late)) / 2 + 0.4 * 25 * (kind - 1)
    assert summary.index is not None
    assert summary.index.now.value == pytest.approx(expected)
    assert summary.nps is not None
    scores = [row["nps"] for row in rows]
    net = 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / len(scores)
    assert summary.nps.score.now.value == pytest.approx(net)


def test_change_of_shared_customers(
    answered: Answered, make: Factory, connection: Connection, tmp_path: Path
) -> None:
    ids = [make.customer().id for _ in range(40)]
    rng = random.Random(2)
    old = [{"fast": 2 + rng.randint(0, 1), "kind": 3 + rng.randint(0, 2), "_customer_id": i} for i in ids]
    new = [row | {"fast": row["fast"] + 2} for row in old]
    before, now = answered.wave(old, year=2024), answered.wave(new, year=2025)
    summary = ask(connection, tmp_path, now, before)
    fast, kind = summary.question("fast"), summary.question("kind")
    assert fast is not None
    assert kind is not None
    assert fast.top2.change is not None
    assert fast.top2.change.direction == "rise"
    assert kind.index.change is not None
    assert (kind.index.change.diff, kind.index.change.direction) == (0.0, "no_significant_change")
    speed = summary.dimensions[0].index.change
    assert speed is not None
    assert speed.diff == pytest.approx(50.0)
    assert speed.shared == 40


def test_changed_wording_is_not_compared(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    before = answered.wave(documents(40), year=2024)
    reworded = [scale("fast", "speed", text={"zh": "另一个问题", "en": "Another question"}), *QUESTIONS[1:]]
    now = answered.wave(documents(40), year=2025, questions=reworded)
    summary = ask(connection, tmp_path, now, before)
    fast = summary.question("fast")
    assert fast is not None
    assert fast.index.change is not None
    assert (fast.index.change.diff, fast.index.change.reasons) == (None, ("wording",))
    assert summary.index is not None
    assert summary.index.change is not None
    assert summary.index.change.partial
    assert summary.index.change.diff == pytest.approx(0.0)


def test_response_rate(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    survey = answered.wave(documents(6))
    answered.invite(survey, [True] * 6 + [False] * 4)
    response = ask(connection, tmp_path, survey).response
    assert response is not None
    assert (response.invited, response.answered, response.rate.now.value) == (10, 6, 60.0)


@pytest.mark.parametrize(("n", "state"), [(0, "empty"), (1, "too_few"), (4, "too_few"), (5, "shown")])
def test_least_number(answered: Answered, connection: Connection, tmp_path: Path, n: int, state: str) -> None:
    summary = ask(connection, tmp_path, answered.wave(documents(n)))
    assert summary.state == state
    assert bool(summary.questions) is (state in ("shown", "empty") and n >= 5)
    if state == "too_few":
        assert (summary.n, summary.n_all) == (0, 0)


def test_a_question_few_have_answered_is_hidden(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    rows = documents(20)
    for row in rows[3:]:
        del row["kind"]
    summary = ask(connection, tmp_path, answered.wave(rows))
    kind = summary.question("kind")
    assert kind is not None
    assert (kind.hidden, kind.n, kind.mean.value, kind.distribution, kind.statuses) == (
        "too_few",
        0,
        None,
        (),
        {},
    )
    people = summary.dimensions[1]
    assert (people.hidden, people.index.now.value) == ("too_few", None)


@pytest.mark.parametrize("fixed", [{"fast": 5, "late": 1, "kind": 5, "overall": 5, "nps": 10}, {}])
def test_all_equal_and_all_missing(
    answered: Answered, connection: Connection, tmp_path: Path, fixed: dict[str, Any]
) -> None:
    rows = [dict(fixed) for _ in range(12)]
    before, now = answered.wave(rows, year=2024), answered.wave(rows, year=2025)
    summary = ask(connection, tmp_path, now, before)
    assert summary.state == "shown"
    assert summary.index is not None
    assert summary.index.now.value == (100.0 if fixed else None)


def grouped(answered: Answered, sizes: dict[str, int], **more: Any) -> Any:
    profiles = [{"region": region} for region, size in sizes.items() for _ in range(size)]
    rows = [row | {"_profile": p} for row, p in zip(documents(len(profiles)), profiles, strict=True)]
    return answered.wave(rows, **more)


def test_cautious_readers_cannot_subtract(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    survey = grouped(answered, {"east": 30, "west": 20, "north": 3})
    east = {"region": "east"}
    assert ask(connection, tmp_path, survey, chosen=east, cautious=True).state == "shown"
    assert ask(connection, tmp_path, survey, chosen={"region": "north"}, cautious=True).state == "too_few"
    assert ask(connection, tmp_path, survey, chosen={"region": "west"}, cautious=True).state == "would_reveal"
    assert ask(connection, tmp_path, survey, chosen={"region": "west"}).state == "shown"
    shown = ask(connection, tmp_path, survey, cautious=True).facets
    assert {facet.field: set(facet.options) for facet in shown} == {"region": {"east"}}
    both = east | {"channel": "mail"}
    assert ask(connection, tmp_path, survey, chosen=both, cautious=True).state == "would_reveal"


def test_cautious_readers_get_no_rest_below_the_least(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = grouped(answered, {"east": 30, "": 4})
    assert ask(connection, tmp_path, survey, chosen={"region": "east"}, cautious=True).state == "would_reveal"


def test_a_question_cannot_be_subtracted_either(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = grouped(answered, {"east": 20, "west": 20})
    west = [
        r for r in db.session.query(Response).filter_by(survey_id=survey.id) if r.profile["region"] == "west"
    ]
    for response in west[2:]:
        response.answers = {k: v for k, v in response.answers.items() if k != "kind"}
    db.session.commit()
    kind = ask(connection, tmp_path, survey, chosen={"region": "east"}, cautious=True).question("kind")
    assert kind is not None
    assert (kind.hidden, kind.mean.value) == ("would_reveal", None)


def test_segment_applies_to_both_waves(
    answered: Answered, make: Factory, connection: Connection, tmp_path: Path
) -> None:
    ids = [make.customer().id for _ in range(12)]
    rows = [row | {"_customer_id": i} for row, i in zip(documents(12), ids, strict=True)]
    before, now = answered.wave(rows, year=2024), answered.wave(rows, year=2025)
    summary = ask(connection, tmp_path, now, before, segment=1, customers=tuple(ids[:7]))
    assert summary.n == 7
    fast = summary.question("fast")
    assert fast is not None
    assert fast.index.change is not None
    assert fast.index.change.previous.n == 7
    few = ask(connection, tmp_path, now, before, segment=1, customers=tuple(ids[:3]))
    assert few.state == "too_few"


def test_the_key_of_a_result_depends_on_all_that_matters() -> None:
    asking = Asking(1, None, Filters(), 5, False, ((1, 2, 3),))
    others = [
        replace(asking, survey_id=2),
        replace(asking, previous_id=2),
        replace(asking, filters=Filters({"region": "x"})),
        replace(asking, filters=Filters(segment=1, customers=(1,))),
        replace(asking, least=6),
        replace(asking, cautious=True),
        replace(asking, stamps=((1, 2, 4),)),
    ]
    keys = {one.key for one in (asking, *others)}
    assert len(keys) == 8
    assert Asking.from_json(json.loads(json.dumps(asking.to_json()))) == asking
