"""The persons at a customer: whom we may write to, and who does not want it."""

from dataclasses import dataclass
from datetime import datetime

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Contact, Customer, User
from app.queries import customers as queries
from app.services import audit
from app.services.addresses import taken_to_be_right
from app.services.customers.register import touch


@dataclass(frozen=True)
class ContactFacts:
    """What staff can say about a contact. `language` "" means the firm's."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    is_primary: bool = False
    opted_out: bool = False


def add_contact(customer: Customer, facts: ContactFacts, *, by: User, now: datetime) -> Contact:
    """Add a contact; the first one is the primary one."""
    contact = Contact(is_primary=not customer.contacts)
    customer.contacts.append(contact)
    _apply(customer, contact, facts, now)
    touch(customer, now=now)
    audit.record("contact.added", kind="contact", object_id=contact.id, by=by, now=now)
    return contact


def edit_contact(
    customer: Customer, contact: Contact, facts: ContactFacts, *, version: int, by: User, now: datetime
) -> Contact:
    """Change a contact. A new address is taken to be right; an opt-out stays with the person.

    `version` is the customer's, as the form showed it; raises `Stale`.
    """
    if customer.version != version:
        raise Stale("customer_changed")
    was_out = contact.opted_out_at is not None
    if contact.email.casefold() != facts.email.casefold():
        _trust(contact, now)
    _apply(customer, contact, facts, now)
    touch(customer, now=now)
    action = "contact.changed"
    if was_out != facts.opted_out:
        action = "contact.opted_out" if facts.opted_out else "contact.opted_in"
    audit.record(action, kind="contact", object_id=contact.id, by=by, now=now)
    return contact


def remove_contact(customer: Customer, contact: Contact, *, by: User, now: datetime) -> None:
    """Remove a contact. Refused: contact_invited, contact_opted_out (both have to be remembered)."""
    if contact.opted_out_at is not None:
        raise Refused("contact_opted_out")
    if queries.has_invitations(contact):
        raise Refused("contact_invited")
    audit.record("contact.removed", kind="contact", object_id=contact.id, by=by, now=now)
    customer.contacts.remove(contact)
    if contact.is_primary and customer.contacts:
        customer.contacts[0].is_primary = True
    touch(customer, now=now)


def trust_address(customer: Customer, contact: Contact, *, by: User, now: datetime) -> None:
    """The address is right again after all: mails may go there."""
    if contact.address_state == "ok":
        return
    _trust(contact, now)
    touch(customer, now=now)
    audit.record("contact.address_trusted", kind="contact", object_id=contact.id, by=by, now=now)


def _trust(contact: Contact, now: datetime) -> None:
    for name, value in taken_to_be_right(now).items():
        setattr(contact, name, value)


def _apply(customer: Customer, contact: Contact, facts: ContactFacts, now: datetime) -> None:
    contact.name, contact.email, contact.phone = facts.name, facts.email, facts.phone
    contact.language = facts.language
    if facts.opted_out != (contact.opted_out_at is not None):
        contact.opted_out_at = now if facts.opted_out else None
    if facts.is_primary:
        for other in customer.contacts:
            other.is_primary = other is contact
    db.session.flush()
