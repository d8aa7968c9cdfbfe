"""What mails bring along, what they are made of, and that each is taken in once: nothing lost, nothing kept too long."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import clock
from app.extensions import db
from app.jobs.mailbox import Reader
from app.jobs.runner import transaction
from app.models import Attachment, Delivery, Feedback, Firm, Letter
from app.queries import letters as queries
from app.services import attachments
from app.services import letters as letter_services
from tests.factories import Factory, complaints, inbound, letters
from tests.imap_server import Store
from tests.jobs.told import ADDRESS, outcomes, said, states, told


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
