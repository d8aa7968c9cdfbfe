"""Which customers a filter means, and the saved filters."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from app import clock
from app.extensions import db
from app.models import Contact, Customer, CustomerLine, Segment, Survey
from app.rules.segments import NEW_DAYS


def select_customers(filters: Mapping[str, Any], *, today: date | None = None) -> Select[Customer]:
    """The customers that meet `filters` (shape: `rules.segments`), in no particular order.

    `today` decides who is new; by default it is the present day.
    """
    day = today or clock.now().date()
    return select(Customer).where(*_conditions(filters, day))


def count_customers(filters: Mapping[str, Any], *, today: date | None = None) -> int:
    """How many customers meet the filters."""
    statement = select_customers(filters, today=today).with_only_columns(func.count(Customer.id))
    return db.session.scalar(statement.order_by(None)) or 0


def _conditions(filters: Mapping[str, Any], today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if text := filters.get("q"):
        found.append(_matches(text))
    if kind := filters.get("kind"):
        found.append(Customer.kind == kind)
    if regions := filters.get("region"):
        found.append(Customer.region.in_(regions))
    if sizes := filters.get("size"):
        found.append(Customer.size.in_(sizes))
    if lines := filters.get("line"):
        found.append(Customer.id.in_(select(CustomerLine.customer_id).where(CustomerLine.line.in_(lines))))
    if units := filters.get("unit"):
        nobody = Customer.unit_id.is_(None) if 0 in units else false()
        found.append(or_(Customer.unit_id.in_(units), nobody))
    if filters.get("key_account") is not None:
        found.append(Customer.key_account.is_(bool(filters["key_account"])))
    if since := filters.get("since_from"):
        found.append(Customer.customer_since >= date.fromisoformat(since))
    if until := filters.get("since_to"):
        found.append(Customer.customer_since <= date.fromisoformat(until))
    found += _tenure(filters.get("tenure"), today) + _reach(filters.get("reach"))
    for name, value in filters.get("attribute", {}).items():
        found.append(Customer.attributes[name].as_string() == value)
    return found


def _matches(text: str) -> ColumnElement[bool]:
    at_contact = select(Contact.customer_id).where(
        or_(
            Contact.name.icontains(text, autoescape=True),
            Contact.email.icontains(text, autoescape=True),
            Contact.phone.icontains(text, autoescape=True),
        )
    )
    return or_(
        Customer.code.icontains(text, autoescape=True),
        Customer.name.icontains(text, autoescape=True),
        Customer.id.in_(at_contact),
    )


def _tenure(tenure: str | None, today: date) -> list[ColumnElement[bool]]:
    if not tenure:
        return []
    border = today - timedelta(days=NEW_DAYS)
    if tenure == "new":
        return [Customer.customer_since >= border]
    return [or_(Customer.customer_since < border, Customer.customer_since.is_(None))]


def _reach(reach: str | None) -> list[ColumnElement[bool]]:
    """Whether a mail may and can reach somebody at the customer."""
    if not reach:
        return []
    if reach == "do_not_contact":
        return [Customer.do_not_contact.is_(True)]
    with_contact = select(Contact.customer_id)
    if reach == "opted_out":
        return [Customer.id.in_(with_contact.where(Contact.opted_out_at.is_not(None)))]
    if reach == "bad_address":
        return [Customer.id.in_(with_contact.where(Contact.address_state == "bad"))]
    if reach == "no_address":
        return [Customer.id.not_in(with_contact.where(Contact.email != ""))]
    usable = with_contact.where(
        Contact.email != "", Contact.opted_out_at.is_(None), Contact.address_state == "ok"
    )
    return [Customer.do_not_contact.is_(False), Customer.id.in_(usable)]


def all_segments() -> list[Segment]:
    """Every segment by name."""
    return list(db.session.scalars(select(Segment).order_by(Segment.name)))


def get_segment(segment_id: int) -> Segment | None:
    """One segment, or None."""
    return db.session.get(Segment, segment_id)


def segment_named(name: str) -> Segment | None:
    """The segment with this name (case does not count), or None."""
    return db.session.scalar(select(Segment).where(func.lower(Segment.name) == name.lower()).limit(1))


def segment_without_conditions() -> Segment | None:
    """The segment that means every customer, or None."""
    return next((segment for segment in all_segments() if not segment.filters), None)


def surveys_using(segment: Segment) -> list[Survey]:
    """The surveys whose recipients are chosen by the segment."""
    found = select(Survey).where(Survey.segment_id == segment.id).order_by(Survey.opens_at.desc())
    return list(db.session.scalars(found))
