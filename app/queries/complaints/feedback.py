"""The list of feedback, one entry of it, and the customers it may come from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, Contact, Customer, Feedback, FeedbackText, User
from app.queries.complaints.desk import contains_words
from app.queries.complaints.measured import hidden_answers
from app.queries.paging import Page, page_of
from app.queries.users import LARGEST_ID

OFFERED = 6


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty means all."""

    words: str = ""
    kind: str = ""
    channel: str = ""
    categories: Sequence[int] = field(default_factory=tuple)
    unit_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def visible_to(user: User) -> Select[Feedback]:
    """All feedback but what is about the user; the permission decides who sees any.

    What grew out of an answer about his own unit he sees after the release.
    """
    mine = select(Feedback).where(or_(Feedback.about_user_id.is_(None), Feedback.about_user_id != user.id))
    hidden = hidden_answers(user)
    return mine if hidden is None else mine.where(Feedback.id.not_in(hidden))


def get_visible(user: User, feedback_id: int) -> Feedback:
    """Raises `Missing`."""
    statement = visible_to(user).where(Feedback.id == feedback_id)
    entry = db.session.scalar(statement) if feedback_id <= LARGEST_ID else None
    if entry is None:
        raise Missing("feedback")
    return entry


def case_of(feedback: Feedback) -> Complaint | None:
    """The case that a complaint has opened."""
    return db.session.scalar(select(Complaint).where(Complaint.feedback_id == feedback.id))


def found(user: User, filters: Filters, *, page: int) -> Page[Feedback]:
    """One page, the latest first."""
    statement = _narrowed(visible_to(user), filters)
    if filters.words:
        statement = statement.join(FeedbackText, FeedbackText.feedback_id == Feedback.id)
        statement = statement.where(contains_words(filters.words, FeedbackText.text))
    ordered = statement.order_by(Feedback.received_at.desc(), Feedback.id.desc())
    return page_of(ordered.options(joinedload(Feedback.customer).lazyload(Customer.lines)), number=page)


def cases_of(entries: Sequence[Feedback]) -> dict[int, Complaint]:
    """The cases of a page of feedback, by feedback."""
    ids = [entry.id for entry in entries]
    cases = db.session.scalars(select(Complaint).where(Complaint.feedback_id.in_(ids)))
    return {case.feedback_id: case for case in cases}


def _narrowed(statement: Select[Feedback], filters: Filters) -> Select[Feedback]:
    if filters.kind:
        statement = statement.where(Feedback.kind == filters.kind)
    if filters.channel:
        statement = statement.where(Feedback.channel == filters.channel)
    if filters.categories:
        statement = statement.where(Feedback.category_id.in_(filters.categories))
    if filters.unit_id is not None:
        statement = statement.where(Feedback.unit_id == filters.unit_id)
    if filters.since is not None:
        statement = statement.where(Feedback.received_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(Feedback.received_at < filters.until)
    return statement


def is_empty() -> bool:
    """Whether nothing has been recorded yet."""
    return db.session.scalar(select(Feedback.id).limit(1)) is None


def customers_like(words: str) -> Sequence[Customer]:
    """A few customers whose name, code, contact, telephone or address holds the words."""
    if not words:
        return []
    part = words.lower()
    inside = select(Contact.customer_id).where(
        or_(
            func.lower(Contact.name).contains(part, autoescape=True),
            Contact.phone.contains(part, autoescape=True),
            func.lower(Contact.email).startswith(part, autoescape=True),
        )
    )
    named = or_(
        func.lower(Customer.name).contains(part, autoescape=True),
        func.lower(Customer.code).startswith(part, autoescape=True),
        Customer.id.in_(inside),
    )
    statement = select(Customer).where(named).order_by(Customer.name, Customer.id).limit(OFFERED)
    return db.session.scalars(statement.options(selectinload(Customer.contacts))).all()
