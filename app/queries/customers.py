"""Reading the customer register: the list, one customer, and what happened with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.models import (
    Contact,
    Customer,
    CustomerImport,
    CustomerImportRow,
    CustomerLine,
    Delivery,
    Invitation,
    Survey,
    Unit,
    User,
)
from app.queries.paging import Page, page_of
from app.queries.segments import select_customers

SORTS = {
    "name": Customer.name,
    "code": Customer.code,
    "region": Customer.region,
    "since": Customer.customer_since,
    "updated": Customer.updated_at,
}
SAMPLED = 500  # customers whose free attributes are looked at for the names to offer


@dataclass(frozen=True)
class Choices:
    """What the filters offer, from what the register holds."""

    regions: list[str]
    sizes: list[str]
    lines: list[str]
    units: list[Unit]
    attributes: list[str]


@dataclass(frozen=True)
class Happening:
    """One entry of a customer's time line: `what` is "invitation", "import" or "created"."""

    what: str
    at: datetime
    survey: Survey | None = None
    contact: Contact | None = None
    invitation: Invitation | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    imported: CustomerImport | None = None
    outcome: str = ""


def visible_to(_user: User) -> Select[Customer]:
    """The customers a user may see: all of them; the permission decides who sees any."""
    return select(Customer)


def get_visible(user: User, customer_id: int) -> Customer | None:
    """One customer with its contacts, or None."""
    statement = visible_to(user).where(Customer.id == customer_id).options(joinedload(Customer.unit))
    return db.session.scalar(statement)


def by_code(code: str) -> Customer | None:
    """The customer with this code, whatever its case."""
    return db.session.scalar(select(Customer).where(func.lower(Customer.code) == code.lower()).limit(1))


def search(filters: Mapping[str, Any], *, sort: str, page: int, today: date) -> Page[Customer]:
    """One page of the customers that meet the filters; a leading "-" in `sort` means falling."""
    found = ordered(select_customers(filters, today=today), sort)
    return page_of(found.options(selectinload(Customer.contacts), joinedload(Customer.unit)), number=page)


def ordered(statement: Select[Customer], sort: str) -> Select[Customer]:
    """The statement in the order of `sort`, by name if that is unknown; ties by id."""
    column = SORTS.get(sort.removeprefix("-"), Customer.name)
    first = column.desc() if sort.startswith("-") else column.asc()
    return statement.order_by(first, Customer.id)


def first_rows(filters: Mapping[str, Any], *, limit: int, today: date) -> list[Customer]:
    """The first customers by name that meet the filters."""
    statement = ordered(select_customers(filters, today=today), "name").limit(limit)
    return list(db.session.scalars(statement.options(selectinload(Customer.contacts))))


def choices() -> Choices:
    """What can be filtered by."""
    return Choices(
        regions=_distinct(select(Customer.region).distinct()),
        sizes=_distinct(select(Customer.size).distinct()),
        lines=_distinct(select(CustomerLine.line).distinct()),
        units=_units(),
        attributes=attribute_names(),
    )


def _units() -> list[Unit]:
    """Branches, and any other unit that a customer belongs to."""
    used = select(Customer.unit_id).where(Customer.unit_id.is_not(None)).distinct()
    offered = or_(and_(Unit.kind == "branch", Unit.active.is_(True)), Unit.id.in_(used))
    return list(db.session.scalars(select(Unit).where(offered).order_by(Unit.position, Unit.name)))


def attribute_names() -> list[str]:
    """Names of free attributes, from the customers that were changed last."""
    latest = select(Customer.attributes).order_by(Customer.id.desc()).limit(SAMPLED)
    return sorted({name for attributes in db.session.scalars(latest) for name in attributes})


def _distinct(statement: Select[str]) -> list[str]:
    return sorted(value for value in db.session.scalars(statement) if value)


def has_invitations(contact: Contact) -> bool:
    """Whether the contact was ever invited, so that it has to stay on record."""
    return db.session.scalar(select(Invitation.id).filter_by(contact_id=contact.id).limit(1)) is not None


def timeline(customer: Customer, *, surveys: bool) -> list[Happening]:
    """What happened with a customer, newest first; invitations only if `surveys` is true."""
    found = [Happening("created", customer.created_at)]
    found += _imports_of(customer)
    if surveys:
        found += _invitations_of(customer)
    return sorted(found, key=lambda one: one.at, reverse=True)


def _imports_of(customer: Customer) -> list[Happening]:
    statement = (
        select(CustomerImportRow.outcome, CustomerImport)
        .join(CustomerImport, CustomerImport.id == CustomerImportRow.import_id)
        # The number of a customer whose import was undone may belong to another one by now.
        .where(CustomerImportRow.customer_id == customer.id, CustomerImport.state != "undone")
    )
    return [
        Happening("import", imported.finished_at or imported.created_at, imported=imported, outcome=outcome)
        for outcome, imported in db.session.execute(statement)
    ]


def _invitations_of(customer: Customer) -> list[Happening]:
    invitations = db.session.scalars(
        select(Invitation)
        .filter_by(customer_id=customer.id)
        .options(joinedload(Invitation.survey), joinedload(Invitation.contact))
    ).all()
    mails: dict[int, list[Delivery]] = {}
    ids = [one.id for one in invitations]
    statement = select(Delivery).where(Delivery.invitation_id.in_(ids)).order_by(Delivery.created_at)
    for mail in db.session.scalars(statement):
        mails.setdefault(mail.invitation_id or 0, []).append(mail)
    return [
        Happening(
            "invitation",
            one.created_at,
            survey=one.survey,
            contact=one.contact,
            invitation=one,
            deliveries=mails.get(one.id, []),
        )
        for one in invitations
    ]
