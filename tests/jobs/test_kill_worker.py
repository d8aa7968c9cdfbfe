"""A worker that is killed in the middle of sending: nothing twice, nothing lost, the uncertain listed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import clock
from app.extensions import db
from app.jobs.runner import transaction
from app.models import Delivery
from config import ROOT, Settings
from tests.factories import Factory, surveys
from tests.smtp_sink import Sink, SinkServer

pytestmark = pytest.mark.slow

MAILS = 120
KILLS = 12


def start_worker(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    environ = {
        "PATH": os.environ["PATH"],
        "HEED_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "MAIL_URL": f"smtp://127.0.0.1:{port}",
        "BASE_URL": settings.base_url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "app.jobs"], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL
    )


def counts() -> Counter[str]:
    db.session.rollback()
    return Counter(
        dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
    )


def lease_runs_out() -> None:
    """As if the time of a dead worker's lease had passed."""
    with transaction():
        db.session.execute(
            update(Delivery)
            .where(Delivery.state.in_(["claimed", "data"]))
            .values(lease_until=clock.now() - timedelta(seconds=1))
        )


def test_killed_again_and_again(app: Flask, make: Factory, settings: Settings, tmp_path: Path) -> None:
    make.firm()
    now = clock.now()
    survey = surveys.survey(
        make,
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=9),
        pace_per_minute=6000,
    )
    for _ in range(MAILS):
        surveys.queued(make, survey, surveys.invitation(make, survey), due_at=now - timedelta(minutes=1))
    sink = Sink()
    with SinkServer(sink) as server:
        for _ in range(KILLS):
            db.session.rollback()
            worker = start_worker(settings, server.port)
            before, limit = len(sink.taken), time.monotonic() + 20
            while len(sink.taken) < before + 3 and time.monotonic() < limit and counts()["queued"]:
                time.sleep(0.01)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            lease_runs_out()
        db.session.rollback()
        worker = start_worker(settings, server.port)
        limit = time.monotonic() + 60
        while set(counts()) - {"sent", "unknown"} and time.monotonic() < limit:
            time.sleep(0.2)
        worker.terminate()
        worker.wait(timeout=20)
    copies = Counter(to for to, _message in sink.taken)
    final = counts()
    assert max(copies.values()) == 1
    assert sum(final.values()) == MAILS
    assert set(final) <= {"sent", "unknown"}
    sent = set(db.session.scalars(select(Delivery.to_address).where(Delivery.state == "sent")))
    uncertain = set(db.session.scalars(select(Delivery.to_address).where(Delivery.state == "unknown")))
    assert sent <= set(copies)
    assert set(copies) <= sent | uncertain
    assert len(uncertain) <= KILLS
