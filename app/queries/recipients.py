"""Who gets a survey: one contact for each customer, and why the others get nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.adapters.mail import bad_address
from app.extensions import db
from app.models import Contact, Customer, Firm, Invitation, Survey
from app.queries.segments import select_customers
from app.rules.segments import NEW_DAYS

# In the order in which they are looked at.
REASONS = (
    "do_not_contact",
    "no_address",
    "opted_out",
    "undeliverable",
    "bad_address",
    "fatigued",
    "duplicate_address",
)
CHUNK = 1000


@dataclass(frozen=True)
class Candidate:
    """One customer of the segment. `reason` is "" when the contact gets the survey."""

    customer: Customer
    contact: Contact | None
    reason: str


@dataclass
class DryRun:
    """What a launch would do now. `excluded` counts by reason, in the order of `REASONS`.

    `rested_from` and `rested_by` are when the first and the last of the `fatigued` may be asked again.
    """

    included: int = 0
    already_invited: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    languages: set[str] = field(default_factory=set)
    rested_from: datetime | None = None
    rested_by: datetime | None = None

    def rest(self, until: datetime) -> None:
        """Take one more person into account who rests until then."""
        self.rested_from = min(self.rested_from or until, until)
        self.rested_by = max(self.rested_by or until, until)

    @property
    def excluded_total(self) -> int:
        """How many get nothing."""
        return sum(self.excluded.values())


def candidates(survey: Survey, *, now: datetime) -> Iterator[Candidate]:
    """Every customer of the survey's segment with the contact chosen, ordered by customer id.

    A contact already invited to this survey is passed over without a reason of its own (`invited`).
    """
    firm = db.session.scalars(select(Firm)).one()
    if survey.segment_id is None or survey.segment is None:
        return
    invited = set(db.session.scalars(select(Invitation.customer_id).where(Invitation.survey_id == survey.id)))
    seen = set(
        db.session.scalars(
            select(Contact.email)
            .join(Invitation, Invitation.contact_id == Contact.id)
            .where(Invitation.survey_id == survey.id)
        )
    )
    seen = {address.strip().lower() for address in seen}
    since = now - timedelta(days=firm.fatigue_days)
    for customer in _customers(survey.segment.filters, local_date(firm, now)):
        if customer.id in invited:
            yield Candidate(customer, None, "invited")
            continue
        contact, reason = choose_contact(customer, since)
        address = contact.email.strip().lower() if contact else ""
        if not reason and address in seen:
            reason = "duplicate_address"
        if not reason:
            seen.add(address)
        yield Candidate(customer, contact, reason)


def choose_contact(customer: Customer, fatigue_since: datetime) -> tuple[Contact | None, str]:
    """The contact who is asked, or the reason of the one who came nearest to it.

    Primary contacts come first; one that can't be asked gives way to the next who can.
    """
    if customer.do_not_contact:
        return None, "do_not_contact"
    order = sorted(customer.contacts, key=lambda c: (not c.is_primary, c.id))
    nearest: tuple[Contact | None, str] = (None, "no_address")
    for contact in order:
        reason = _reason(contact, fatigue_since)
        if not reason:
            return contact, ""
        if nearest[1] == "no_address":
            nearest = (contact, reason)
    return nearest


def rests_until(candidate: Candidate, firm: Firm) -> datetime | None:
    """When somebody who was asked only recently may be asked again; None for all others."""
    if (
        candidate.reason != "fatigued"
        or candidate.contact is None
        or candidate.contact.last_invited_at is None
    ):
        return None
    return candidate.contact.last_invited_at + timedelta(days=firm.fatigue_days)


def dry_run(survey: Survey, *, now: datetime) -> DryRun:
    """Count what a launch would do."""
    firm = db.session.scalars(select(Firm)).one()
    result = DryRun(excluded=dict.fromkeys(REASONS, 0))
    for candidate in candidates(survey, now=now):
        if candidate.reason == "invited":
            result.already_invited += 1
        elif candidate.reason:
            result.excluded[candidate.reason] += 1
            if (until := rests_until(candidate, firm)) is not None:
                result.rest(until)
        elif candidate.contact is not None:
            result.included += 1
            result.languages.add(candidate.contact.language or firm.language)
    result.excluded = {reason: count for reason, count in result.excluded.items() if count}
    return result


def profile_of(customer: Customer, today: date) -> dict[str, Any]:
    """The customer as he is today, kept with the invitation."""
    return {
        "kind": customer.kind,
        "region": customer.region,
        "size": customer.size,
        "lines": [line.line for line in customer.lines],
        "unit_id": customer.unit_id,
        "key_account": customer.key_account,
        "tenure": tenure_of(customer.customer_since, today),
    }


def tenure_of(since: date | None, today: date) -> str:
    """Whether a customer of that day is "new" or "old" today."""
    return "new" if since is not None and today - since <= timedelta(days=NEW_DAYS) else "old"


def stratum_of(customer: Customer) -> str:
    """Region and kind, the coarse layer that every firm has."""
    return f"{customer.region}|{customer.kind}"[:160]


def local_date(firm: Firm, now: datetime) -> date:
    """The firm's date."""
    return now.astimezone(ZoneInfo(firm.timezone)).date()


def _reason(contact: Contact, fatigue_since: datetime) -> str:
    if not contact.email.strip():
        return "no_address"
    if contact.opted_out_at is not None:
        return "opted_out"
    if contact.address_state == "bad":
        return "undeliverable"
    if bad_address(contact.email):
        return "bad_address"
    if contact.last_invited_at is not None and contact.last_invited_at > fatigue_since:
        return "fatigued"
    return ""


def _customers(filters: dict[str, Any], today: date) -> Iterable[Customer]:
    """In chunks by id, so that a hundred thousand customers do not lie in memory at once."""
    last = 0
    chosen = (
        select_customers(filters, today=today).order_by(Customer.id).options(selectinload(Customer.contacts))
    )
    while True:
        chunk: Sequence[Any] = db.session.scalars(chosen.where(Customer.id > last).limit(CHUNK)).all()
        yield from chunk
        if len(chunk) < CHUNK:
            return
        last = chunk[-1].id
