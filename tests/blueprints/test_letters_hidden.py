"""A mail that became feedback about somebody is not before that person any more: no list, page, form, file or step."""

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Attachment, Letter
from app.services import letters as services
from app.services.complaints import basics
from tests.blueprints.forms import send
from tests.blueprints.mails import fresh, put, record, replied, waiting
from tests.factories import Factory, complaints, letters

SECRET = "林晓雯在电话里骂人"


@pytest.fixture
def staff(make: Factory) -> complaints.Staff:
    make.firm(sorts_mail=True)
    basics.ensure(now=make.now)
    db.session.commit()
    return complaints.Staff(make)


def files_of(letter: Letter) -> list[int]:
    return list(db.session.scalars(select(Attachment.id).where(Attachment.form_key.like("letter-%"))))


@pytest.mark.parametrize("kind", ["complaint", "suggestion"])
def test_a_mail_about_somebody_is_not_there_for_him_once_it_is_recorded(
    make: Factory, staff: complaints.Staff, sign_in: Any, kind: str
) -> None:
    letter = waiting(make, text=SECRET, files=letters.MIXED)
    answer = record(sign_in(user=staff.colleague), letter, kind=kind, about=str(staff.service.id))
    assert answer.status_code == 302
    assert fresh(letter).feedback.about_user_id == staff.service.id
    person, colleague = sign_in(user=staff.service), sign_in(user=staff.colleague)
    for path in (f"/feedback/mails/{letter.id}", f"/feedback/new?letter={letter.id}"):
        assert colleague.get(path).status_code == 200, path
        assert person.get(path).status_code == 404, path
    for number in files_of(letter):
        with colleague.get(f"/attachments/{number}") as given:
            assert given.status_code == 200
        assert person.get(f"/attachments/{number}").status_code == 404
    for path in ("/feedback/mails", "/feedback/mails?show=aside"):
        assert SECRET not in person.get(path).text


def test_a_strangers_reply_that_was_set_aside_is_not_listed_for_whom_the_case_is_about(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case, thread = replied(make, staff, about_user_id=staff.colleague.id)
    raw = letters.mail(text=SECRET, subject=SECRET, answers=thread, sender="x <x@elsewhere.example>")
    letter = put_back(make, raw, staff)
    person, other = sign_in(user=staff.colleague), sign_in(user=staff.service)
    assert SECRET in other.get("/feedback/mails?show=aside").text
    assert SECRET not in person.get("/feedback/mails?show=aside").text
    assert person.get(f"/feedback/mails/{letter.id}").status_code == 404
    assert send(person, f"/feedback/mails/{letter.id}/back", page="/feedback/mails").status_code == 404
    assert fresh(letter).state == "discarded"
    assert case.feedback_id == letter.feedback_id


def put_back(make: Factory, raw: bytes, staff: complaints.Staff) -> Letter:
    letter = put(make, raw)
    assert letter.state == "shown"
    services.discard(letter, by=staff.service, now=make.now)
    db.session.commit()
    return letter
