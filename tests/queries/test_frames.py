"""The columnar copy of answers: the same as the rows, whatever happened to the file."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app.extensions import db
from app.models import Response
from app.queries.frames import Frame, current_frame, read_plan
from app.rules.answers import answer_status
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import Answered, documents, reading


@pytest.fixture
def answered(make: Factory) -> Answered:
    return Answered(make, NOW)


@pytest.fixture
def connection(ctx: None) -> Iterator[Connection]:
    with reading() as connection:
        yield connection


def frame_of(connection: Connection, folder: Path, survey_id: int) -> Frame:
    connection.rollback()  # see what was committed since
    return current_frame(connection, folder, read_plan(connection, survey_id))


def test_every_state_of_an_answer(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    cells: list[Any] = [5, 1, None, "na", 0, 6, True, 3.0, "3", [1], {"a": 1}]
    survey = answered.wave([{"fast": cell} for cell in cells] + [{}])
    plan = read_plan(connection, survey.id)
    frame = frame_of(connection, tmp_path, survey.id)
    everybody = frame.where({})
    states = [0 if code >= 0 else -code for code in frame.codes("fast", everybody).tolist()]
    rows = [{"fast": cell} for cell in cells] + [{}]
    expected = [answer_status(plan.items["fast"], row).value for row in rows]
    names = ["valid", "skipped", "not_applicable", "not_shown", "invalid"]
    assert [names[state] for state in states] == expected
    assert [v for v in frame.values("fast", everybody).tolist() if v == v] == [5.0, 1.0]
    tally = frame.tally("fast", everybody)
    assert dict(tally.statuses) == {name: expected.count(name) for name in names}
    assert {point: n for point, n in enumerate(tally.points.tolist()) if n} == {1: 1, 5: 1}


def test_choices_count_options(answered: Answered, connection: Connection, tmp_path: Path) -> None:
    survey = answered.wave(
        [{"shop": "a", "uses": ["x", "z"]}, {"shop": None, "uses": ["z"]}, {"uses": ["?"]}]
    )
    frame = frame_of(connection, tmp_path, survey.id)
    everybody = frame.where({})
    assert frame.choice("shop", 2, everybody).counts == (1, 0)
    uses = frame.choice("uses", 3, everybody)
    assert uses.counts == (1, 0, 2)
    assert uses.statuses["invalid"] == 1


def test_fields_of_respondents(
    answered: Answered, make: Factory, connection: Connection, tmp_path: Path
) -> None:
    unit = make.unit()
    profile = {
        "region": "东",
        "kind": "enterprise",
        "key_account": True,
        "tenure": "new",
        "size": "",
        "lines": [],
    }
    survey = answered.wave(
        [{"fast": 1, "_unit_id": unit.id, "_profile": profile}, {"fast": 2, "_channel": "web"}]
    )
    frame = frame_of(connection, tmp_path, survey.id)
    assert frame.where({"unit": str(unit.id), "region": "东", "key_account": "yes"}).tolist() == [True, False]
    assert frame.where({"channel": "web"}).tolist() == [False, True]
    assert frame.where({"region": "nowhere"}).tolist() == [False, False]


def test_drafts_are_left_out_and_late_finishers_found(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave()
    early = answered.answer(survey, [{"fast": 1}], state="draft")[0]
    answered.answer(survey, documents(3))
    assert frame_of(connection, tmp_path, survey.id).n == 3
    early.state = "complete"
    answered.answer(survey, documents(1))
    frame = frame_of(connection, tmp_path, survey.id)
    assert sorted(frame.ids.tolist()) == sorted(r.id for r in db.session.query(type(early)))
    assert frame.values("fast", frame.ids == early.id).tolist() == [1.0]


def test_rows_that_are_gone_leave_the_copy(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave()
    rows = answered.answer(survey, documents(4))
    assert frame_of(connection, tmp_path, survey.id).n == 4
    db.session.delete(rows[1])
    db.session.commit()
    answered.answer(survey, documents(1))
    frame = frame_of(connection, tmp_path, survey.id)
    assert frame.n == 4
    assert rows[1].id not in frame.ids.tolist()


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign"])
def test_a_damaged_copy_is_made_again(
    damage: str, answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave(documents(20))
    path = tmp_path / f"{survey.id}.npz"
    whole = frame_of(connection, tmp_path, survey.id)
    content = path.read_bytes()
    spoilt = {
        "empty": b"",
        "cut": content[: len(content) // 2],
        "flipped": content.replace(whole.answers.tobytes(), bytes(len(whole.answers.tobytes()))),
        "foreign": b"PK\x03\x04 not a frame",
    }[damage]
    assert spoilt != content
    path.write_bytes(spoilt)
    again = frame_of(connection, tmp_path, survey.id)
    assert (again.answers == whole.answers).all()
    assert path.read_bytes() == content


def test_the_copy_is_used_as_long_as_nothing_is_new(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave(documents(5))
    frame_of(connection, tmp_path, survey.id)
    path = tmp_path / f"{survey.id}.npz"
    written = path.stat().st_mtime_ns
    frame_of(connection, tmp_path, survey.id)
    assert path.stat().st_mtime_ns == written
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_unwritable_folder_only_costs_time(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave(documents(5))
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert frame_of(connection, blocked, survey.id).n == 5


def test_a_restored_database_does_not_meet_the_copy_of_the_lost_one(
    answered: Answered, connection: Connection, tmp_path: Path
) -> None:
    survey = answered.wave(documents(6, fast=1))
    assert frame_of(connection, tmp_path, survey.id).n == 6
    for response in db.session.query(Response).filter_by(survey_id=survey.id):
        response.submitted_at, response.answers = NOW + timedelta(hours=1), {"fast": 5}
    db.session.commit()
    frame = frame_of(connection, tmp_path, survey.id)
    assert set(frame.values("fast", frame.where({})).tolist()) == {5.0}
