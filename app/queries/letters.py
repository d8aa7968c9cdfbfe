"""Mails of customers: what one belongs to, those to be sorted, and those of a case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, Contact, Customer, Delivery, Feedback, Firm, Letter, User
from app.queries.complaints import cases, feedback
from app.queries.complaints.feedback import case_of
from app.queries.paging import Page, page_of
from app.queries.users import LARGEST_ID
from app.rules import inbound
from app.rules.letters import Match, State
from app.rules.links import derived_key

OFFERED = 6


@dataclass(frozen=True)
class Aim:
    """What a mail belongs to. `known`: who wrote it is the complainant, a contact of his, or whom we had written to."""

    feedback: Feedback
    complaint: Complaint | None
    matched_by: Match
    known: bool


def thread_of(delivery: Delivery) -> str:
    """The local part of the Message-ID of a mail about somebody's feedback."""
    assert delivery.feedback_id is not None
    return f"{delivery.message_id}.{inbound.proof(_key(), delivery.message_id, delivery.feedback_id)}"


def _key() -> bytes:
    return derived_key(current_app.config["SECRET_KEY"], "mail-threads")


def aim_of(threads: Sequence[inbound.Thread], subject: str, sender: str) -> Aim | None:
    """What a mail belongs to: by a Message-ID of ours, else by the number of a case whose parties the sender is one of."""
    delivery = _delivery_of(threads)
    if delivery is not None and delivery.feedback_id is not None:
        feedback = db.session.get_one(Feedback, delivery.feedback_id)
        known = sender in _parties(feedback) | {delivery.to_address.strip().lower()}
        return Aim(feedback, case_of(feedback), Match.REPLY, known)
    for number in inbound.numbers_in(subject):
        complaint = db.session.scalar(select(Complaint).where(Complaint.number == number))
        if complaint is not None and sender in _parties(complaint.feedback):
            return Aim(complaint.feedback, complaint, Match.NUMBER, True)
    return None


def is_ours(threads: Sequence[inbound.Thread]) -> bool:
    """Whether one of these Message-IDs was made here."""
    return _delivery_of(threads) is not None


def _delivery_of(threads: Sequence[inbound.Thread]) -> Delivery | None:
    """The first one whose proof is right; a mark alone, as it stands in the database, is worth nothing."""
    if not threads:
        return None
    rows = db.session.scalars(select(Delivery).where(Delivery.message_id.in_([mark for mark, _ in threads])))
    by_mark = {row.message_id: row for row in rows}
    for thread in threads:
        row = by_mark.get(thread[0])
        if (
            row is not None
            and row.feedback_id is not None
            and inbound.proves(_key(), thread, row.feedback_id)
        ):
            return row
    return None


def _parties(feedback: Feedback) -> set[str]:
    addresses = [feedback.contact_email]
    if feedback.customer_id is not None:
        addresses += db.session.scalars(
            select(Contact.email).where(Contact.customer_id == feedback.customer_id)
        )
    return {one.strip().lower() for one in addresses if one.strip()}


def own_addresses() -> frozenset[str]:
    """The addresses by which the firm writes."""
    firm = db.session.scalar(select(Firm).limit(1))
    own = (firm.sender_address, firm.reply_address) if firm else ()
    return frozenset(one.strip().lower() for one in own if one.strip())


def sorts_by_hand() -> bool:
    """Whether mails that belong to nothing are put before customer service."""
    return bool(db.session.scalar(select(Firm.sorts_mail).limit(1)))


def visible_to(user: User) -> Select[Letter]:
    """Mails before those who sort them: what belongs to feedback that somebody may not read is not there for him."""
    seen = feedback.visible_to(user).where(Feedback.id == Letter.feedback_id).correlate(Letter)
    return select(Letter).where(or_(Letter.feedback_id.is_(None), seen.exists()))


def count_waiting(user: User | None = None) -> int:
    """How many wait to be sorted: by this user, or in all."""
    found = (select(Letter) if user is None else visible_to(user)).where(Letter.state == State.WAITING)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def listed(user: User, state: State, *, page: int) -> Page[Letter]:
    """One page of mails in a state: those that wait by age, others the latest first."""
    order = (Letter.received_at, Letter.id)
    if state is not State.WAITING:
        order = (Letter.received_at.desc(), Letter.id.desc())  # type: ignore[assignment]
    found = visible_to(user).where(Letter.state == state).options(selectinload(Letter.files))
    return page_of(found.order_by(*order), number=page)


def get_unsorted(user: User, letter_id: int) -> Letter:
    """A mail that belongs to no case. Raises `Missing`."""
    wanted = visible_to(user).where(Letter.id == letter_id)
    found = db.session.scalar(wanted) if letter_id <= LARGEST_ID else None
    if found is None or found.state not in (State.WAITING, State.RECORDED, State.ADDED, State.DISCARDED):
        raise Missing("letter")
    if found.state == State.ADDED and found.matched_by != Match.HAND:
        raise Missing("letter")
    return found


def of_case(complaint: Complaint) -> Sequence[Letter]:
    """The mails of a case, the oldest first."""
    mine = select(Letter).where(Letter.feedback_id == complaint.feedback_id)
    return db.session.scalars(
        mine.options(selectinload(Letter.files)).order_by(Letter.received_at, Letter.id)
    ).all()


def of_case_one(complaint: Complaint, letter_id: int) -> Letter:
    """One of them. Raises `Missing`."""
    found = db.session.get(Letter, letter_id) if letter_id <= LARGEST_ID else None
    if found is None or found.feedback_id != complaint.feedback_id:
        raise Missing("letter")
    return found


def not_arrived(complaint: Complaint) -> Sequence[Delivery]:
    """Our mails of this case that did not reach the customer."""
    lost = Delivery.state.in_(("failed", "bounced"))
    mine = select(Delivery).where(Delivery.feedback_id == complaint.feedback_id, lost)
    return db.session.scalars(mine.order_by(Delivery.id)).all()


def customers_of(address: str) -> Sequence[Customer]:
    """Customers one of whose contacts has this address."""
    if not address:
        return []
    inside = select(Contact.customer_id).where(func.lower(func.trim(Contact.email)) == address)
    statement = select(Customer).where(Customer.id.in_(inside)).order_by(Customer.name).limit(OFFERED)
    return db.session.scalars(statement.options(selectinload(Customer.contacts))).all()


def open_cases_of(user: User, address: str, customers: Collection[int]) -> Sequence[Complaint]:
    """Cases a mail of this sender may belong to, the latest first, of those the user sees."""
    mine = func.lower(Feedback.contact_email) == address
    found = cases.visible_to(user).join(Feedback, Feedback.id == Complaint.feedback_id)
    found = found.where(mine | Complaint.customer_id.in_(customers) if customers else mine)
    newest = found.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(OFFERED)
    return db.session.scalars(newest.options(joinedload(Complaint.feedback))).all()
