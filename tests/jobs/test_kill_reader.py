"""A real worker that sends, reads what came back, and is killed at every step of reading: once each, nothing lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Contact, Delivery, DeliveryEvent, InboundMail
from app.services import audit
from config import ROOT, Settings
from tests.factories import Factory, inbound, surveys
from tests.imap_server import PASSWORD, USER, ImapServer, Store
from tests.smtp_sink import Sink, SinkServer

pytestmark = pytest.mark.slow

MAILS = 12
# At which command of a session the worker dies: signing in, looking, fetching; from the third on it begins by putting
# away what the one before did not come to.
KILLED_AT = (2, 6, 11, 12, 7, 8, 9, 10, 12, 7, 8, 9, 13)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every worker of the test; none outlives it."""
    workers: list[subprocess.Popen[bytes]] = []
    yield workers
    for worker in workers:
        worker.kill()
        worker.wait()


def start_worker(settings: Settings, smtp: int, imap: int, log: Path) -> subprocess.Popen[bytes]:
    environ = {
        "PATH": os.environ["PATH"],
        "HEED_DATA": str(settings.data),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "MAIL_URL": f"smtp://127.0.0.1:{smtp}",
        "MAILBOX_URL": f"imap://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{imap}/INBOX",
        "BASE_URL": settings.base_url,
    }
    with log.open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", "app.jobs"], cwd=ROOT, env=environ, stderr=output)


def wait(found: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def count(*conditions: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Delivery.id)).where(*conditions)) or 0  # type: ignore[arg-type]


def test_killed_at_every_step_of_reading(
    app: Flask,
    make: Factory,
    settings: Settings,
    tmp_path: Path,
    started: list[subprocess.Popen[bytes]],
) -> None:
    make.firm()
    now = clock.now()
    survey = surveys.survey(
        make, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), pace_per_minute=6000
    )
    for _ in range(MAILS):
        surveys.queued(make, survey, surveys.invitation(make, survey), due_at=now - timedelta(minutes=1))
    sink, store, log = Sink(), Store(), tmp_path / "log"
    with SinkServer(sink) as smtp, ImapServer(store) as imap:
        worker = start_worker(settings, smtp.port, imap.port, log)
        started.append(worker)
        wait(lambda: count(Delivery.state == "sent") == MAILS)
        worker.kill()
        worker.wait()
        back = sink.taken[: MAILS - 2]
        for _to, message in back:
            store.put(inbound.dsn(message["Message-ID"].strip("<>").partition("@")[0]))
        letter, giant = store.put(inbound.PERSONAL["reply"]), store.put(b"x" * 3_000_000)
        killed = 0
        for steps in KILLED_AT:
            worker = start_worker(settings, smtp.port, imap.port, log)
            started.append(worker)
            first = len(store.commands)
            last = first + steps

            def die(_name: str, worker: subprocess.Popen[bytes] = worker, last: int = last) -> None:
                if len(store.commands) == last:
                    worker.send_signal(signal.SIGKILL)
                    worker.wait()

            store.on_command = die
            wait(lambda w=worker, n=first: w.poll() is not None or "LOGOUT" in store.commands[n:])  # type: ignore[misc]
            killed += "LOGOUT" not in store.commands[first:]
            worker.kill()
            worker.wait()
        store.on_command = lambda _name: None
        worker = start_worker(settings, smtp.port, imap.port, log)
        started.append(worker)
        wait(lambda: count(Delivery.state == "bounced") == len(back) and store.numbers() == [letter, giant])
        worker.terminate()
        worker.wait(timeout=20)
    db.session.rollback()
    assert killed >= len(KILLED_AT) - 3, "most died in the middle"
    assert count(Delivery.state == "sent") == 2
    events = db.session.scalar(select(func.count()).where(DeliveryEvent.state == "bounced"))
    assert events == len(back), "each came back once"
    assert db.session.scalar(select(func.count()).where(Contact.address_state == "bad")) == len(back)
    kinds = dict(db.session.execute(select(InboundMail.kind, func.count()).group_by(InboundMail.kind)).all())
    assert kinds == {"bounce": len(back), "person": 1, "too_large": 1}
    assert set(store.numbers("INBOX/Heed")) == set(range(1, len(back) + 1)), "nothing is lost"
    assert store.flags(letter) == set()
    assert audit.verify().broken_id is None
    said = log.read_text("utf-8")
    assert "Traceback" not in said
    for word in ("li@customer.example", "User unknown", PASSWORD, back[0][0]):
        assert word not in said
