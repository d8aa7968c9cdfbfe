"""Mails about complaints: to whom, with what, and what they never repeat."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Firm
from app.rules.clocks import Party
from app.rules.complaints import Channel, Kind, State
from app.services import complaints
from app.services.sending.composing import render
from tests.blueprints.intake.people import Opens, Passing, mails
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff

LATE: dict[str, Any] = {"seen": None, "key": ""}


def firm() -> Firm:
    return db.session.scalars(select(Firm)).one()


def test_replies_and_questions_reach_the_customer_by_mail(opens: Opens, staff: Staff, app: Flask) -> None:
    holder = opens(State.IN_PROGRESS)
    late = {"by": staff.handler, "now": clock.now()} | LATE
    complaint = holder.case()
    complaints.reply(complaint, text="周三上门。", channel=Channel.EMAIL, at=None, **late)
    complaints.reply(complaint, text="BY-PHONE", channel=Channel.PHONE, at=None, **late)
    complaints.note(complaint, text="NOTE", **late)
    complaints.wait(
        complaint, party=Party.CUSTOMER, what="请发照片", until=clock.now() + timedelta(days=2), **late
    )
    complaints.resume(complaint, reason="INSIDE", **late)
    complaints.resolve(complaint, resolution=made.RESOLUTION, told=Channel.EMAIL, **late)
    db.session.commit()
    sent_mails = mails()
    assert {one.to_address for one in sent_mails} == {"lin@customer.example"}
    with app.test_request_context():
        texts = [render(one, firm()) for one in sent_mails]
    assert [
        ("周三上门" in t["text"], "请发照片" in t["text"], "水泵已经更换" in t["text"]) for t in texts
    ] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    for text in texts:
        assert holder.path in text["text"]
        assert holder.path in text["html"]
        assert "26-00001-0" in text["subject"]
        assert not {"INSIDE", "NOTE", "BY-PHONE"} & set(text["text"].split())
    assert "Solved or not?" in texts[2]["html"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_the_confirmation_repeats_nothing_that_was_typed(
    make: Factory, app: Flask, kind: Kind, language: str, passing: Passing
) -> None:
    """T28: else anybody could have us send his words to a stranger."""
    feedback = made.record(
        make,
        kind=kind,
        content="BUY-NOW",
        contact_name="BUY-NOW",
        contact_email="x@customer.example",
        language=language,
    )
    assert complaints.acknowledge(feedback, now=NOW)
    db.session.commit()
    with app.test_request_context():
        text = render(mails()[0], firm())
    assert "BUY-NOW" not in "".join(text.values())
    assert "/c/" in text["text"]
    assert ("感谢您告诉我们" in text["text"]) is (language == "zh")


def test_mail_goes_to_the_only_contact_of_a_customer_on_record(make: Factory, staff: Staff) -> None:
    customer = make.customer(email="only@customer.example")
    complaint = made.brought_to(make, staff, State.IN_PROGRESS, customer_id=customer.id)
    complaints.reply(
        complaint, text="您好", channel=Channel.EMAIL, at=None, by=staff.handler, now=clock.now(), **LATE
    )
    db.session.commit()
    assert [one.to_address for one in mails()] == ["only@customer.example"]
