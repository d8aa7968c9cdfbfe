"""Mails of customers through the reading of the mailbox: each into its case once, and nothing for those who only guess."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import clock
from app.extensions import db
from app.jobs.mailbox import Reader
from app.jobs.runner import transaction
from app.models import Attachment, Complaint, Delivery, Feedback, Firm, InboundMail, Letter
from app.queries import letters as queries
from app.rules.complaints import Channel, State
from app.rules.throttle import LETTERS
from app.services import attachments
from app.services import complaints as services
from app.services import letters as letter_services
from config import MailboxServer
from tests.factories import Factory, complaints, inbound, letters
from tests.imap_server import PASSWORD, USER, ImapServer, Store

ADDRESS = "li@customer.example"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def reader(app: Flask, make: Factory, store: Store) -> Iterator[Reader]:
    make.firm()
    with ImapServer(store) as server:
        yield Reader(MailboxServer("127.0.0.1", server.port, "plain", USER, PASSWORD))


@pytest.fixture
def staff(make: Factory) -> complaints.Staff:
    return complaints.Staff(make)


def told(
    make: Factory, staff: complaints.Staff, state: State = State.IN_PROGRESS, **fields: Any
) -> tuple[Complaint, str]:
    """A case about which a mail has left, and the Message-ID of that mail."""
    case = complaints.brought_to(make, staff, state, **({"contact_email": ADDRESS} | fields))
    services.reply(
        case, text="您好，我们想约个时间。", channel=Channel.EMAIL, at=None, seen=None, key="", by=staff.service,
        now=make.now,
    )  # fmt: skip
    db.session.commit()
    return case, message_id(case)


def message_id(case: Complaint) -> str:
    row = db.session.scalars(
        select(Delivery).where(Delivery.feedback_id == case.feedback_id).order_by(Delivery.id.desc())
    ).first()
    assert row is not None
    row.state = "sent"
    db.session.commit()
    return f"{queries.thread_of(row)}@localhost"


def said(case: Complaint) -> list[tuple[str, str]]:
    """What the customer has told since, as the log has it."""
    db.session.rollback()
    db.session.expire_all()
    return [(event.text, event.data["channel"]) for event in case.events if event.kind == "added"]


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Letter.state).order_by(Letter.id)))


def outcomes() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(InboundMail.outcome).order_by(InboundMail.id)))


def test_a_reply_becomes_the_customers_words_in_his_case(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    other, _ = told(make, staff)
    store.put(letters.mail("周三下午在家。" + letters.QQ_QUOTE, answers=answers))
    reader.read()
    assert said(case) == [("周三下午在家。", "email")]
    assert said(other) == []
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.state, letter.matched_by, letter.sender) == ("added", "reply", ADDRESS)
    assert "我们想约个时间" in letter.earlier
    assert letter.event_id == next(event.id for event in case.events if event.kind == "added")
    assert (store.numbers(), len(store.numbers("INBOX/Heed"))) == ([], 1)


def test_references_alone_are_enough_and_a_rewritten_message_id_does_no_harm(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    store.put(letters.mail("一", references=f"<new@mta.example> <{answers}>"))
    store.put(
        letters.mail(
            "二", answers="010001-rewritten@mta.example", references=f"<t.{answers}> <new@mta.example>"
        )
    )
    reader.read()
    assert [text for text, _ in said(case)] == ["一", "二"]


def test_a_waiting_case_goes_on_as_it_does_by_web_or_phone(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    by_mail = complaints.brought_to(make, staff, State.WAITING, contact_email=ADDRESS)
    store.put(letters.mail("周三。", answers=message_id(by_mail)))
    reader.read()
    by_web = complaints.brought_to(make, staff, State.WAITING)
    with transaction():
        services.add(by_web, text="周三。", channel=Channel.WEB, seen=None, key="", by=None, now=clock.now())
    by_phone = complaints.brought_to(make, staff, State.WAITING)
    with transaction():
        services.add(
            by_phone,
            text="周三。",
            channel=Channel.PHONE,
            seen=None,
            key="",
            by=staff.handler,
            now=clock.now(),
        )
    found = []
    for case in (by_mail, by_web, by_phone):
        db.session.refresh(case)
        found.append(
            (
                case.state,
                [event.kind for event in case.events],
                case.due_clock,
                case.paused,
                case.waiting_until,
            )
        )
    assert found[0] == found[1] == found[2]
    assert found[0][0] == "in_progress"


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_nothing_reopens_by_itself(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader, state: State
) -> None:
    case, answers = told(make, staff, state)
    store.put(letters.mail("谢谢!", answers=answers))
    store.put(letters.mail("还是不行", answers=answers))
    reader.read()
    assert [text for text, _ in said(case)] == ["谢谢!", "还是不行"]
    assert (case.state, case.round) == (state.value, 1)


def test_forged_message_ids_thread_nowhere(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    other, theirs = told(make, staff)
    mark, rest = answers.split(".", 1)
    forged = [
        answers.replace(rest, "0" * 24 + "@localhost"),
        f"{mark}@localhost",  # as it stands in the database
        f"{mark}.{theirs.split('.', 1)[1]}",  # the proof of another mail
        answers[:-30].replace(".", "") + "@localhost",
        answers.upper(),
        f"{case.feedback_id:032x}.{'0' * 24}@localhost",
    ]
    for one in forged:
        store.put(letters.mail("伪造", answers=one, subject="Re: 恒信已答复您"))
    reader.read()
    assert (said(case), said(other), states()) == ([], [], [])
    assert len(store.numbers()) == len(forged), "they stay where people look at them"


def test_a_message_id_whose_delivery_was_bent_to_another_case_threads_nowhere(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    _case, answers = told(make, staff)
    other, _ = told(make, staff)
    row = db.session.scalars(select(Delivery).where(Delivery.message_id == answers[:32])).one()
    row.feedback_id = other.feedback_id
    db.session.commit()
    store.put(letters.mail("x", answers=answers))
    reader.read()
    assert (said(other), states()) == ([], [])


def test_the_same_subject_is_not_the_same_case(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, _ = told(make, staff)
    store.put(letters.mail("又来了", subject="Re: 恒信服务集团已答复您"))
    reader.read()
    assert (said(case), states()) == ([], [])


def test_a_number_counts_only_from_a_known_party(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    customer = make.customer(email="Buyer@Customer.example")
    case, _ = told(make, staff, customer_id=customer.id)
    subject = f"关于 {case.number}"
    store.put(letters.mail("本人", subject=subject))
    store.put(letters.mail("同事", subject=subject, sender="buyer@customer.example"))
    store.put(letters.mail("陌生人", subject=subject, sender="stranger@elsewhere.example"))
    reader.read()
    assert [text for text, _ in said(case)] == ["本人", "同事"]
    assert outcomes() == ["added", "added", ""]


def test_a_reply_of_somebody_unknown_is_shown_and_does_nothing(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    store.put(
        letters.mail("我是他同事", answers=answers, sender="wang@elsewhere.example", files=letters.MIXED)
    )
    reader.read()
    assert (said(case), states()) == ([], ["shown"])
    letter = queries.of_case(case)[0]
    assert [one.feedback_id for one in letter.files] == [None]
    with transaction():
        letter_services.take_words(letter, case, by=staff.service, now=clock.now())
    assert said(case) == [("我是他同事", "email")]
    assert (states(), letter.files[0].feedback_id) == (["added"], case.feedback_id)


@pytest.mark.parametrize("name", letters.AUTOMATIC)
def test_an_automatic_reply_is_noted_and_takes_no_step(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader, name: str
) -> None:
    case = complaints.brought_to(make, staff, State.WAITING, contact_email=ADDRESS)
    store.put(letters.mail(**({"answers": message_id(case)} | letters.AUTOMATIC[name])))
    before = db.session.scalar(select(func.count(Delivery.id)))
    reader.read()
    assert (said(case), states(), case.state) == ([], ["automatic"], "waiting")
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.text, letter.subject, letter.earlier) == ("", "", "")
    assert db.session.scalar(select(func.count(Delivery.id))) == before


def test_our_own_mails_that_come_back_are_left_alone(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    make.firm(reply_address="help@hengxin.example", sorts_mail=True)
    case, answers = told(make, staff)
    store.put(letters.mail("x", answers=answers, sender="恒信 <help@hengxin.example>"))
    store.put(letters.mail("x", answers=answers).replace(b"<abc@customer.example>", f"<{answers}>".encode()))
    reader.read()
    assert (said(case), states(), outcomes()) == ([], [], ["own", "own"])


def test_a_loop_ends(make: Factory, staff: complaints.Staff, store: Store, reader: Reader) -> None:
    case, answers = told(make, staff)
    for number in range(LETTERS.free * 3):
        store.put(letters.mail(f"第{number}封", answers=answers))
    mails = db.session.scalar(select(func.count(Delivery.id)))
    reader.read()
    assert len(said(case)) == LETTERS.free
    assert outcomes().count("too_many") == 2 * LETTERS.free
    assert len(store.numbers()) == 2 * LETTERS.free, "nothing is lost: they stay in the mailbox"
    assert db.session.scalar(select(func.count(Delivery.id))) == mails, "nothing that comes in is answered"


def test_of_thirty_files_five_are_taken_and_the_others_named(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    store.put(letters.mail("照片", answers=answers, files=letters.THIRTY))
    store.put(letters.mail("其他", answers=answers, files=letters.MIXED))
    reader.read()
    first, second = queries.of_case(case)
    assert len(first.files) == 5
    assert [name for name, _ in first.left_out] == [name for name, _ in letters.THIRTY[5:]]
    assert {code for _, code in first.left_out} == {"too_many"}
    assert [one.name for one in second.files] == ["发票.pdf"]
    assert second.left_out == [
        ["程序.exe", "kind"],
        ["页面.html", "kind"],
        ["空.pdf", "empty"],
        ["假.jpg", "content"],
    ]
    assert {one.feedback_id for one in (*first.files, *second.files)} == {case.feedback_id}
    assert {one.event_id for one in second.files} == {second.event_id}
    content = (attachments.folder() / first.files[0].stored).read_bytes()
    assert b"GPS" not in content, "pictures tell no place"


def test_a_case_takes_no_more_files_than_by_web(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    for number in range(10):
        store.put(letters.mail(f"{number}", answers=answers, files=letters.THIRTY[:5]))
    reader.read()
    room = db.session.scalar(
        select(func.count(Attachment.id)).where(Attachment.feedback_id == case.feedback_id)
    )
    assert room == 40
    assert {code for letter in queries.of_case(case) for _, code in letter.left_out} == {"enough"}


def test_a_mail_without_words_is_shown_and_one_with_files_alone_is_taken(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    store.put(letters.mail("", answers=answers))
    store.put(letters.mail("", answers=answers, files=letters.MIXED[:1]))
    reader.read()
    assert states() == ["shown", "added"]
    assert said(case) == [("发票.pdf", "email")]


@pytest.mark.parametrize("charset", letters.CHARSETS)
def test_words_arrive_whatever_the_character_set(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader, charset: str
) -> None:
    words = "還是漏水" if charset == "big5" else letters.SIMPLE
    case, answers = told(make, staff)
    store.put(letters.encoded(words, charset, more=f"In-Reply-To: <{answers}>\n"))
    reader.read()
    assert said(case) == [(words, "email")]


def test_a_large_mail_with_photos_is_fetched_whole_only_if_it_concerns_us(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    photo = [("大.jpg", letters.THIRTY[0][1][:-2] + b"\0" * 3_000_000 + b"\xff\xd9")]
    store.put(letters.mail("照片", answers=answers, files=photo))
    store.put(letters.mail("广告", files=photo))
    reader.read()
    assert said(case) == [("照片", "email")]
    assert [one.name for one in queries.of_case(case)[0].files] == ["大.jpg"]
    assert (outcomes(), len(store.numbers())) == (["added", ""], 1)


def test_each_mail_is_taken_in_once_whatever_the_line_does(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    for command in range(1, 16):
        store.put(letters.mail(f"第{command}封", answers=answers, files=letters.MIXED[:1]))
        store.drop_at = len(store.commands) + command
        reader.attempt()
        store.drop_at = None
        reader.read()
        store.number_anew()
    reader.read()
    assert [text for text, _ in said(case)] == [f"第{command}封" for command in range(1, 16)]
    assert db.session.scalar(select(func.count(Attachment.id))) == 15


def test_a_crash_before_the_commit_takes_it_in_later_with_its_files_once(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, answers = told(make, staff)
    store.put(letters.mail("照片", answers=answers, files=letters.MIXED[:1]))

    def crash(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    with monkeypatch.context() as patched:
        patched.setattr(db.session, "commit", crash)
        reader.attempt()
    assert (said(case), states()) == ([], [])
    reader.read()
    assert (said(case), states()) == ([("照片", "email")], ["added"])
    assert db.session.scalar(select(func.count(Attachment.id))) == 1


def test_other_mails_wait_for_a_person_only_if_somebody_wants_to_sort_them(
    make: Factory, store: Store, reader: Reader
) -> None:
    store.put(letters.mail("空调漏水", subject="投诉"))
    reader.read()
    assert (states(), len(store.numbers())) == ([], 1)
    make.firm(sorts_mail=True)
    store.put(letters.mail("空调又漏水", subject="投诉", files=letters.MIXED))
    for name in letters.AUTOMATIC:
        store.put(letters.mail(**letters.AUTOMATIC[name]))
    reader.read()
    assert (states(), len(store.numbers("INBOX/Heed"))) == (["waiting"], 1)
    assert db.session.scalar(select(func.count(Delivery.id))) == 0, (
        "nobody is answered before a person has looked"
    )
    assert db.session.scalar(select(func.count(Feedback.id))) == 0


def test_only_so_many_wait(
    make: Factory, store: Store, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services.letters import receiving

    monkeypatch.setattr(receiving, "MOST_WAITING", 2)
    make.firm(sorts_mail=True)
    for number in range(4):
        store.put(letters.mail(f"{number}", sender=f"a{number}@customer.example"))
    reader.read()
    assert (states(), outcomes().count("too_many"), len(store.numbers())) == (["waiting"] * 2, 2, 2)


def test_files_of_a_mail_that_waits_are_not_swept_up(make: Factory, store: Store, reader: Reader) -> None:
    make.firm(sorts_mail=True)
    store.put(letters.mail("x", files=letters.MIXED))
    reader.read()
    with transaction():
        attachments.forget_unsent(now=clock.now() + timedelta(days=9))
    assert db.session.scalar(select(func.count(Attachment.id))) == 1


def test_what_was_not_for_us_is_forgotten_with_its_files(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    make.firm(sorts_mail=True)
    store.put(letters.mail("x", files=letters.MIXED))
    store.put(letters.mail("y"))
    reader.read()
    first = db.session.scalars(select(Letter).order_by(Letter.id)).first()
    assert first is not None
    with transaction():
        letter_services.discard(first, by=staff.service, now=clock.now())
    with transaction():
        letter_services.forget_old(now=clock.now() + timedelta(days=29))
    assert states() == ["discarded", "waiting"]
    with transaction():
        letter_services.forget_old(now=clock.now() + timedelta(days=31))
    assert (states(), db.session.scalar(select(func.count(Attachment.id)))) == (["waiting"], 0)


def test_nothing_of_a_mail_reaches_the_log(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case, answers = told(make, staff)
    store.put(letters.mail("我的秘密", answers=answers, subject="机密主题", files=letters.MIXED))
    reader.read()
    assert said(case)
    for word in ("秘密", "机密", ADDRESS, answers[:32], "发票"):
        assert word not in caplog.text


def test_no_mail_however_odd_stops_the_sorting(make: Factory, store: Store, reader: Reader) -> None:
    make.firm(sorts_mail=True)
    for raw in inbound.ODD.values():
        store.put(raw)
    store.put(letters.mail("最后一封", sender="last@customer.example"))
    reader.read()
    assert len(outcomes()) == len(inbound.ODD) + 1
    assert db.session.scalars(select(Letter.text).order_by(Letter.id.desc())).first() == "最后一封"


def test_a_restored_copy_takes_nothing(
    make: Factory, staff: complaints.Staff, store: Store, reader: Reader
) -> None:
    case, answers = told(make, staff)
    store.put(letters.mail("x", answers=answers))
    db.session.scalars(select(Firm)).one().mail_paused = True
    db.session.commit()
    reader.read()
    assert (said(case), store.commands) == ([], [])
