"""Mails that were read, and a person who does something with them."""

import hashlib
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs.runner import transaction
from app.models import Complaint, Delivery, Letter
from app.queries import letters as queries
from app.rules.complaints import Channel, State
from app.rules.inbound import judge
from app.services import complaints as services
from app.services import letters as letter_services
from tests.blueprints.forms import fields_of
from tests.factories import Factory, complaints, letters
from tests.html import parse

ADDRESS = "li@customer.example"


def put(make: Factory, raw: bytes, *, at: Any = None) -> Letter:
    """A mail that was read just now."""
    judged = judge(raw)
    assert judged.letter is not None
    room = letter_services.room_for(judged.letter, judged.kind)
    assert room is not None
    parcel = letter_services.pack(judged.letter, judged.kind, room=room)
    when = at or clock.now()
    digest = hashlib.sha256(str(make.number()).encode()).hexdigest()
    with transaction():
        letter_services.receive(judged.letter, judged.kind, parcel, digest=digest, arrived=when, now=when)
    return db.session.scalars(select(Letter).where(Letter.digest == digest)).one()


def waiting(make: Factory, **fields: Any) -> Letter:
    return put(make, letters.mail(**({"text": "空调第三次漏水，请派人来。", "subject": "空调漏水"} | fields)))


def fresh(letter: Letter) -> Letter:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Letter, letter.id)


def record(client: FlaskClient, letter: Letter, **typed: Any) -> Any:
    """Fill in the form of feedback as it is offered for a mail, and send it."""
    page = f"/feedback/new?letter={letter.id}"
    fields = fields_of(client.get(page).text, "feedback-form")
    sent = (
        fields
        | {"category": [str(complaints.category().id)]}
        | {key: [value] for key, value in typed.items()}
    )
    answer = client.post("/feedback/new", data=sent)
    db.session.rollback()
    return answer


def mails_to(address: str) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Delivery.template).where(Delivery.to_address == address)))


def replied(
    make: Factory, staff: complaints.Staff, state: State = State.IN_PROGRESS, **fields: Any
) -> tuple[Complaint, str]:
    case = complaints.brought_to(make, staff, state, **({"contact_email": ADDRESS} | fields))
    services.reply(
        case, text="您好", channel=Channel.EMAIL, at=None, seen=None, key="", by=staff.service, now=make.now
    )
    db.session.commit()
    row = db.session.scalars(
        select(Delivery).where(Delivery.feedback_id == case.feedback_id).order_by(Delivery.id.desc())
    ).first()
    assert row is not None
    return case, f"{queries.thread_of(row)}@localhost"


def press(client: FlaskClient, page: str, case: Complaint, name: str) -> Any:
    """Press the first button of a shortcut as it stands on the page."""
    form = next(
        one for one in parse(page).iter("form")
        if one.get("action") == f"/complaints/{case.id}/{name}" and "inline" in (one.get("class") or "")
    )  # fmt: skip
    data = {one.get("name"): one.get("value", "") for one in form.iter("input")}
    return client.post(f"/complaints/{case.id}/{name}", data=data)
