"""The ledger of work: claimed once, taken over after a death, slots run once, nothing half-done."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import clock
from app.errors import HeedError
from app.extensions import db
from app.jobs import registry, runner
from app.models import AuditEntry, Job, Segment, WorkerBeat
from app.services import audit
from app.services.jobs import request_job
from tests.conftest import NOW
from tests.factories import Factory


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.JobFunction]:
    """An empty registry that the test fills."""
    empty: dict[str, registry.JobFunction] = {}
    monkeypatch.setattr(registry, "JOBS", empty)
    return empty


@pytest.fixture
def queued(ctx: None) -> Iterator[Job]:
    """One committed job of the kind "count"."""
    job = request_job("count", key="count:1", by=None, now=NOW, upto=3)
    db.session.commit()
    yield job


def test_asking_twice_gives_the_same_job(queued: Job) -> None:
    again = request_job("count", key="count:1", by=None, now=NOW, upto=99)
    assert again.id == queued.id
    assert again.params == {"upto": 3}


def test_job_runs_and_its_result_is_stored(queued: Job, kinds: dict[str, registry.JobFunction]) -> None:
    kinds["count"] = lambda progress, upto: {"counted": upto}
    claimed = runner.claim_job("w1", NOW)
    assert claimed == (queued.id, "count", {"upto": 3})
    assert runner.claim_job("w2", NOW) is None
    runner.run_job(*claimed, "w1")
    db.session.expire_all()
    assert (queued.state, queued.result) == ("done", {"counted": 3})


def test_expected_failure_is_stored_as_its_code(queued: Job, kinds: dict[str, registry.JobFunction]) -> None:
    def refuse(progress: runner.Progress, upto: int) -> None:
        raise HeedError("no_rows", sheet="客户")

    kinds["count"] = refuse
    claimed = runner.claim_job("w1", NOW)
    assert claimed
    runner.run_job(*claimed, "w1")
    db.session.expire_all()
    assert (queued.state, queued.error, queued.result) == ("failed", "no_rows", {"sheet": "客户"})


def test_unexpected_failure_logs_no_values(
    queued: Job, kinds: dict[str, registry.JobFunction], caplog: pytest.LogCaptureFixture
) -> None:
    address = "@".join(("wang", "customer.example"))

    def fail(progress: runner.Progress, upto: int) -> None:
        raise ValueError(address)

    kinds["count"] = fail
    claimed = runner.claim_job("w1", NOW)
    assert claimed
    runner.run_job(*claimed, "w1")
    db.session.expire_all()
    assert (queued.state, queued.error) == ("failed", "internal")
    assert "ValueError" in caplog.text
    assert address not in caplog.text


def test_job_of_a_dead_worker_is_taken_over_and_given_up_at_last(queued: Job) -> None:
    moment = NOW
    for attempt in range(runner.MAX_ATTEMPTS):
        assert runner.claim_job(f"w{attempt}", moment) is not None
        moment += runner.LEASE + timedelta(seconds=1)
    assert runner.claim_job("last", moment) is None
    db.session.expire_all()
    assert (queued.state, queued.error) == ("failed", "gave_up")


def test_worker_that_lost_its_lease_cannot_finish_the_job(queued: Job) -> None:
    claimed = runner.claim_job("slow", NOW)
    assert claimed
    assert runner.claim_job("quick", NOW + runner.LEASE + timedelta(seconds=1)) is not None
    with pytest.raises(runner.LeaseLost):
        runner.Progress(queued.id, "slow").set(1, 3, force=True)
    runner.finish_job(queued.id, "slow", state="done", error="", result={})
    db.session.expire_all()
    assert (queued.state, queued.claimed_by) == ("running", "quick")


def test_a_worker_beats_while_a_job_takes_long(
    queued: Job, kinds: dict[str, registry.JobFunction], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a long import would look like a dead worker."""
    monkeypatch.setattr(runner, "LEASE", timedelta(seconds=0.3))
    beats: list[datetime | None] = []

    def slow(_progress: runner.Progress, upto: int) -> None:
        end = time.monotonic() + 10
        while not (beats and beats[-1]) and time.monotonic() < end:
            time.sleep(0.05)
            db.session.rollback()
            beats.append(db.session.scalar(select(WorkerBeat.at).where(WorkerBeat.name == "busy")))

    kinds["count"] = slow
    claimed = runner.claim_job("busy", clock.now())
    assert claimed is not None
    runner.run_job(*claimed, "busy")
    assert beats[-1] is not None
    db.session.expire_all()
    assert queued.state == "done"


def test_slot_is_taken_once_by_many(app: Flask) -> None:
    slot = datetime(2026, 10, 12, 2, tzinfo=UTC)
    won: list[bool] = []

    def race() -> None:
        with app.app_context():
            won.append(runner.take_slot("reminders", slot))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_busy_database_costs_no_slot(ctx: None, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    daily = registry.Periodic("tidy", timedelta(days=1), lambda: runs.append("tidy"))
    monkeypatch.setattr(registry, "TIMETABLE", [daily])
    seen: dict[str, datetime] = {}

    def busy(_task: str, _slot: datetime) -> bool:
        raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(runner, "take_slot", busy)
        runner.run_timetable(NOW, seen)
    for _ in range(2):
        runner.run_timetable(NOW, seen)
    assert runs == ["tidy"]


def test_transaction_leaves_nothing_when_it_fails(make: Factory) -> None:
    with pytest.raises(RuntimeError), runner.transaction():
        db.session.add(Segment(name="half", filters={}, created_at=NOW))
        audit.record("segment.created", kind="segment", object_id=1, by=None, now=NOW)
        raise RuntimeError
    assert db.session.scalar(select(func.count(Segment.id))) == 0
    assert db.session.scalar(select(func.count(AuditEntry.id))) == 0


def test_slots_begin_at_multiples_of_their_length() -> None:
    moment = datetime(2026, 10, 12, 2, 7, 31, tzinfo=UTC)
    assert runner.slot_of(moment, timedelta(minutes=5)) == datetime(2026, 10, 12, 2, 5, tzinfo=UTC)
