"""Reading imports: the list, one with its job, its bad rows, and what keeps it from being undone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.models import (
    Contact,
    Customer,
    CustomerImport,
    CustomerImportRow,
    Feedback,
    Invitation,
    Job,
    Response,
    Unit,
    User,
)
from app.queries.paging import Page, page_of
from app.rules.customers.import_rows import branch_key

LISTED = 20
OPEN_STATES = ("uploaded", "reading", "read", "checking", "checked")


@dataclass(frozen=True)
class Dependent:
    """A customer that keeps an import from being undone, and why: invited, answered, changed."""

    code: str
    name: str
    why: str


def visible_to(_user: User) -> Select[CustomerImport]:
    """The imports a user may see: all of them; the permission decides who sees any."""
    return select(CustomerImport)


def get_visible(user: User, import_id: int) -> CustomerImport | None:
    """One import, or None."""
    return db.session.scalar(visible_to(user).where(CustomerImport.id == import_id))


def latest(user: User, *, page: int) -> Page[CustomerImport]:
    """The newest imports first."""
    return page_of(visible_to(user).order_by(CustomerImport.id.desc()), number=page)


def job_of(imported: CustomerImport) -> Job | None:
    """The work that was last asked for."""
    key = imported.options.get("job")
    return db.session.scalar(select(Job).filter_by(key=key)) if key else None


def earlier_with_same_file(imported: CustomerImport) -> CustomerImport | None:
    """The last earlier import of the very same file that is under way or done."""
    statement = (
        select(CustomerImport)
        .where(
            CustomerImport.sha256 == imported.sha256,
            CustomerImport.id < imported.id,
            CustomerImport.state.not_in(("failed", "undone")),
        )
        .order_by(CustomerImport.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def count_open(user: User) -> int:
    """How many files of a user wait for a decision."""
    statement = select(func.count(CustomerImport.id)).where(
        CustomerImport.created_by_id == user.id, CustomerImport.state.in_(OPEN_STATES)
    )
    return db.session.scalar(statement) or 0


def bad_rows(imported: CustomerImport, *, page: int) -> Page[CustomerImportRow]:
    """One page of the rows that could not be taken, in the order of the sheet."""
    return page_of(_bad(imported), number=page)


def bad_rows_after(imported: CustomerImport, number: int, limit: int) -> list[CustomerImportRow]:
    """The next bad rows below a row number, for writing all of them piece by piece."""
    return list(db.session.scalars(_bad(imported).where(CustomerImportRow.number > number).limit(limit)))


def _bad(imported: CustomerImport) -> Select[CustomerImportRow]:
    return (
        select(CustomerImportRow)
        .filter_by(import_id=imported.id, outcome="bad")
        .order_by(CustomerImportRow.number)
    )


def known_branches() -> dict[str, int]:
    """Branches by every name and code a list may use; a name that two of them bear stands for none."""
    names: dict[str, set[int]] = {}
    for unit in db.session.scalars(select(Unit).where(Unit.active.is_(True))):
        for name in (unit.code, unit.name, unit.name_en):
            if name:
                names.setdefault(branch_key(name), set()).add(unit.id)
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


def created_customers(imported: CustomerImport) -> list[Customer]:
    """The first customers an import has created."""
    statement = (
        select(Customer)
        .join(CustomerImportRow, CustomerImportRow.customer_id == Customer.id)
        .where(CustomerImportRow.import_id == imported.id, CustomerImportRow.outcome == "created")
        .order_by(CustomerImportRow.number)
        .limit(LISTED)
    )
    return list(db.session.scalars(statement))


def touched_ids(imported: CustomerImport, outcome: str) -> Select[int | None]:
    """Ids of the customers an import has created or updated."""
    return select(CustomerImportRow.customer_id).where(
        CustomerImportRow.import_id == imported.id, CustomerImportRow.outcome == outcome
    )


def depending_ids(imported: CustomerImport) -> dict[int, str]:
    """Customers that keep the import from being undone: id → invited, answered, told us something or changed."""
    created = touched_ids(imported, "created")
    found: dict[int, str] = dict.fromkeys(_changed_ids(imported), "changed")
    answered = select(Response.customer_id).where(Response.customer_id.in_(created))
    found |= {one: "answered" for one in db.session.scalars(answered) if one is not None}
    invited = select(Invitation.customer_id).where(Invitation.customer_id.in_(created))
    found |= dict.fromkeys(db.session.scalars(invited), "invited")
    told = select(Feedback.customer_id).where(Feedback.customer_id.in_(created))
    found |= {one: "told" for one in db.session.scalars(told) if one is not None}
    return found | dict.fromkeys(_invited_at_new_contacts(imported), "invited")


def _invited_at_new_contacts(imported: CustomerImport) -> list[int]:
    """Customers that were there before and were invited through a contact the import has added."""
    statement = select(CustomerImportRow.before).filter_by(import_id=imported.id, outcome="updated")
    added = {before.get("contact_added") for before in db.session.scalars(statement) if before} - {None}
    if not added:
        return []
    invited = select(Invitation.contact_id, Invitation.customer_id).where(
        Invitation.customer_id.in_(touched_ids(imported, "updated"))
    )
    return [customer for contact, customer in db.session.execute(invited) if contact in added]


def _changed_ids(imported: CustomerImport) -> list[int]:
    """Customers whose row version is not the one the import left, or who opted out since."""
    statement = (
        select(Customer.id, Customer.version, CustomerImportRow.outcome, CustomerImportRow.before)
        .join(CustomerImportRow, CustomerImportRow.customer_id == Customer.id)
        .where(
            CustomerImportRow.import_id == imported.id,
            CustomerImportRow.outcome.in_(("created", "updated")),
        )
    )
    changed = [
        customer_id
        for customer_id, version, outcome, before in db.session.execute(statement)
        if version != left_version(outcome, before)
    ]
    if imported.finished_at is None:
        return changed
    opted_out = select(Contact.customer_id).where(
        Contact.customer_id.in_(touched_ids(imported, "created")),
        Contact.opted_out_at > imported.finished_at,
    )
    return changed + list(db.session.scalars(opted_out))


def left_version(outcome: str, before: dict[str, Any] | None) -> int:
    """The row version with which an import has left a customer."""
    return 1 if outcome == "created" else int((before or {}).get("version", 0))


def dependents(ids: dict[int, str]) -> list[Dependent]:
    """The first of the customers that `depending_ids` has found, by code."""
    statement = select(Customer).where(Customer.id.in_(list(ids)[:1000])).order_by(Customer.code)
    rows = db.session.scalars(statement.limit(LISTED))
    return [Dependent(row.code, row.name, ids[row.id]) for row in rows]
