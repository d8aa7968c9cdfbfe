"""What a worker does about its predecessors: it waits for a living one and settles what dead ones left."""

import fcntl
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import clock
from app.extensions import db
from app.jobs import runner, succession
from app.jobs.runner import transaction
from app.models import Delivery, Job
from app.services import sending
from app.services.jobs import request_job
from tests.factories import Factory, surveys


def test_only_one_holds_the_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (tmp_path / "worker.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        turns = iter([False, False, True])
        assert not succession.take_post(tmp_path, lambda: next(turns))
        assert caplog.text.count("another worker") == 1
    assert succession.take_post(tmp_path, lambda: False)
    with (tmp_path / "worker.lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_names_are_of_one_kind_each(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    names = {succession.name_of_worker(folder) for folder in (here, here, there)}
    assert len(names) == 3
    assert sorted(name.startswith(succession.home(here)) for name in names) == [False, True, True]
    assert all(len(name) <= 40 for name in names)


def test_what_the_dead_had_is_settled_at_once(app: Flask, make: Factory, tmp_path: Path) -> None:
    make.firm()
    now = clock.now()
    survey = surveys.survey(make, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9))
    for _ in range(3):
        surveys.queued(make, survey, surveys.invitation(make, survey), due_at=now - timedelta(minutes=1))
    db.session.commit()
    dead, alive = succession.name_of_worker(tmp_path / "here"), succession.name_of_worker(tmp_path / "there")
    lane = sending.Lane(survey.id, 6000)
    with transaction():
        begun, claimed = sending.claim(lane, worker=dead, limit=2, now=now)
        other = sending.claim(lane, worker=alive, limit=1, now=now)[0]
    with runner.connection() as line:
        assert sending.begin_data(line, begun, worker=dead, now=now)
    with transaction():
        job = request_job("count", key="count:1", by=None, now=now)
        job.state, job.claimed_by, job.lease_until = "running", dead, now + runner.LEASE
    job_id = job.id

    assert succession.settle(tmp_path / "here") == (1, 1)
    assert {i: db.session.get_one(Delivery, i).state for i in (begun, claimed, other)} == {
        begun: "unknown",
        claimed: "queued",
        other: "claimed",
    }
    lease = db.session.get_one(Job, job_id).lease_until
    assert lease is not None
    assert lease <= clock.now()
    assert succession.settle(tmp_path / "here") == (0, 0)
