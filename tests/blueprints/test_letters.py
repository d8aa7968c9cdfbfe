"""Mails before a person: recorded, added to a case, or set aside; each once, and nothing for those who may not see it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Attachment, AuditEntry, Complaint, Delivery, Feedback
from app.queries import letters as queries
from app.rules.complaints import State
from app.rules.inbound import contents_of, judge
from app.services import letters as letter_services
from app.services.complaints import basics
from app.services.letters import Parcel
from tests.blueprints.cases import stored
from tests.blueprints.forms import fields_of, send, token
from tests.blueprints.mails import ADDRESS, fresh, mails_to, record, waiting
from tests.factories import Factory, complaints, letters


@pytest.fixture
def staff(make: Factory) -> complaints.Staff:
    make.firm(sorts_mail=True)
    basics.ensure(now=make.now)
    return complaints.Staff(make)


def test_a_mail_is_recorded_as_a_complaint_and_only_then_confirmed(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    customer = make.customer(email="Li@Customer.example")
    letter = waiting(make, files=letters.MIXED)
    client = sign_in(user=staff.service)
    assert "空调漏水" in client.get("/feedback/mails").text
    assert mails_to(ADDRESS) == []
    answer = record(client, letter)
    assert answer.status_code == 302
    case = db.session.scalars(select(Complaint)).one()
    entry = case.feedback
    assert (entry.channel, entry.contact_email, entry.customer_id) == ("email", ADDRESS, customer.id)
    assert (entry.content, entry.received_at) == ("空调第三次漏水，请派人来。", letter.received_at)
    assert mails_to(ADDRESS) == ["complaint_received"]
    assert "acknowledged" in [event.kind for event in case.events]
    assert [one.feedback_id for one in db.session.scalars(select(Attachment))] == [entry.id]
    assert (fresh(letter).state, letter.feedback_id) == ("recorded", entry.id)
    assert "空调漏水" not in client.get("/feedback/mails").text
    page = client.get(f"/complaints/{case.id}").text
    assert "发票.pdf" in page


def test_nothing_is_sent_if_nobody_wants_it(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    letter = waiting(make)
    client = sign_in(user=staff.service)
    fields = fields_of(client.get(f"/feedback/new?letter={letter.id}").text, "feedback-form")
    fields.pop("acknowledged")
    client.post(
        "/feedback/new", data=fields | {"category": [str(complaints.category().id)], "kind": ["praise"]}
    )
    assert mails_to(ADDRESS) == []
    assert db.session.scalars(select(Feedback.kind)).one() == "praise"


def test_a_forged_sender_gets_no_more_than_what_a_person_sends(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    client = sign_in(user=staff.service)
    for number in range(8):
        record(client, waiting(make, subject=f"{number}"))
    assert db.session.scalar(select(func.count(Feedback.id))) == 8
    assert mails_to(ADDRESS).count("complaint_received") <= 5
    told = [event.kind for case in db.session.scalars(select(Complaint)) for event in case.events]
    assert told.count("acknowledged") == mails_to(ADDRESS).count("complaint_received"), (
        "the clock knows who was told"
    )


@pytest.mark.parametrize(
    "address", ["noreply@shop.example", "survey@hengxin.example", "a@b.invalid", "nobody"]
)
def test_programs_and_nowhere_are_never_written_to(
    make: Factory, staff: complaints.Staff, sign_in: Any, address: str
) -> None:
    letter = waiting(make, sender="Li <li@customer.example>")
    letter.sender = address
    db.session.commit()
    answer = record(sign_in(user=staff.service), letter)
    db.session.rollback()
    assert answer.status_code in (302, 422)
    assert db.session.scalar(select(func.count(Delivery.id))) == 0


def test_the_second_click_records_nothing_twice(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    letter = waiting(make)
    client = sign_in(user=staff.service)
    page = client.get(f"/feedback/new?letter={letter.id}").text
    fields = fields_of(page, "feedback-form") | {"category": [str(complaints.category().id)]}
    answers = [client.post("/feedback/new", data=fields).status_code for _ in range(3)]
    assert answers == [302, 302, 302]
    db.session.rollback()
    assert db.session.scalar(select(func.count(Feedback.id))) == 1
    assert mails_to(ADDRESS) == ["complaint_received"]


def test_of_two_who_sort_at_once_one_is_told_and_loses_nothing(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    letter = waiting(make)
    first, second = sign_in(user=staff.service), sign_in(user=staff.colleague)
    page = second.get(f"/feedback/new?letter={letter.id}").text
    fields = fields_of(page, "feedback-form") | {
        "category": [str(complaints.category().id)],
        "content": ["我打的字"],
    }
    moves = {name: token(second, f"/feedback/mails/{letter.id}") for name in ("add", "aside")}
    record(first, letter)
    late = second.post("/feedback/new", data=fields)
    assert late.status_code == 409
    assert "我打的字" in late.text
    assert "A colleague has sorted this mail meanwhile" in late.text
    for name, key in moves.items():
        answer = second.post(
            f"/feedback/mails/{letter.id}/{name}", data={"csrf_token": key, "number": stored_number()}
        )
        assert answer.status_code == 409, name
    assert db.session.scalar(select(func.count(Feedback.id))) == 1


def stored_number() -> str:
    db.session.rollback()
    return db.session.scalars(select(Complaint.number)).one()


def test_a_mail_is_added_to_a_case_that_is_offered_or_typed(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case = complaints.brought_to(make, staff, State.WAITING, contact_email=ADDRESS)
    client = sign_in(user=staff.service)
    first, second = waiting(make), waiting(make, sender="wang@elsewhere.example", files=letters.MIXED[:1])
    page = client.get(f"/feedback/mails/{first.id}").text
    assert case.number in page
    send(client, f"/feedback/mails/{first.id}/add", page=f"/feedback/mails/{first.id}", case=str(case.id))
    answer = send(
        client,
        f"/feedback/mails/{second.id}/add",
        page=f"/feedback/mails/{second.id}",
        number=case.number.replace("-", ""),
    )
    assert answer.headers["Location"] == f"/complaints/{case.id}"
    case = stored(case.id)
    assert [event.by_id for event in case.events if event.kind == "added"] == [staff.service.id] * 2
    assert case.state == "in_progress", "it goes on as if he had called"
    assert [
        one.name
        for one in db.session.scalars(select(Attachment).where(Attachment.feedback_id == case.feedback_id))
    ]
    assert (fresh(first).state, fresh(second).state) == ("added", "added")
    assert mails_to(ADDRESS) == ["complaint_told"], "only what waiting had asked before"


@pytest.mark.parametrize("number", ["", "26-00042-1", "no number", "９" * 40, "26-99999-9"])
def test_a_wrong_number_is_said_and_kept(
    make: Factory, staff: complaints.Staff, sign_in: Any, number: str
) -> None:
    letter = waiting(make)
    page = f"/feedback/mails/{letter.id}"
    answer = send(sign_in(user=staff.service), f"{page}/add", page=page, number=number)
    assert answer.status_code == 422
    assert "There is no case with this number" in answer.text
    assert number in answer.text
    assert fresh(letter).state == "waiting"


def test_a_case_about_oneself_takes_no_mail(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    case = complaints.case(make, about_user_id=staff.service.id, contact_email=ADDRESS)
    letter = waiting(make)
    page = f"/feedback/mails/{letter.id}"
    client = sign_in(user=staff.service)
    assert case.number not in client.get(page).text
    assert send(client, f"{page}/add", page=page, number=case.number).status_code == 422
    assert send(client, f"{page}/add", page=page, case=str(case.id)).status_code == 422


def test_a_mail_is_set_aside_and_taken_back(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    letter, client = waiting(make, text="<script>alert(1)</script>低价发票"), sign_in(user=staff.service)
    page = f"/feedback/mails/{letter.id}"
    assert "<script>alert" not in client.get(page).text
    assert send(client, f"{page}/aside", page=page).status_code == 302
    assert fresh(letter).state == "discarded"
    assert "空调漏水" in client.get("/feedback/mails?show=aside").text
    assert client.get(f"/feedback/new?letter={letter.id}").status_code == 200
    send(client, f"{page}/back", page=page)
    assert fresh(letter).state == "waiting"
    actions = list(
        db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.object_kind == "letter").order_by(AuditEntry.id)
        )
    )
    assert actions == ["letter.discarded", "letter.waiting"]
    assert db.session.scalar(select(func.count(Delivery.id))) == 0


@pytest.mark.parametrize(
    "role", ["administrator", "management", "marketing", "department", "interviewer", "viewer"]
)
def test_only_customer_service_reads_them(
    make: Factory, staff: complaints.Staff, sign_in: Any, role: str
) -> None:
    letter = waiting(make, files=letters.MIXED)
    client = sign_in(role)
    for path in ("/feedback/mails", f"/feedback/mails/{letter.id}", f"/feedback/new?letter={letter.id}"):
        assert client.get(path).status_code == 403, path
    file = db.session.scalars(select(Attachment)).one()
    assert client.get(f"/attachments/{file.id}").status_code in (403, 404)


def test_the_administrator_switches_it_and_sees_no_mail(make: Factory, sign_in: Any) -> None:
    make.firm(sorts_mail=False)
    client = sign_in("administrator")
    send(client, "/settings/public-forms/mails", page="/settings/public-forms", active="y")
    assert queries.sorts_by_hand()
    for _ in range(2):
        send(client, "/settings/public-forms/mails", page="/settings/public-forms", active="")
    db.session.rollback()
    assert not queries.sorts_by_hand()
    actions = list(
        db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.like("firm.mail%")).order_by(AuditEntry.id)
        )
    )
    assert actions == ["firm.mail_sorting_on", "firm.mail_sorting_off"]


def test_home_says_that_mails_wait(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    waiting(make)
    assert "One mail waits to be sorted" in sign_in(user=staff.service).get("/").text
    assert "waits to be sorted" not in sign_in(user=staff.manager).get("/").text


def test_the_page_of_a_mail_that_was_sorted_leads_on(
    make: Factory, staff: complaints.Staff, sign_in: Any, app: Flask
) -> None:
    letter = waiting(make)
    client = sign_in(user=staff.service)
    record(client, letter)
    page = client.get(f"/feedback/mails/{letter.id}").text
    assert "This mail is sorted" in page
    assert client.get("/feedback/mails/999").status_code == 404
    assert client.get("/feedback/new?letter=999").status_code == 404


def test_the_parcel_of_an_automatic_mail_brings_nothing() -> None:
    judged = judge(letters.mail(files=letters.MIXED, **letters.AUTOMATIC["rfc3834"]))
    assert judged.letter is not None
    assert letter_services.pack(judged.letter, judged.kind, room=5) == Parcel(
        contents_of(judged.letter), [], []
    )
