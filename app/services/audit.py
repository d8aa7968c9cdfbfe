"""The audit log: appending to the chain and verifying it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.extensions import db
from app.models import AuditEntry, User

GENESIS = "0" * 64
# Any constant will do; it only has to be the same everywhere (PostgreSQL advisory lock).
CHAIN_LOCK = 4_270_141


@dataclass(frozen=True)
class ChainReport:
    """Result of `verify`. `broken_id` names the first row that does not fit, or is None."""

    count: int
    broken_id: int | None


def record(
    action: str,
    *,
    kind: str,
    object_id: int | None,
    by: User | None,
    now: datetime,
    **detail: Any,
) -> AuditEntry:
    """Append one entry in the present transaction. `detail` must be JSON and hold no answers."""
    _lock_chain()
    previous = db.session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=now.replace(microsecond=0),
        actor_id=by.id if by else None,
        actor_name=by.name if by else "",
        action=action,
        object_kind=kind,
        object_id=object_id,
        detail=detail,
        previous_hash=previous or GENESIS,
    )
    entry.hash = _digest(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


def verify() -> ChainReport:
    """Walk the whole chain and return its length and the first broken row, if any."""
    previous, count = GENESIS, 0
    in_order = select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=500)
    # Closed at the first broken row too: on PostgreSQL the rest would wait in a cursor of the server.
    with db.session.scalars(in_order) as entries:
        for entry in entries:
            if entry.previous_hash != previous or entry.hash != _digest(entry):
                return ChainReport(count, entry.id)
            previous, count = entry.hash, count + 1
    return ChainReport(count, None)


def _lock_chain() -> None:
    # SQLite has one writer at a time anyway; PostgreSQL writers queue here until commit.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})


def _digest(entry: AuditEntry) -> str:
    content = json.dumps(
        [
            entry.at.isoformat(),
            entry.actor_id,
            entry.actor_name,
            entry.action,
            entry.object_kind,
            entry.object_id,
            entry.detail,
            entry.previous_hash,
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode()).hexdigest()
