"""Whether mail reaches a contact's address: what is known of it, since when, and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.extensions import db
from app.models import Contact, Delivery, Invitation
from app.services import audit

# Everything that is known of an address; whoever brings in another address writes all of them.
ADDRESS_FIELDS = ("address_state", "address_reason", "address_note", "address_since")


def taken_to_be_right(now: datetime) -> dict[str, Any]:
    """What is known of an address that somebody has just given or confirmed."""
    return {"address_state": "ok", "address_reason": "", "address_note": "", "address_since": now}


def found_bad(delivery_id: int, *, reason: str, words: str, now: datetime) -> int | None:
    """Mark the address that a delivery went to, while its contact still has it. Returns the contact's id.

    `reason` is a code, `words` what a server said. None when nothing had to be marked.
    """
    owner, tried = db.session.execute(
        select(Invitation.contact_id, Delivery.to_address)
        .select_from(Delivery)
        .outerjoin(Invitation, Invitation.id == Delivery.invitation_id)
        .where(Delivery.id == delivery_id)
    ).one()
    marked: int | None = db.session.scalar(
        update(Contact)
        .where(Contact.id == owner, func.trim(Contact.email) == tried, Contact.address_state != "bad")
        .values(address_state="bad", address_reason=reason, address_note=words, address_since=now)
        .returning(Contact.id)
        .execution_options(synchronize_session="fetch")
    )
    if marked is not None:
        audit.record("contact.address_bad", kind="contact", object_id=marked, by=None, now=now, reason=reason)
    return marked
