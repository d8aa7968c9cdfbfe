"""The sender against a server that misbehaves: right state, one copy at the sink."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, StatementError

from app import clock
from app.adapters.mail import KeptMail, SmtpCarrier, kept
from app.extensions import db
from app.jobs import deliveries
from app.jobs.deliveries import Sender
from app.models import Contact, Delivery, Survey
from app.services import sending
from config import MailServer
from tests.factories import Factory, surveys
from tests.smtp_sink import Sink, SinkServer


@dataclass
class Post:
    """A survey, a sink and a sender."""

    make: Factory
    survey: Survey
    sink: Sink
    sender: Sender

    def queue(self, *addresses: str) -> list[Delivery]:
        """One invitation mail to each address."""
        return [
            surveys.queued(self.make, self.survey, surveys.invitation(self.make, self.survey, email=a))
            for a in addresses
        ]

    def run(self, rounds: int = 1) -> None:
        """Send, as fast as it goes."""
        for _ in range(rounds):
            self.sender.round()
            db.session.expire_all()


@pytest.fixture
def post(make: Factory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    make.firm()
    monkeypatch.setattr(clock, "now", lambda: make.now + timedelta(seconds=1))
    sink = Sink()
    with SinkServer(sink) as server:
        carrier = SmtpCarrier(
            MailServer("127.0.0.1", server.port, "plain"),
            local_name="test",
            command_seconds=0.5,
            final_seconds=0.5,
        )
        yield Post(make, surveys.survey(make), sink, Sender(carrier, worker="w1", paced=False))
        carrier.close()


def state(row: Delivery) -> tuple[str, str]:
    return row.state, row.reason


def test_an_odd_reply_is_stored_as_words(post: Post) -> None:
    """PostgreSQL takes no NUL: the outcome would be tried to be stored for ever, and nothing else be sent."""
    (row,) = post.queue("odd@customer.example")
    post.run()
    assert state(row) == ("sent", "")
    assert row.reply.startswith("2.0.0 queued as ")
    assert row.reply.isprintable()


def test_an_accepted_mail_is_sent_once(post: Post) -> None:
    (row,) = post.queue("li@customer.example")
    post.run(2)
    assert state(row) == ("sent", "")
    assert [e.state for e in row.events] == ["queued", "claimed", "data", "sent"]
    assert post.sink.copies("li@customer.example") == 1


def test_many_mails_use_one_connection(post: Post) -> None:
    rows = post.queue(*(f"c{i}@customer.example" for i in range(8)))
    post.run(1)
    assert {r.state for r in rows} == {"sent"}
    assert post.sink.connections == 1


@pytest.mark.parametrize(
    ("address", "expected", "copies"),
    [
        ("nouser@x.example", ("failed", "unknown_user"), 0),
        ("policy@x.example", ("failed", "refused"), 0),
        ("grey@x.example", ("queued", "deferred"), 0),
        ("full@x.example", ("queued", "mailbox_full"), 0),
        ("limit@x.example", ("queued", "server_busy"), 0),
        ("slow@x.example", ("queued", "connection_lost"), 0),
        ("spam@x.example", ("failed", "content_refused"), 0),
        ("defer@x.example", ("unknown", "deferred_after_text"), 0),
        ("late@x.example", ("unknown", "no_reply"), 1),
        ("drop@x.example", ("unknown", "no_reply"), 1),
    ],
)
def test_each_refusal_leads_to_its_state(
    post: Post, address: str, expected: tuple[str, str], copies: int
) -> None:
    row, after = post.queue(address, "next@y.example")
    post.run(2)
    assert state(row) == expected
    assert post.sink.copies(address) == copies
    assert after.state == "sent"
    assert post.sink.copies("next@y.example") == 1


def test_an_unknown_user_marks_the_address(post: Post) -> None:
    post.queue("nouser@x.example", "policy@x.example")
    post.run()
    marks = dict(db.session.execute(select(Contact.email, Contact.address_state)).all())
    assert marks == {"nouser@x.example": "bad", "policy@x.example": "ok"}


def test_a_deferred_mail_goes_later_with_the_same_message_id(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = post.queue("grey@x.example")
    post.run()
    wait = row.due_at - post.make.now
    assert timedelta(minutes=1) < wait < timedelta(minutes=5)
    message_id = row.message_id
    post.run()
    assert row.state == "queued"
    monkeypatch.setattr(clock, "now", lambda: post.make.now + wait + timedelta(seconds=2))
    post.run()
    assert row.state == "sent"
    assert post.sink.taken[0][1]["Message-ID"] == f"<{message_id}@localhost>"


def test_after_421_the_domain_rests(post: Post) -> None:
    limited, same, other = post.queue("limit@x.example", "a@x.example", "b@y.example")
    post.run(2)
    assert (limited.state, same.state, other.state) == ("queued", "queued", "sent")
    assert same.due_at >= post.make.now + timedelta(minutes=5)
    assert same.attempts == 0


def test_a_dead_server_touches_no_mail(post: Post) -> None:
    post.sender.carrier = SmtpCarrier(MailServer("127.0.0.1", 1, "plain"), local_name="test")
    (row,) = post.queue("li@customer.example")
    post.run(3)
    assert (row.state, row.attempts, len(row.events)) == ("queued", 0, 1)


def test_one_bad_row_does_not_stop_the_others(post: Post) -> None:
    odd = ["a\nBcc: x@y.example@z.example", "no-at", "a b@x.example", "ok@x.example", "用户@例子.example"]
    rows = post.queue(*odd)
    post.run(2)
    assert [r.state for r in rows] == ["failed", "failed", "failed", "sent", "sent"]


def test_mail_paused_sends_nothing(post: Post) -> None:
    (row,) = post.queue("li@customer.example")
    post.make.firm(mail_paused=True)
    post.run(2)
    assert row.state == "queued"


def test_without_a_server_mail_is_kept(post: Post, tmp_path: Any) -> None:
    carrier = KeptMail(tmp_path / "mail")
    post.sender.carrier = carrier
    (row,) = post.queue("li@customer.example")
    post.run()
    assert row.state == "sent"
    kept = carrier.read(row.message_id)
    assert kept is not None
    assert "恒信服务集团" in kept.subject
    assert "http://localhost:8000/s/" in kept.text
    assert kept.text.split("http://localhost:8000/s/")[1][:36] in kept.html


def test_headers_of_an_invitation(post: Post) -> None:
    post.make.firm(reply_address="office@hengxin.example")
    post.queue("li@customer.example")
    post.run()
    (_, message) = post.sink.taken[0]
    assert message["List-Unsubscribe"].startswith("<http://localhost:8000/u/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "office@hengxin.example"
    assert [p.get_content_type() for p in message.walk()][1:] == ["text/plain", "text/html"]


def test_somebody_who_answers_between_claim_and_data_gets_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = post.queue("li@customer.example")
    begin = post.sender.carrier.begin

    def answers_meanwhile(envelope: Any) -> Any:
        from app.models import Invitation

        db.session.get_one(Invitation, row.invitation_id).finished = True
        db.session.commit()
        return begin(envelope)

    monkeypatch.setattr(post.sender.carrier, "begin", answers_meanwhile)
    post.run()
    assert state(row) == ("dropped", "finished")
    assert post.sink.taken == []


def test_a_database_that_fails_between_the_steps_harms_no_other_mail(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T15, T61: the server still holds a recipient; without hanging up it would refuse the next MAIL for good."""
    rows = post.queue("a@customer.example", "b@customer.example")

    def locked(*_: Any, **__: Any) -> bool:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(sending, "begin_data", locked)
        with pytest.raises(OperationalError):
            post.run()
    db.session.rollback()
    post.run()
    assert [state(row) for row in rows] == [("sent", "")] * 2
    assert [post.sink.copies(row.to_address) for row in rows] == [1, 1]


def test_a_server_that_always_hangs_up_spoils_few_mails(post: Post) -> None:
    """T20, T21: each connection works and each text is lost; a whole survey must not become uncertain."""
    rows = post.queue(*(f"drop{i}@customer.example" for i in range(12)), "li@customer.example")
    post.run(3)
    assert [state(row) for row in rows[:4]] == [("unknown", "no_reply")] * 3 + [("queued", "")]
    for waited in (5.0, 10.0):
        post.sender._server_away_until -= waited
        post.run(2)
    assert [row.state for row in rows].count("unknown") == 5


def test_a_clear_answer_ends_the_suspicion(post: Post) -> None:
    names = ("drop0", "drop1", "nouser", "drop2", "drop3", "li", "drop4", "drop5", "wang")
    rows = post.queue(*(f"{name}@customer.example" for name in names))
    post.run(2)
    assert [row.state for row in rows if "drop" not in row.to_address] == ["failed", "sent", "sent"]


def test_an_answer_waits_for_a_locked_database(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """T61: the server has taken the mail, so nobody is asked whether it arrived."""
    (row,) = post.queue("li@customer.example")
    record, locked = sending.record_sent, iter([True, True, False])

    def at_last(*args: Any, **named: Any) -> None:
        if next(locked):
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        record(*args, **named)

    monkeypatch.setattr(sending, "record_sent", at_last)
    monkeypatch.setattr(deliveries, "IDLE_SECONDS", 0)
    post.run()
    assert (state(row), post.sink.copies("li@customer.example")) == (("sent", ""), 1)


def test_a_broken_round_logs_neither_address_nor_text(
    post: Post, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """T72: the message of a database error holds the values of its statement."""
    stops = iter([False, True, True])

    def broken(_self: Sender) -> bool:
        raise StatementError("no", "INSERT", {"to": "@".join(("secret", "a.example"))}, Exception())

    monkeypatch.setattr(Sender, "round", broken)
    monkeypatch.setattr(deliveries, "carrier_for", lambda _settings: post.sender.carrier)
    deliveries.run_forever(app, "w1", lambda: next(stops))
    assert "a round of sending failed" in caplog.text
    assert "StatementError" in caplog.text
    assert "secret@a.example" not in caplog.text


def test_mail_that_cannot_be_kept_now_is_kept_later(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T60: without a mail server a full disk means: not now."""
    (row,) = post.queue("li@customer.example")
    keeper = Sender(KeptMail(tmp_path), worker="w2", paced=False)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(kept.os, "fsync", full)
        keeper.round()
    db.session.expire_all()
    assert state(row)[0] == "queued"
    assert list(tmp_path.iterdir()) == []
