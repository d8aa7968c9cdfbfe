"""Reading the audit log. Verifying its chain is in `services.audit`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.models import AuditEntry
from app.queries.paging import Page, page_of

BATCH = 1000


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
