"""A case about which a mail has left, and what the customer's answers became."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, Delivery, InboundMail, Letter
from app.queries import letters as queries
from app.rules.complaints import Channel, State
from app.services import complaints as services
from tests.factories import Factory, complaints

ADDRESS = "li@customer.example"


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
