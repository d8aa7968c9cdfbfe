"""Reading the audit log. Verifying its chain is in `services.audit`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.models import AuditEntry, Complaint, Customer, Questionnaire, Survey, Unit, User
from app.queries.complaints import cases
from app.queries.paging import Page, page_of
from app.rules.permissions import Permission, allows

BATCH = 1000
_NAMED: dict[str, tuple[Any, Any, Permission]] = {
    "user": (User, User.name, Permission.USERS_READ),
    "unit": (Unit, Unit.name, Permission.USERS_READ),
    "survey": (Survey, Survey.name, Permission.SURVEYS_READ),
    "questionnaire": (Questionnaire, Questionnaire.title, Permission.QUESTIONNAIRES_READ),
    "customer": (Customer, Customer.name, Permission.CUSTOMERS_READ),
    "complaint": (Complaint, Complaint.number, Permission.COMPLAINTS_READ),
}
_NAMED_TO_ALL = ("user", "unit")


@dataclass(frozen=True)
class Filters:
    """What to show; empty means all. `since` is included, `until` is not."""

    actor: str = ""
    action: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def search(filters: Filters, page: int) -> Page[AuditEntry]:
    """The newest entries first."""
    return page_of(_matching(filters).order_by(AuditEntry.id.desc()), number=page)


Name = str | dict[str, str]


def names(user: User, entries: Iterable[AuditEntry]) -> dict[tuple[str, int], tuple[Name, bool]]:
    """How what these entries are about is called now, by kind and id, and whether the user may open it.

    Users are named to everybody who reads the log, which names them anyway; customers and cases to those who see them.
    """
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.object_id is not None:
            wanted.setdefault(entry.object_kind, set()).add(entry.object_id)
    found: dict[tuple[str, int], tuple[Name, bool]] = {}
    for kind, ids in wanted.items():
        if kind not in _NAMED:
            continue
        table, name, permission = _NAMED[kind]
        allowed = allows(user.role_names, permission)
        if not allowed and kind not in _NAMED_TO_ALL:
            continue
        query = select(table.id, name).where(table.id.in_(ids))
        if kind == "complaint":
            query = query.where(table.id.in_(cases.visible_to(user).with_only_columns(Complaint.id)))
        for ident, called in db.session.execute(query):
            found[kind, ident] = (called, allowed)
    return found


def every_entry(filters: Filters) -> Iterator[AuditEntry]:
    """All matching entries, oldest first, a thousand at a time."""
    after = 0
    while True:
        batch = list(
            db.session.scalars(
                _matching(filters).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(BATCH)
            )
        )
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1].id


def choices() -> tuple[list[str], list[str], list[str]]:
    """The actors, actions and kinds of object that occur."""
    return _distinct(AuditEntry.actor_name), _distinct(AuditEntry.action), _distinct(AuditEntry.object_kind)


def _distinct(column: InstrumentedAttribute[str]) -> list[str]:
    return sorted(value for value in db.session.scalars(select(column).distinct()) if value)


def _matching(filters: Filters) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if filters.actor:
        query = query.where(AuditEntry.actor_name == filters.actor)
    if filters.action:
        query = query.where(AuditEntry.action == filters.action)
    if filters.kind:
        query = query.where(AuditEntry.object_kind == filters.kind)
    if filters.since:
        query = query.where(AuditEntry.at >= filters.since)
    if filters.until:
        query = query.where(AuditEntry.at < filters.until)
    return query
