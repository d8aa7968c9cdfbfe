"""Storing the next version of the working calendars or of the time limits. A version never changes afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Stale
from app.extensions import db
from app.models import ClockPolicy, User, WorkingCalendar
from app.services import audit

Versioned = Any  # the class WorkingCalendar or ClockPolicy


def store_calendar(
    document: Mapping[str, Any], *, seen: int | None, by: User, now: datetime, **detail: Any
) -> WorkingCalendar | None:
    """The next version; running cases follow it within a minute (`following`). None: it says what the present one says.

    `seen`: the version this one was made of, None where it does not matter what else was changed since. `detail` goes
    to the audit log. Raises `Stale`.
    """
    return _store(WorkingCalendar, document, "calendar", seen, by, now, detail)  # type: ignore[no-any-return]


def store_policies(
    document: Sequence[Mapping[str, Any]], *, seen: int | None, by: User, now: datetime, **detail: Any
) -> ClockPolicy | None:
    """The next version, for cases that are taken in from now on. As `store_calendar`."""
    return _store(ClockPolicy, list(document), "policy", seen, by, now, detail)  # type: ignore[no-any-return]


def _store(
    table: Versioned,
    document: Any,
    kind: str,
    seen: int | None,
    by: User,
    now: datetime,
    detail: Mapping[str, Any],
) -> Any:
    newest = db.session.scalar(select(table).order_by(table.version.desc()).limit(1))
    if newest is not None and newest.document == document:
        return None
    if newest is not None and seen is not None and newest.version != seen:
        raise Stale(kind)
    row = table(
        version=newest.version + 1 if newest else 1,
        document=document,
        created_by_id=by.id,
        created_at=now,
    )
    try:
        # A savepoint: on PostgreSQL two may store the same number at once.
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise Stale(kind) from None
    audit.record(f"{kind}.changed", kind=kind, object_id=row.version, by=by, now=now, **detail)
    return row
