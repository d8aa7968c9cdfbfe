"""The worker: claims jobs, keeps the timetable, beats. The one place that commits outside HTTP."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from app import clock
from app.errors import HeedError
from app.extensions import db, intends_to_write
from app.jobs import registry
from app.models import Job, TimetableSlot, WorkerBeat

log = logging.getLogger("heed.worker")

LEASE = timedelta(seconds=90)
BEAT_SECONDS = 10.0
POLL_SECONDS = 0.4
MAX_ATTEMPTS = 3
SLOTS_KEPT = timedelta(days=2)


@contextmanager
def transaction() -> Iterator[None]:
    """Run the block in one writing transaction: all of it or nothing."""
    token = intends_to_write.set(True)
    db.session.rollback()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        intends_to_write.reset(token)


def one_by_one(what: str, ids: Iterable[int], step: Callable[[int], Any]) -> None:
    """Take a step for each, in a transaction of its own; one that fails is logged and keeps no other waiting.

    A database that is busy or away fails them all: that is raised.
    """
    for ident in list(ids):
        try:
            with transaction():
                step(ident)
        except OperationalError:
            raise
        except Exception:
            log.error("%s %s failed:\n%s", what, ident, trace_without_values())
    release()


def release() -> None:
    """End what was only read, so that nothing is held open during something slow and the next read is fresh."""
    db.session.rollback()


@contextmanager
def connection() -> Iterator[Connection]:
    """One writing transaction on a bare connection, without the session: for many small steps in a row."""
    token = intends_to_write.set(True)
    # What the session holds would keep this connection waiting for its own thread.
    db.session.rollback()
    try:
        with db.engine.begin() as line:
            yield line
    finally:
        intends_to_write.reset(token)


class Progress:
    """How far a job is; shown on the page that waits for it. Renews the lease."""

    def __init__(self, job_id: int, worker: str) -> None:
        self.job_id = job_id
        self.worker = worker
        self._last = 0.0

    def set(self, done: int, total: int, *, force: bool = False) -> None:
        """Store progress at most twice a second. Raises `LeaseLost` when another worker took over."""
        if not force and time.monotonic() - self._last < 0.5:
            return
        self._last = time.monotonic()
        with transaction():
            touched = db.session.execute(
                update(Job)
                .where(Job.id == self.job_id, Job.claimed_by == self.worker, Job.state == "running")
                .values(progress=done, total=total, lease_until=clock.now() + LEASE)
            )
            if touched.rowcount != 1:  # type: ignore[attr-defined]
                raise LeaseLost(self.job_id)


class LeaseLost(Exception):
    """Another worker has taken the job; this one must stop without a trace."""


def claim_job(worker: str, now: datetime) -> tuple[int, str, dict[str, Any]] | None:
    """Take the oldest job that is queued, or whose worker has died. Returns id, kind, params."""
    with transaction():
        ready = or_(Job.state == "queued", (Job.state == "running") & (Job.lease_until <= now))
        job = db.session.scalar(
            select(Job).where(ready).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        )
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            job.state, job.error, job.finished_at = "failed", "gave_up", now
            return None
        job.state, job.claimed_by = "running", worker
        job.attempts += 1
        job.lease_until = now + LEASE
        return job.id, job.kind, dict(job.params)


def run_job(job_id: int, kind: str, params: dict[str, Any], worker: str) -> None:
    """Run one claimed job and store how it ended."""
    try:
        with renewing_lease(job_id, worker):
            result = registry.JOBS[kind](Progress(job_id, worker), **params) or {}
    except LeaseLost:
        log.warning("job %s (%s): lease lost", job_id, kind)
        return
    except HeedError as error:
        finish_job(job_id, worker, state="failed", error=error.code, result=error.params)
    except Exception:
        log.error("job %s (%s) failed:\n%s", job_id, kind, trace_without_values())
        finish_job(job_id, worker, state="failed", error="internal", result={})
    else:
        finish_job(job_id, worker, state="done", error="", result=result)


def finish_job(job_id: int, worker: str, *, state: str, error: str, result: dict[str, Any]) -> None:
    """Close the job if it is still ours."""
    with transaction():
        db.session.execute(
            update(Job)
            .where(Job.id == job_id, Job.claimed_by == worker, Job.state == "running")
            .values(state=state, error=error, result=result, finished_at=clock.now(), lease_until=None)
        )


@contextmanager
def renewing_lease(job_id: int, worker: str) -> Iterator[None]:
    """Renew the lease and beat from a thread while the block runs, for work that reports nothing for long."""
    app, stop = _current_app(), threading.Event()

    def renew() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            # The database may be busy for a while; the lease lasts for three tries.
            with app.app_context(), suppress(OperationalError):
                with transaction():
                    db.session.execute(
                        update(Job)
                        .where(Job.id == job_id, Job.claimed_by == worker, Job.state == "running")
                        .values(lease_until=clock.now() + LEASE)
                    )
                beat(worker, clock.now())

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _current_app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def trace_without_values() -> str:
    """Where and what kind of exception is being handled."""
    # Only file, line and type: the message of a database error holds the row's values.
    kind, _value, trace = sys.exc_info()
    return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """The beginning of the slot in which `moment` lies."""
    seconds = int(every.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


def take_slot(task: str, slot: datetime) -> bool:
    """Return whether this worker may run the task in this slot; only one ever may."""
    try:
        with transaction():
            if db.session.get(TimetableSlot, (task, slot)) is not None:
                return False
            db.session.add(TimetableSlot(task=task, slot=slot))
            db.session.flush()
    except IntegrityError:
        return False
    return True


def run_timetable(now: datetime, seen: dict[str, datetime]) -> None:
    """Run every periodic task whose slot has not been taken. `seen` spares the database.

    A slot counts as seen only when the database has said whose it is: one that was asked for in vain comes again.
    """
    for periodic in registry.TIMETABLE:
        slot = slot_of(now, periodic.every)
        if seen.get(periodic.name) == slot:
            continue
        mine = take_slot(periodic.name, slot)
        seen[periodic.name] = slot
        if mine:
            try:
                periodic.run()
            except Exception:
                log.error("timetable %s failed:\n%s", periodic.name, trace_without_values())


def beat(worker: str, now: datetime) -> None:
    """Say that this worker is alive, and forget old slots and beats."""
    with transaction():
        db.session.merge(WorkerBeat(name=worker, at=now))
        db.session.execute(delete(WorkerBeat).where(WorkerBeat.at < now - timedelta(days=1)))
        db.session.execute(delete(TimetableSlot).where(TimetableSlot.slot < now - SLOTS_KEPT))


def run_forever(app: Flask, worker: str, stop: Callable[[], bool]) -> None:
    """Work until `stop()` says so. A database that is busy or away is waited for."""
    seen: dict[str, datetime] = {}
    last_beat = 0.0
    while not stop():
        with app.app_context():
            try:
                if time.monotonic() - last_beat > BEAT_SECONDS or not last_beat:
                    beat(worker, clock.now())
                    last_beat = time.monotonic()
                run_timetable(clock.now(), seen)
                claimed = claim_job(worker, clock.now())
                if claimed is not None:
                    run_job(*claimed, worker)
                    continue
            except OperationalError:
                log.warning("the database is not available; trying again")
            finally:
                db.session.remove()
        time.sleep(POLL_SECONDS)
