"""Taking an import back: what it created goes, what it changed gets its former values again.

Only while nothing depends on it. Like bringing in, it works in short batches and goes on after an interruption.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.errors import Refused
from app.extensions import db
from app.models import CustomerImport, CustomerImportRow, User
from app.queries import imports as queries
from app.services import audit
from app.services.customers.merging import CONTACTS, CUSTOMERS, LINES, SERVICES, update_rows


def refuse_if_depended_on(imported: CustomerImport) -> bool:
    """Go back to `done` and keep a list of what depends on the import, if anything does."""
    ids = queries.depending_ids(imported)
    if not ids:
        return False
    listed = [vars(one) for one in queries.dependents(ids)]
    imported.result = imported.result | {"dependents": {"count": len(ids), "first": listed}}
    imported.state = "done"
    db.session.flush()
    return True


def undo_batch(imported: CustomerImport, *, limit: int, now: dt.datetime) -> int:
    """Take back the newest `limit` rows of the import and return how many there were.

    Refused: moved_on, when the undo was ended by somebody else.
    """
    if imported.state != "undoing":
        raise Refused("moved_on")
    statement = (
        select(CustomerImportRow)
        .where(
            CustomerImportRow.import_id == imported.id,
            CustomerImportRow.outcome.in_(("created", "updated")),
        )
        .order_by(CustomerImportRow.id.desc())
        .limit(limit)
    )
    rows = list(db.session.scalars(statement))
    _remove([row.customer_id for row in rows if row.outcome == "created" and row.customer_id])
    restored = [(row.customer_id, row.before) for row in rows if row.outcome == "updated"]
    _restore([(one, before) for one, before in restored if one and before], now)
    done = update(CustomerImportRow).where(CustomerImportRow.id.in_([row.id for row in rows]))
    db.session.execute(done.values(outcome="undone"))
    db.session.flush()
    return len(rows)


def finish_undo(imported: CustomerImport, *, by: User | None, now: dt.datetime) -> None:
    """Everything is as it was before the import."""
    imported.state = "undone"
    audit.record("import.undone", kind="import", object_id=imported.id, by=by, now=now)


def _remove(ids: Sequence[int]) -> None:
    if not ids:
        return
    for table in (CONTACTS, LINES, SERVICES):
        db.session.execute(delete(table).where(table.c.customer_id.in_(ids)))
    db.session.execute(delete(CUSTOMERS).where(CUSTOMERS.c.id.in_(ids)))


def _restore(rows: Sequence[tuple[int, Mapping[str, Any]]], now: dt.datetime) -> None:
    ids = [customer_id for customer_id, _before in rows]
    current = {
        row["id"]: dict(row)
        for row in db.session.execute(select(CUSTOMERS).where(CUSTOMERS.c.id.in_(ids))).mappings()
    }
    values = []
    for customer_id, before in rows:
        row = current[customer_id]
        old = {name: _column(name, value) for name, value in before["values"].items()}
        changed = row | old | {"version": row["version"] + 1, "updated_at": now}
        changed["b_id"] = changed.pop("id")
        values.append(changed)
        _restore_parts(customer_id, before)
    update_rows(CUSTOMERS, values)


def _restore_parts(customer_id: int, before: Mapping[str, Any]) -> None:
    if "lines" in before:
        db.session.execute(delete(LINES).where(LINES.c.customer_id == customer_id))
        lines = [{"customer_id": customer_id, "line": line} for line in before["lines"]]
        if lines:
            db.session.execute(insert(LINES), lines)
    if "contact" in before:
        contact = {name: _column(name, value) for name, value in before["contact"].items()}
        update_rows(CONTACTS, [{"b_id": contact.pop("id"), **contact}])
    if "contact_added" in before:
        db.session.execute(delete(CONTACTS).where(CONTACTS.c.id == before["contact_added"]))
    if "service" in before:
        on, what = before["service"]
        same_day = (SERVICES.c.on == dt.date.fromisoformat(on)) & (SERVICES.c.what == what)
        db.session.execute(delete(SERVICES).where(same_day & (SERVICES.c.customer_id == customer_id)))


def _column(name: str, value: Any) -> Any:
    """A former value as the column takes it."""
    if name == "customer_since" and value is not None:
        return dt.date.fromisoformat(value)
    if name == "address_since" and value is not None:
        return dt.datetime.fromisoformat(value)
    return value
