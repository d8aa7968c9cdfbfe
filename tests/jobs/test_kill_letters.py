"""A real worker that mails customers, reads their answers, and is killed at every step: each answer in its case once."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Attachment, Complaint, ComplaintEvent, Delivery, Letter
from app.rules.complaints import State
from app.services import attachments, audit
from app.services import complaints as services
from config import Settings
from tests.factories import Factory, complaints, inbound, letters
from tests.imap_server import ImapServer, Store
from tests.jobs.test_kill_reader import count, start_worker, wait
from tests.smtp_sink import Sink, SinkServer

pytestmark = pytest.mark.slow

CASES = 8
KILLED_AT = (6, 8, 9, 10, 11, 8, 9, 10, 12)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every worker of the test; none outlives it."""
    workers: list[subprocess.Popen[bytes]] = []
    yield workers
    for worker in workers:
        worker.kill()
        worker.wait()


def added() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(ComplaintEvent.kind == "added")) or 0


def test_killed_at_every_step_of_taking_in(
    app: Flask, make: Factory, settings: Settings, tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    make.now = clock.now() - timedelta(days=1)
    make.firm(sorts_mail=True)
    staff = complaints.Staff(make)
    for number in range(CASES):
        case = complaints.brought_to(make, staff, State.WAITING, contact_email=f"li{number}@customer.example")
        db.session.refresh(case)
    assert services.customer_mail.address_of(case)
    sink, store, log = Sink(), Store(), tmp_path / "log"
    with SinkServer(sink) as smtp, ImapServer(store) as imap:
        worker = start_worker(settings, smtp.port, imap.port, log)
        started.append(worker)
        wait(lambda: count(Delivery.state == "sent") == CASES)
        worker.kill()
        worker.wait()
        for to, message in sink.taken[:CASES]:
            answers = message["Message-ID"].strip("<>")
            reply = letters.mail(f"来自{to}", answers=answers, sender=to, files=letters.MIXED[:1])
            store.put(reply)
            store.put(letters.mail(answers=answers, **({"sender": to} | letters.AUTOMATIC["rfc3834"])))
        store.put(letters.mail("新来信", sender="new@customer.example"))
        store.put(inbound.AUTOMATIC["list"])
        killed = 0
        for steps in KILLED_AT:
            worker = start_worker(settings, smtp.port, imap.port, log)
            started.append(worker)
            first = len(store.commands)

            def die(_name: str, worker: subprocess.Popen[bytes] = worker, last: int = first + steps) -> None:
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
        wait(lambda: added() == CASES and len(store.numbers()) == 1)
        worker.terminate()
        worker.wait(timeout=20)
    db.session.rollback()
    assert killed >= len(KILLED_AT) - 3, "most died in the middle"
    assert added() == CASES, "each answer is in the log once"
    assert set(db.session.scalars(select(Complaint.state))) == {"in_progress"}, "and all go on"
    found = dict(db.session.execute(select(Letter.state, func.count()).group_by(Letter.state)).all())
    assert found == {"added": CASES, "automatic": CASES, "waiting": 1}
    rows = db.session.scalars(select(Attachment)).all()
    assert len(rows) == CASES
    assert all((attachments.folder() / one.stored).is_file() for one in rows), "no row without its file"
    assert db.session.scalar(select(func.count(Delivery.id))) == CASES, "nothing that came in was answered"
    assert len(sink.taken) == CASES
    assert audit.verify().broken_id is None
    said = log.read_text("utf-8")
    assert "Traceback" not in said
    for word in ("customer.example", "来自", "发票"):
        assert word not in said
