"""Bringing clean rows into the register, one batch after the other.

A batch is one short transaction: customers, contacts, lines, service dates, what each row did, and
how far the import is, all together. So an interrupted import goes on exactly where it stopped, and
nobody waits long for the write lock. See docs/decisions/0006-import.md.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from app.errors import Refused
from app.extensions import db
from app.models import Contact, Customer, CustomerImport, CustomerImportRow, CustomerLine, ServiceEvent
from app.rules.customers.import_mapping import ATTRIBUTE, FIELDS
from app.rules.customers.import_merge import (
    CONTACT_FIELDS,
    Change,
    Known,
    compare,
    row_contact,
    row_service,
    row_values,
)
from app.rules.customers.import_rows import MAX_ATTRIBUTE_NAME
from app.services.addresses import ADDRESS_FIELDS, taken_to_be_right

CUSTOMERS = cast(Table, Customer.__table__)
CONTACTS = cast(Table, Contact.__table__)
LINES = cast(Table, CustomerLine.__table__)
SERVICES = cast(Table, ServiceEvent.__table__)
ROWS = cast(Table, CustomerImportRow.__table__)
VALUES = (
    "name", "kind", "region", "size", "customer_since", "key_account", "unit_id", "attributes",
    "do_not_contact",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "kind": "enterprise",
    "region": "",
    "size": "",
    "customer_since": None,
    "key_account": False,
    "unit_id": None,
    "do_not_contact": False,
}


@dataclass
class CodeIndex:
    """Every customer code of the register, exact and folded, to the customer's id."""

    exact: dict[str, int] = field(default_factory=dict)
    folded: dict[str, int] = field(default_factory=dict)
    newest: int = 0

    def refresh(self) -> None:
        """Learn the customers that were added since the last time."""
        added = select(Customer.id, Customer.code).where(Customer.id > self.newest).order_by(Customer.id)
        for customer_id, code in db.session.execute(added):
            self.add(code, customer_id)

    def add(self, code: str, customer_id: int) -> None:
        """Learn one customer."""
        self.exact[code] = customer_id
        self.folded.setdefault(code.casefold(), customer_id)
        self.newest = max(self.newest, customer_id)

    def find(self, code: str) -> int | None:
        """The customer with this code; case counts only where two codes differ by nothing else."""
        return self.exact.get(code) or self.folded.get(code.casefold())


@dataclass(frozen=True)
class Clearing:
    """What blank cells clear: fields and free columns; nothing unless it was chosen."""

    fields: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()


def clearing_of(options: Mapping[str, Any], headers: Sequence[str]) -> Clearing:
    """What blank cells clear in an import with these options."""
    if not options.get("clear_blank"):
        return Clearing()
    targets = options["targets"]
    free = tuple(
        header.strip()[:MAX_ATTRIBUTE_NAME]
        for header, target in zip(headers, targets, strict=True)
        if target == ATTRIBUTE
    )
    return Clearing(frozenset(targets) & frozenset(FIELDS), free)


def known_customers(ids: Sequence[int]) -> dict[int, Known]:
    """The customers with these ids as they are stored now, locked until the transaction ends."""
    if not ids:
        return {}
    contacts: dict[int, list[dict[str, Any]]] = {}
    for row in _rows(select(CONTACTS).where(CONTACTS.c.customer_id.in_(ids)).order_by(CONTACTS.c.id)):
        contacts.setdefault(row["customer_id"], []).append(row)
    lines: dict[int, list[str]] = {}
    for row in _rows(select(LINES).where(LINES.c.customer_id.in_(ids)).order_by(LINES.c.line)):
        lines.setdefault(row["customer_id"], []).append(row["line"])
    services: dict[int, set[tuple[dt.date, str]]] = {}
    for row in _rows(select(SERVICES).where(SERVICES.c.customer_id.in_(ids))):
        services.setdefault(row["customer_id"], set()).add((row["on"], row["what"]))
    return {
        row["id"]: Known(
            id=row["id"],
            version=row["version"],
            values={name: row[name] for name in VALUES},
            lines=tuple(lines.get(row["id"], ())),
            contacts=tuple(contacts.get(row["id"], ())),
            services=frozenset(services.get(row["id"], ())),
        )
        for row in _rows(select(CUSTOMERS).where(CUSTOMERS.c.id.in_(ids)).with_for_update())
    }


def _rows(statement: Any) -> Iterable[dict[str, Any]]:
    return (dict(row) for row in db.session.execute(statement).mappings())


def count_outcomes(rows: Sequence[Mapping[str, Any]], index: CodeIndex, clearing: Clearing) -> dict[str, int]:
    """How many rows would create, update, or change nothing."""
    counts = {"created": 0, "updated": 0, "same": 0}
    known = known_customers([found for row in rows if (found := index.find(row["code"]))])
    for row in rows:
        customer = known.get(index.find(row["code"]) or 0)
        if customer is None:
            counts["created"] += 1
        else:
            changed = not _changes(row, customer, clearing).is_empty
            counts["updated" if changed else "same"] += 1
    return counts


def _changes(row: Mapping[str, Any], known: Known, clearing: Clearing) -> Change:
    return compare(row, known, clear=clearing.fields, clear_attributes=clearing.attributes)


def apply_batch(
    imported: CustomerImport,
    rows: Sequence[Mapping[str, Any]],
    *,
    start: int,
    index: CodeIndex,
    clearing: Clearing,
    opted_out: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> None:
    """Bring one batch in, whose first row is the `start`-th good row of the file.

    Refused: moved_on, when somebody else has brought it in or the import was ended.
    """
    if imported.state != "running" or imported.result["applied"] != start:
        raise Refused("moved_on")
    index.refresh()
    known = known_customers([found for row in rows if (found := index.find(row["code"]))])
    new = [row for row in rows if index.find(row["code"]) not in known]
    old = [(row, known[found]) for row in rows if (found := index.find(row["code"])) in known and found]
    changes = [
        (row, one, change) for row, one in old if not (change := _changes(row, one, clearing)).is_empty
    ]
    _create(imported, new, index, opted_out, now)
    _change(imported, changes, opted_out, now)
    counts = imported.result
    imported.result = counts | {
        "applied": start + len(rows),
        "created": counts["created"] + len(new),
        "updated": counts["updated"] + len(changes),
        "same": counts["same"] + len(old) - len(changes),
    }
    db.session.flush()


def _create(
    imported: CustomerImport,
    rows: Sequence[Mapping[str, Any]],
    index: CodeIndex,
    opted_out: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> None:
    if not rows:
        return
    basis = DEFAULTS | {"created_at": now, "updated_at": now, "version": 1}
    values = [
        basis | row_values(row) | {"code": row["code"], "attributes": row.get("attributes", {})}
        for row in rows
    ]
    statement = insert(CUSTOMERS).returning(CUSTOMERS.c.id, sort_by_parameter_order=True)
    ids = list(db.session.connection().execute(statement, values).scalars())
    pairs = list(zip(ids, rows, strict=True))
    contacts, lines, services, told = [], [], [], []
    for customer_id, row in pairs:
        index.add(row["code"], customer_id)
        if contact := row_contact(row):
            contacts.append(_new_contact(customer_id, contact, opted_out, primary=True))
        lines += [{"customer_id": customer_id, "line": line} for line in row.get("lines", ())]
        if service := row_service(row):
            services.append({"customer_id": customer_id, "on": service[0], "what": service[1]})
        told.append(_told(imported, row, "created", customer_id, None))
    for table, found in ((CONTACTS, contacts), (LINES, lines), (SERVICES, services), (ROWS, told)):
        _insert(table, found)


def _change(
    imported: CustomerImport,
    changes: Sequence[tuple[Mapping[str, Any], Known, Change]],
    opted_out: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> None:
    if not changes:
        return
    values: list[dict[str, Any]] = []
    lines, services, contacts, told = [], [], [], []
    relined = [known.id for _row, known, change in changes if change.lines is not None]
    for row, known, change in changes:
        before = _before(known, change)
        values.append(
            {"b_id": known.id, "updated_at": now, "version": known.version + 1} | known.values | change.values
        )
        lines += [{"customer_id": known.id, "line": line} for line in change.lines or ()]
        if change.service:
            services.append({"customer_id": known.id, "on": change.service[0], "what": change.service[1]})
        if change.contact_changed:
            contacts.append(_changed_contact(known, change, now))
        if change.contact_added:
            primary = not known.contacts
            new = _new_contact(known.id, change.contact_added, opted_out, primary=primary)
            added = db.session.connection().execute(insert(CONTACTS).returning(CONTACTS.c.id), [new])
            before["contact_added"] = added.scalar_one()
        told.append(_told(imported, row, "updated", known.id, before))
    update_rows(CUSTOMERS, values)
    update_rows(CONTACTS, contacts)
    if relined:
        db.session.execute(delete(LINES).where(LINES.c.customer_id.in_(relined)))
    for table, found in ((LINES, lines), (SERVICES, services), (ROWS, told)):
        _insert(table, found)


def _before(known: Known, change: Change) -> dict[str, Any]:
    """What is needed to undo a change; dates as ISO text."""
    values = {name: _plain(known.values[name]) for name in change.values}
    before: dict[str, Any] = {"version": known.version + 1, "values": values}
    if change.lines is not None:
        before["lines"] = list(known.lines)
    if change.contact_changed:
        contact_id, _new = change.contact_changed
        old = next(one for one in known.contacts if one["id"] == contact_id)
        names = (*CONTACT_FIELDS, *ADDRESS_FIELDS)
        before["contact"] = {"id": contact_id} | {name: _plain(old[name]) for name in names}
    if change.service:
        before["service"] = [change.service[0].isoformat(), change.service[1]]
    return before


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _changed_contact(known: Known, change: Change, now: dt.datetime) -> dict[str, Any]:
    """Every column of the contact that an import writes. A new address is taken to be right; an
    opt-out is not touched."""
    assert change.contact_changed is not None
    contact_id, new = change.contact_changed
    old = next(one for one in known.contacts if one["id"] == contact_id)
    names = (*CONTACT_FIELDS, *ADDRESS_FIELDS)
    trusted = taken_to_be_right(now) if "email" in new else {}
    return {"b_id": contact_id} | {name: old[name] for name in names} | new | trusted


def _new_contact(
    customer_id: int, contact: Mapping[str, Any], opted_out: Mapping[str, dt.datetime], *, primary: bool
) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "is_primary": primary,
        # Whoever has opted out under this address stays out, wherever the address turns up again.
        "opted_out_at": opted_out.get(contact["email"].casefold()) if contact["email"] else None,
        "address_state": "ok",
        "address_reason": "",
        "address_note": "",
        "address_since": None,
        **contact,
    }


def opted_out_addresses() -> dict[str, dt.datetime]:
    """Every address whose owner has opted out, folded, with the time."""
    found = select(Contact.email, Contact.opted_out_at).where(
        Contact.opted_out_at.is_not(None), Contact.email != ""
    )
    return {email.casefold(): at for email, at in db.session.execute(found) if at is not None}


def _told(
    imported: CustomerImport,
    row: Mapping[str, Any],
    outcome: str,
    customer_id: int,
    before: dict[str, Any] | None,
) -> dict[str, Any]:
    return {
        "import_id": imported.id,
        "number": row["number"],
        "outcome": outcome,
        "customer_id": customer_id,
        "before": before,
        "cells": "",
    }


def _insert(table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(insert(table), rows)


def update_rows(table: Table, rows: list[dict[str, Any]]) -> None:
    """Update rows by id (`b_id`); all of them have the same keys."""
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(table).where(table.c.id == bindparam("b_id"))
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        db.session.connection().execute(statement.values(values), rows)
