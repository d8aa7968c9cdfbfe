"""How fast invitations leave, against a bare `smtplib` loop that keeps the same durable states.

Both talk to the same SMTP sink (a process of its own) over one connection, both make each mail anew (it
carries a personal link, which is not stored), and both store claimed, data and sent of each mail in an SQLite file with `synchronous=FULL` before the next step. Runs alternate and the
median of each side counts, because a shared disk is not always equally quick.
"""

import email
import os
import shutil
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bench._report import Figure, report

MAILS = 400
RUNS = 3
SINK = """
import socket, socketserver

class Line(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        say = self.wfile.write
        say(b"220 sink\\r\\n")
        for command in self.rfile:
            verb = command[:4].upper()
            if verb == b"EHLO":
                say(b"250-sink\\r\\n250 SMTPUTF8\\r\\n")
            elif verb == b"DATA":
                say(b"354 go\\r\\n")
                while self.rfile.readline() not in (b".\\r\\n", b""):
                    pass
                say(b"250 taken\\r\\n")
            elif verb == b"QUIT":
                say(b"221 bye\\r\\n")
                return
            else:
                say(b"250 ok\\r\\n")

socketserver.ThreadingTCPServer.daemon_threads = True
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="heed-bench-"))
    sink = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
    try:
        assert sink.stdout is not None
        port = int(sink.stdout.readline())
        heed = Heed(folder / "heed", port)
        sample = heed.sample_texts()
        ours, bare = [], []
        for run in range(RUNS):
            bare.append(bare_loop(folder / f"bare{run}.sqlite3", port, *sample))
            ours.append(heed.send(MAILS))
    finally:
        sink.kill()
        sink.wait()
        shutil.rmtree(folder, ignore_errors=True)
    report("mail", [Figure("sending", statistics.median(ours), "mails/s", statistics.median(bare))])


def composed(address: str, text: str, html: str) -> bytes:
    """A mail made with the standard library, as any such loop would: each one carries its own link."""
    message = EmailMessage()
    message["From"] = "survey@firm.example"
    message["To"] = address
    message["Subject"] = "恒信服务集团想听听您的意见"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


def bare_loop(path: Path, port: int, text: str, html: str) -> float:
    """Mails per second of the plainest program that keeps the three states."""
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.execute("CREATE TABLE delivery (id INTEGER PRIMARY KEY, address TEXT, state TEXT, at REAL)")
    base.execute("BEGIN")
    base.executemany(
        "INSERT INTO delivery (address, state) VALUES (?, 'queued')",
        [(f"c{i}@customer.example",) for i in range(MAILS)],
    )
    base.execute("COMMIT")

    def store(state: str, row: int) -> None:
        base.execute("UPDATE delivery SET state=?, at=? WHERE id=?", (state, time.time(), row))

    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "bench") as smtp:
        smtp.ehlo()
        for row, address in base.execute("SELECT id, address FROM delivery ORDER BY id").fetchall():
            store("claimed", row)
            smtp.mail("survey@firm.example")
            smtp.rcpt(address)
            store("data", row)
            smtp.data(composed(address, text, html))
            store("sent", row)
    elapsed = time.perf_counter() - started
    base.close()
    return MAILS / elapsed


class Heed:
    """The application on a database of its own, with the sender of its worker."""

    def __init__(self, folder: Path, port: int) -> None:
        from app import create_app
        from app.adapters.mail import SmtpCarrier
        from app.jobs.deliveries import Sender
        from config import Settings

        os.environ["HEED_DATA"] = str(folder)
        settings = Settings.from_env({"HEED_DATA": str(folder), "MAIL_URL": f"smtp://127.0.0.1:{port}"})
        self.app = create_app(settings)
        assert settings.mail is not None
        # The pace of a survey is a rule of courtesy, not of speed.
        self.sender = Sender(SmtpCarrier(settings.mail, local_name="bench"), worker="bench", paced=False)
        self.count = 0
        with self.app.app_context():
            from flask_migrate import upgrade

            upgrade()
            self.survey_id = self._prepare_survey()

    def send(self, mails: int) -> float:
        """Queue that many invitations, then return mails per second of sending them."""
        from app.extensions import db

        with self.app.app_context():
            self._queue(mails)
            started = time.perf_counter()
            while self.sender.round():
                db.session.remove()
            elapsed = time.perf_counter() - started
            self._check(mails)
        return mails / elapsed

    def sample_texts(self) -> tuple[str, str]:
        """Text and HTML of one finished mail, so that the bare loop carries the same load."""
        from app import clock
        from app.extensions import db
        from app.models import Delivery
        from app.services import sending

        with self.app.app_context():
            self._queue(1)
            delivery = db.session.query(Delivery).one()
            (mail,) = sending.prepare([delivery.id], now=clock.now())
            while self.sender.round():
                pass
        message = email.message_from_bytes(mail.message, policy=policy.default)
        text, html = message.get_payload()
        return text.get_content(), html.get_content()

    def _prepare_survey(self) -> int:
        from app import clock
        from app.extensions import db
        from app.models import Firm, Questionnaire, QuestionnaireVersion, Series, Survey
        from app.rules import mail_defaults

        now = clock.now()
        text = {"zh": "满意度调查", "en": "Survey"}
        questionnaire = Questionnaire(title=text, created_at=now)
        content: dict[str, Any] = {"languages": ["zh"], "minutes": 3, "pages": []}
        version = QuestionnaireVersion(
            questionnaire=questionnaire,
            number=1,
            state="published",
            content=content,
            created_at=now,
            edited_at=now,
        )
        series = Series(name=text, created_at=now)
        db.session.add_all(
            [
                Firm(
                    name="恒信服务集团",
                    language="zh",
                    timezone="Asia/Shanghai",
                    sender_address="survey@firm.example",
                    created_at=now,
                ),
                version,
                series,
            ]
        )
        db.session.flush()
        survey = Survey(
            series_id=series.id,
            name=text,
            version_id=version.id,
            state="live",
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=30),
            mail_texts=mail_defaults.INVITATION,
            reminder_texts=mail_defaults.REMINDER,
            quiet_from=0,
            quiet_until=0,
            created_at=now,
        )
        db.session.add(survey)
        db.session.commit()
        return survey.id

    def _queue(self, mails: int) -> None:
        from app import clock
        from app.extensions import db
        from app.models import Contact, Customer, Invitation
        from app.rules.links import new_nonce
        from app.services import outbox

        now = clock.now()
        for _ in range(mails):
            self.count += 1
            n = self.count
            customer = Customer(code=f"C{n}", name=f"客户{n}", created_at=now, updated_at=now)
            customer.contacts = [Contact(name=f"联系人{n}", email=f"c{n}@customer.example")]
            invitation = Invitation(
                survey_id=self.survey_id,
                customer=customer,
                contact=customer.contacts[0],
                nonce=new_nonce(),
                language="zh",
                created_at=now,
            )
            db.session.add(invitation)
            db.session.flush()
            outbox.enqueue(
                "invitation",
                to=f"c{n}@customer.example",
                language="zh",
                template="invitation",
                due_at=now,
                now=now,
                invitation_id=invitation.id,
                survey_id=self.survey_id,
            )
        db.session.commit()

    def _check(self, mails: int) -> None:
        from sqlalchemy import func, select

        from app.extensions import db
        from app.models import Delivery

        states = dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
        if states != {"sent": self.count}:
            raise RuntimeError(f"{mails} mails were to be sent, but the outbox says {states}")


if __name__ == "__main__":
    main()
