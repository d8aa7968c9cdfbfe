"""The mailbox is read: bounces take effect once, everything else stays where it is, and no trouble loses a mail (T27)."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, OperationalError

from app import clock
from app.adapters.mailbox import MOST_BYTES
from app.extensions import db
from app.jobs.mailbox import WAITS, Reader
from app.jobs.runner import transaction
from app.models import AuditEntry, Contact, Delivery, Firm, InboundMail, Mailbox
from app.services import mailbox as service
from config import MailboxServer
from tests.factories import Factory, inbound, surveys
from tests.imap_server import PASSWORD, USER, ImapServer, Store


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def port(store: Store) -> Iterator[int]:
    with ImapServer(store) as server:
        yield server.port


@pytest.fixture
def reader(app: Flask, make: Factory, port: int) -> Reader:
    make.firm()
    return Reader(MailboxServer("127.0.0.1", port, "plain", USER, PASSWORD))


def sent(make: Factory, **fields: object) -> Delivery:
    """A mail that has left, of a survey of its own."""
    survey = surveys.survey(make)
    values = {"state": "sent", "finished_at": make.now} | fields
    return surveys.queued(make, survey, surveys.invitation(make, survey), **values)


def state(row: Delivery) -> tuple[str, str]:
    db.session.rollback()
    return row.state, row.reason


def contact_of(row: Delivery) -> Contact:
    db.session.rollback()
    return db.session.scalars(select(Contact).where(Contact.email == row.to_address)).one()


def taken() -> list[tuple[str, str]]:
    db.session.rollback()
    return [
        (row.kind, row.outcome) for row in db.session.scalars(select(InboundMail).order_by(InboundMail.id))
    ]


def test_a_mail_that_came_back_is_marked_with_its_address(
    make: Factory, store: Store, reader: Reader
) -> None:
    row, other = sent(make), sent(make)
    number = store.put(inbound.dsn(row.message_id))
    before = clock.now()
    reader.read()
    assert state(row) == ("bounced", "no_mailbox")
    assert [event.state for event in row.events] == ["queued", "bounced"]
    assert "User unknown" in row.reply
    contact = contact_of(row)
    assert (contact.address_state, contact.address_reason) == ("bad", "no_mailbox")
    assert contact.address_since is not None
    assert contact.address_since >= before
    assert state(other)[0] == "sent"
    assert contact_of(other).address_state == "ok"
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.actor_id.is_(None))).all()
    assert {"delivery.bounced", "contact.address_bad"} <= set(actions)
    assert (store.numbers(), store.numbers("INBOX/Heed")) == ([], [number])


def test_a_forged_report_changes_nothing(make: Factory, store: Store, reader: Reader) -> None:
    row = sent(make)
    numbers = [
        store.put(inbound.dsn()),
        store.put(inbound.dsn(row.message_id[:-1] + ("0" if row.message_id[-1] != "0" else "1"))),
        store.put(inbound.dsn(f"{row.id:032x}")),
        store.put(inbound.dsn("' OR 1=1 --")),
        store.put(inbound.BOUNCES[-1].raw.replace(b"li@aliyun.com", row.to_address.encode())),
    ]
    reader.read()
    assert state(row) == ("sent", "")
    assert contact_of(row).address_state == "ok"
    assert taken() == [("bounce", "foreign")] * 5
    assert store.numbers() == numbers, "they are not ours: people may look at them"


def test_whoever_knows_the_message_id_but_reports_no_failure_changes_nothing(
    make: Factory, store: Store, reader: Reader
) -> None:
    row = sent(make)
    for raw in [*inbound.AUTOMATIC.values(), *inbound.PERSONAL.values()]:
        store.put(raw.replace(inbound.MARK.encode(), row.message_id.encode()))
    before = store.numbers()
    reader.read()
    assert state(row) == ("sent", "")
    assert {kind for kind, _outcome in taken()} == {"automatic", "person"}
    assert store.numbers() == before
    assert all(not store.flags(number) for number in before), "people find their mail unread"


def test_nothing_that_comes_in_is_ever_answered(make: Factory, store: Store, reader: Reader) -> None:
    row = sent(make)
    for raw in [*inbound.AUTOMATIC.values(), *inbound.PERSONAL.values(), inbound.dsn(row.message_id)]:
        store.put(raw)
    reader.read()
    assert len(taken()) == len(inbound.AUTOMATIC) + len(inbound.PERSONAL) + 1
    assert db.session.scalar(select(func.count(Delivery.id))) == 1


def test_no_mail_however_odd_stops_the_reader(make: Factory, store: Store, reader: Reader) -> None:
    row = sent(make)
    for raw in inbound.ODD.values():
        store.put(raw)
    store.put(inbound.dsn(row.message_id))
    reader.read()
    assert len(taken()) == len(inbound.ODD) + 1
    assert state(row) == ("bounced", "no_mailbox")


def test_a_giant_mail_is_noted_and_not_fetched(make: Factory, store: Store, reader: Reader) -> None:
    row = sent(make)
    giant = store.put(inbound.dsn(row.message_id) + b"x" * MOST_BYTES)
    reader.read()
    assert taken() == [("too_large", "")]
    assert db.session.scalar(select(InboundMail.size)) > MOST_BYTES
    assert store.commands.count("UID FETCH") == 2, "of its text only the beginning was asked for"
    assert (store.numbers(), state(row)) == ([giant], ("sent", ""))


def test_each_mail_is_taken_in_once(make: Factory, store: Store, reader: Reader) -> None:
    row = sent(make)
    store.subfolders = False  # so that it stays in the folder
    store.put(inbound.dsn(row.message_id))
    for _ in range(3):
        reader.read()
    store.number_anew()
    reader.read()
    store.put(inbound.dsn(row.message_id) + b"another copy")
    reader.read()
    assert taken() == [("bounce", "bounced"), ("bounce", "repeated"), ("bounce", "known")]
    assert [event.state for event in row.events].count("bounced") == 1


def test_a_line_cut_at_any_point_loses_and_doubles_nothing(
    make: Factory, store: Store, reader: Reader
) -> None:
    for command in range(1, 24):
        rows = [sent(make) for _ in range(2)]
        for row in rows:
            store.put(inbound.dsn(row.message_id))
        store.drop_at = len(store.commands) + command
        reader.attempt()
        store.drop_at = None
        reader.read()
        assert [state(row)[0] for row in rows] == ["bounced"] * 2, command
        assert [len(row.events) for row in rows] == [2] * 2, command
        assert (len(taken()), store.numbers()) == (2 * command, []), command


def test_a_crash_before_the_commit_takes_the_mail_in_later(
    make: Factory, store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sent(make)
    store.put(inbound.dsn(row.message_id))

    def crash(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", crash)
        assert reader.attempt() == WAITS[0]
    assert (state(row)[0], taken(), store.numbers()) == ("sent", [], [1]), (
        "nothing is put away before it is stored"
    )
    reader.read()
    assert (state(row)[0], store.numbers()) == ("bounced", [])


def test_a_mail_that_cannot_be_taken_in_does_not_keep_the_next_waiting(
    make: Factory,
    store: Store,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = sent(make), sent(make)
    store.put(inbound.dsn(first.message_id))
    store.put(inbound.dsn(second.message_id))
    real, words = service.bounces.came_back, "the words of a customer"

    def broken(marks: tuple[str, ...], *rest: object, **more: object) -> object:
        if first.message_id in marks:
            raise ValueError(words)
        return real(marks, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service.bounces, "came_back", broken)
    reader.read()
    assert (state(first)[0], state(second)[0]) == ("sent", "bounced")
    assert taken() == [("unreadable", ""), ("bounce", "bounced")]
    assert "customer" not in caplog.text


def test_nothing_of_a_mail_reaches_the_log(
    make: Factory, store: Store, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = sent(make)
    store.put(inbound.dsn(row.message_id))
    store.put(inbound.PERSONAL["reply"])
    reader.read()
    store.password = "another"
    reader.attempt()
    assert "can't be read (refused)" in caplog.text
    for word in (row.to_address, row.message_id, "User unknown", "投诉", PASSWORD, USER):
        assert word not in caplog.text


def test_trouble_is_noted_and_waited_for_longer_and_longer(store: Store, reader: Reader) -> None:
    store.password = "another"
    waits = [reader.attempt() for _ in range(7)]
    assert waits == [*WAITS, WAITS[-1], WAITS[-1]]
    db.session.rollback()
    box = db.session.scalars(select(Mailbox)).one()
    since = box.troubled_since
    assert (box.trouble, box.read_at) == ("refused", None)
    assert since is not None
    store.password = PASSWORD
    assert reader.attempt() == WAITS[0]
    db.session.rollback()
    box = db.session.scalars(select(Mailbox)).one()
    assert (box.trouble, box.troubled_since) == ("", None)
    assert box.read_at is not None


def test_trouble_that_cannot_be_noted_does_not_end_the_reading(
    store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise DBAPIError("UPDATE mailbox", None, Exception("the connection was closed"))

    store.password = "another"
    with monkeypatch.context() as patch:
        patch.setattr(service, "note_trouble", broken)
        assert [reader.attempt() for _ in range(2)] == list(WAITS[:2])
    store.password = PASSWORD
    assert reader.attempt() == WAITS[0]


def test_an_old_folder_is_not_read_from_its_beginning(make: Factory, store: Store, reader: Reader) -> None:
    old, new = sent(make), sent(make)
    store.put(inbound.dsn(old.message_id), days_ago=60)
    store.put(inbound.dsn(new.message_id), days_ago=5)
    reader.read()
    assert (state(old)[0], state(new)[0]) == ("sent", "bounced")


def test_a_mail_that_somebody_deletes_meanwhile_is_passed_over(
    make: Factory, store: Store, reader: Reader
) -> None:
    row = sent(make)
    store.put(inbound.dsn(sent(make).message_id))
    store.put(inbound.dsn(row.message_id))

    def delete_first(name: str) -> None:
        if name == "UID FETCH":
            store.folders["INBOX"] = [mail for mail in store.folders["INBOX"] if mail.number != 1]

    store.on_command = delete_first
    reader.read()
    assert state(row)[0] == "bounced"
    assert len(taken()) == 1


def test_a_restored_copy_leaves_the_mailbox_alone(make: Factory, store: Store, reader: Reader) -> None:
    store.put(inbound.dsn(sent(make).message_id))
    firm = db.session.scalars(select(Firm)).one()
    firm.mail_paused = True
    db.session.commit()
    reader.read()
    assert (store.commands, taken()) == ([], [])


def test_two_who_read_at_once_take_each_mail_in_once(
    make: Factory, store: Store, reader: Reader, app: Flask
) -> None:
    rows = [sent(make) for _ in range(5)]
    for row in rows:
        store.put(inbound.dsn(row.message_id))
    other = Reader(reader._server)
    once: list[int] = []

    def meanwhile(name: str) -> None:
        if name == "UID FETCH" and not once:
            once.append(1)
            with app.app_context():
                other.read()

    store.on_command = meanwhile
    reader.read()
    assert [state(row)[0] for row in rows] == ["bounced"] * 5
    assert [len(row.events) for row in rows] == [2] * 5
    assert len(taken()) == 5


def test_a_report_that_is_quicker_than_the_server_counts(make: Factory, store: Store, reader: Reader) -> None:
    from app.services import sending

    row = sent(make, state="data", claimed_by="w1", finished_at=None)
    store.put(inbound.dsn(row.message_id))
    reader.read()
    with transaction():
        sending.record_sent(db.session, row.id, worker="w1", reply="250 ok", now=clock.now())
    assert state(row) == ("bounced", "no_mailbox")


@pytest.mark.parametrize("was", ["queued", "claimed", "failed", "dropped"])
def test_what_never_left_cannot_come_back(make: Factory, store: Store, reader: Reader, was: str) -> None:
    row = sent(make, state=was)
    store.put(inbound.dsn(row.message_id))
    reader.read()
    assert state(row)[0] == was
    assert taken() == [("bounce", "known")]


def test_an_uncertain_mail_that_came_back_is_uncertain_no_more(
    make: Factory, store: Store, reader: Reader
) -> None:
    row = sent(make, state="unknown", reason="no_reply")
    store.put(inbound.dsn(row.message_id))
    reader.read()
    assert state(row) == ("bounced", "no_mailbox")


def test_what_is_long_past_is_forgotten(make: Factory, store: Store, reader: Reader) -> None:
    store.put(inbound.PERSONAL["reply"])
    reader.read()
    row = db.session.scalars(select(InboundMail)).one()
    row.taken_at = clock.now() - service.REMEMBERED - timedelta(days=1)
    db.session.commit()
    reader.read()
    assert taken() == []
