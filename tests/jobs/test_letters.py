"""Mails of customers through the reading of the mailbox: each into its case once, and nothing for those who only guess."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import clock
from app.adapters.mail.kept import KeptMail
from app.extensions import db
from app.jobs.mailbox import Reader
from app.jobs.runner import transaction
from app.models import Delivery, Letter
from app.queries import letters as queries
from app.rules.complaints import Channel, State
from app.rules.throttle import LETTERS
from app.services import complaints as services
from app.services import letters as letter_services
from app.services import sending
from tests.factories import Factory, complaints, letters
from tests.imap_server import Store
from tests.jobs.told import ADDRESS, message_id, outcomes, said, states, told


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
    """Case 7 of the workflows."""
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
    """Case 12 of the workflows."""
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
    """Case 12 of the workflows."""
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


def test_a_mail_that_is_kept_instead_of_sent_is_found_by_its_mark(
    make: Factory, staff: complaints.Staff, tmp_path: Path
) -> None:
    case, answers = told(make, staff)
    row = db.session.scalars(select(Delivery).where(Delivery.feedback_id == case.feedback_id)).one()
    (mail,) = sending.prepare([row.id], now=make.now)
    assert mail.problem == ""
    assert f"Message-ID: <{answers}>".encode() in mail.message
    assert f"References: <t.{answers}>".encode() in mail.message
    kept = KeptMail(tmp_path)
    kept.send_data(mail.message)
    found = kept.read(row.message_id)
    assert found is not None
    assert "我们想约个时间" in found.text
