"""The public form: what comes of it, what it refuses and keeps, and what programs meet there."""

import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.blueprints.intake import site
from app.extensions import db
from app.models import (
    Attachment,
    Complaint,
    Delivery,
    Feedback,
    PublicForm,
    Unit,
)
from app.services import attachments
from tests.blueprints.intake.people import Customer, Passing, count, on_disk, the
from tests.factories import Factory
from tests.factories import sent_files as sent
from tests.uploading import post_files

LATE: dict[str, Any] = {"seen": None, "key": ""}


def test_a_complaint_gets_number_link_and_confirmation(customer: Customer) -> None:
    answer = customer.send(occurred_on="2026-10-10", name="林女士", phone="138 0000 0000")
    assert answer.status_code == 303
    page = customer.browser.get(answer.location)
    assert "谢谢，我们已收到" in page.text
    assert "26-00001-0" in page.text
    # Three working days after Monday.
    assert "2026年10月15日 18:00" in page.text
    complaint = the(Complaint)
    told = complaint.feedback
    assert (told.channel, told.kind, told.language) == ("web", "complaint", "zh")
    assert (told.contact_name, told.contact_phone) == ("林女士", "138 0000 0000")
    assert (told.contact_email, str(told.occurred_on)) == ("lin@customer.example", "2026-10-10")
    assert told.recorded_by is None
    assert complaint.category.code == "category.other"
    assert [event.kind for event in complaint.events] == ["received", "acknowledged"]
    mail = the(Delivery)
    assert (mail.kind, mail.to_address, mail.template) == (
        "complaint",
        "lin@customer.example",
        "complaint_received",
    )
    assert set(mail.params) == {"feedback"}, "no link and no text lies in the outbox"


def test_a_unit_has_its_own_address(unit: Unit, client: FlaskClient, passing: Passing) -> None:
    at_west = Customer(client, passing, "/complain/west")
    assert "城西店" in client.get("/complain/west").text
    assert at_west.send().status_code == 303
    assert the(Feedback).unit_id == unit.id


@pytest.mark.parametrize("kind", ["suggestion", "praise", "question"])
def test_other_messages_open_no_case_but_have_a_page(customer: Customer, kind: str) -> None:
    page = customer.browser.get(customer.send(kind=kind).location)
    assert "我们已收到" in page.text
    assert "编号" not in page.text
    assert count(Complaint) == 0
    assert the(Delivery).template == "complaint_received"


def test_whoever_stays_anonymous_leaves_nothing(customer: Customer) -> None:
    answer = customer.send(anonymous="y", name="林女士", phone="138", email="lin@customer.example")
    assert answer.status_code == 303
    told = the(Feedback)
    assert (told.contact_name, told.contact_phone, told.contact_email) == ("", "", "")
    assert count(Delivery) == 0


@pytest.mark.parametrize("path", ["/complain", "/complain/west", "/complain/nobody", "/complain/%00", "/complain/" + "x" * 900])  # fmt: skip
def test_without_a_form_that_is_on_there_is_a_telephone_number(
    make: Factory, client: FlaskClient, path: str
) -> None:
    make.firm()
    for answer in (client.get(path), client.post(path, data={"content": "x"})):
        assert answer.status_code == 404
        assert "0571-5550 0136" in answer.text


def test_a_form_switched_off_or_of_a_closed_unit_takes_nothing(
    customer: Customer, unit: Unit, make: Factory
) -> None:
    unit.active = False
    make.save(unit)
    assert customer.browser.get("/complain/west").status_code == 404
    firm_form = db.session.scalars(select(PublicForm).where(PublicForm.address == "")).one()
    firm_form.active = False
    make.save(firm_form)
    db.session.rollback()
    assert customer.send().status_code == 404
    assert count(Feedback) == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"content": "  \n"}, "请写下事情经过"),
        ({"content": "长" * 5001}, "最多 5000 字"),
        ({"email": "", "phone": ""}, "请留下邮箱或电话"),
        ({"email": "not an address"}, "lin@example.com"),
        ({"occurred_on": "yesterday"}, "2026-10-12"),
        ({"occurred_on": "2026-10-13"}, "这个日期还没到"),
        ({"occurred_on": "9999-99-99"}, "2026-10-12"),
        ({"kind": "threat"}, "请选择要反映的类型"),
        ({"name": "长" * 121}, "最多 120 个字"),
        ({"phone": "1" * 41}, "最多 40 个字符"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_lost(
    customer: Customer, fields: dict[str, str], sentence: str
) -> None:
    given = {"content": "MARK-1", "name": "MARK-2", "phone": "MARK-3", "occurred_on": "2026-10-01"} | fields
    answer = customer.send(("a.pdf", sent.pdf()), **given)
    assert answer.status_code == 422
    assert sentence in answer.text
    for name in ("content", "name", "phone", "occurred_on"):
        assert (given[name].strip() or "<") in answer.text
    assert "a.pdf" in answer.text, "the file is kept"
    assert count(Feedback) == 0
    assert customer.send(content="又漏水").status_code == 303
    assert the(Attachment).feedback_id == the(Feedback).id


def test_another_language_takes_along_what_is_typed(customer: Customer) -> None:
    answer = customer.send(("a.png", sent.png()), query="?lang=en&typed", content="MARK")
    assert answer.status_code == 200
    assert "MARK" in answer.text
    assert "a.png" in answer.text
    assert "What happened?" in answer.text
    assert count(Feedback) == 0


def test_the_same_form_twice_is_one_case(customer: Customer) -> None:
    """T06: a double click, the way back, a form changed after it was sent."""
    first = customer.send(("a.png", sent.png()))
    stamp = customer.stamp
    for content in ("空调修好两天又漏水。请尽快上门。", "something else"):
        again = customer.send(("a.png", sent.png()), content=content)
        assert again.status_code == 303
        assert again.location.partition("?")[0] == first.location.partition("?")[0]
        assert "没有重复记录" in customer.browser.get(again.location).text
        assert customer.stamp == stamp
    assert (count(Complaint), count(Attachment), count(Delivery), len(on_disk())) == (1, 1, 1, 1)


def test_the_same_form_from_many_at_once_is_one_case(
    unit: Unit, app: Flask, client: FlaskClient, passing: Passing
) -> None:
    stamp = Customer(client, passing).stamp
    passing(3)
    db.session.rollback()
    answers: list[TestResponse] = []

    def press() -> None:
        data = {"issued": stamp, "kind": "complaint", "content": "漏水", "phone": "138"}
        answers.append(post_files(app.test_client(), "/complain", data, [("a.png", sent.png())]))

    # One form brings five files at most, whoever is first.
    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location.partition("?")[0] for answer in answers}) == 1
    assert count(Complaint) == 1
    db.session.rollback()
    kept = db.session.scalars(select(Attachment).where(Attachment.feedback_id.is_not(None))).one()
    assert kept.stored in on_disk()


@pytest.mark.parametrize(
    ("wait", "extra", "sentence"),
    [
        (0.2, {}, "请再点一次"),
        (3, {"website": "http://spam.example"}, "请再点一次"),
        (25 * 3600, {}, "请再点一次"),
        (3, {"issued": "forged"}, "页面打开太久"),
        (3, {"issued": ""}, "页面打开太久"),
    ],
)
def test_a_form_that_no_person_sent_is_shown_again(
    customer: Customer, wait: float, extra: dict[str, str], sentence: str
) -> None:
    """T14: and a person who was taken for one loses nothing."""
    answer = customer.send(wait=wait, **({"content": "MARK"} | extra))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "MARK" in answer.text
    assert count(Feedback) == 0
    assert customer.send().status_code == 303


def test_a_stamp_of_one_form_opens_no_other(customer: Customer) -> None:
    """T14."""
    customer.path = "/complain/west"
    assert customer.send().status_code == 422
    assert count(Feedback) == 0


def test_many_sendings_from_one_place_are_slowed_and_lose_nothing(
    unit: Unit, app: Flask, client: FlaskClient, passing: Passing
) -> None:
    """T14, T28."""
    most = site.SENDINGS[0].amount
    senders = [Customer(client, passing) for _ in range(most + 2)]
    codes = [
        one.send(email="", phone="138", wait=2 if n == 0 else 0, content=f"MARK-{n}")
        for n, one in enumerate(senders)
    ]
    assert [one.status_code for one in codes] == [303] * most + [429] * 2
    assert f"MARK-{most + 1}" in codes[-1].text
    assert count(Feedback) == most


def test_one_address_is_not_flooded_with_confirmations(
    unit: Unit, client: FlaskClient, passing: Passing
) -> None:
    """T28: anybody can type anybody's address; the case is opened all the same."""
    for _ in range(8):
        assert Customer(client, passing).send(wait=30).status_code == 303
    assert count(Complaint) == 8
    assert 1 <= count(Delivery) <= 6


@pytest.mark.parametrize("address", ["no-reply@customer.example", "mailer-daemon@customer.example", "survey@hengxin.example"])  # fmt: skip
def test_programs_and_ourselves_get_no_confirmation(customer: Customer, address: str) -> None:
    """T27."""
    assert customer.send(email=address).status_code == 303
    assert (count(Complaint), count(Delivery)) == (1, 0)


def test_another_site_cannot_send_the_form(customer: Customer) -> None:
    """T54."""
    customer.passing(3)
    data = {"issued": customer.stamp, "kind": "complaint", "content": "x", "phone": "1"}
    answer = customer.browser.post("/complain", data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert count(Feedback) == 0


def test_the_form_is_one_page_that_tells_nobody_where_it_came_from(customer: Customer) -> None:
    """T02, T59: no third party, no scripts beside our own file."""
    answer = customer.browser.get("/complain")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', answer.text) == []
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_without_room_text_is_taken_and_files_are_not(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T32, T60."""
    monkeypatch.setattr(attachments.files, "free_bytes", lambda _folder: 1000)
    answer = customer.send(("a.png", sent.png()))
    assert "目前无法接收文件" in answer.text
    assert customer.send().status_code == 303
    assert (count(Attachment), on_disk()) == (0, set())


@pytest.mark.parametrize("payload", ["<script>pwned()</script>", "{{7*7}}", "a\0b", "\u202eevil", "'; DROP TABLE feedback;--"])  # fmt: skip
def test_whatever_is_typed_is_text(customer: Customer, payload: str) -> None:
    """T55."""
    page = customer.browser.get(customer.send(content=payload, name=payload).location)
    assert "<script>pwned" not in page.text
    assert the(Feedback).content == payload.replace("\0", " ")
