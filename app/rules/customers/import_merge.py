"""What a clean row changes at a customer that is already there: pure comparison, nothing is stored.

A blank cell or a missing column never clears anything, unless clearing was chosen. An opt-out and a
"do not contact" are never lifted by a list.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

CLEARED: dict[str, Any] = {
    "region": "",
    "size": "",
    "customer_since": None,
    "key_account": False,
    "unit_id": None,
}
COLUMNS = {"unit_id": "branch"}  # where the list calls a field by another name
CONTACT_FIELDS = ("name", "email", "phone", "language")


@dataclass(frozen=True)
class Known:
    """A customer as it is stored. `contacts` hold id, name, email, phone, language; `services` pairs
    of date and text."""

    id: int
    version: int
    values: dict[str, Any]
    lines: tuple[str, ...] = ()
    contacts: tuple[dict[str, Any], ...] = ()
    services: frozenset[tuple[dt.date, str]] = frozenset()


@dataclass
class Change:
    """What differs: new field values, lines (None: as before), a contact to add or to change (its id
    and new values), a service date to add."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] | None = None
    contact_added: dict[str, Any] | None = None
    contact_changed: tuple[int, dict[str, Any]] | None = None
    service: tuple[dt.date, str] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the row says nothing new."""
        return not (self.values or self.contact_added or self.contact_changed or self.service) and (
            self.lines is None
        )


def row_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The filled fields of a row (as the reading process wrote it) under the names of the table."""
    found = {name: row[name] for name in ("name", "kind", "region", "size", "key_account") if name in row}
    if "customer_since" in row:
        found["customer_since"] = dt.date.fromisoformat(row["customer_since"])
    if "branch" in row:
        found["unit_id"] = row["branch"]
    if row.get("do_not_contact"):
        found["do_not_contact"] = True
    return found


def row_contact(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The contact a row names, or None."""
    contact = {name: row.get(f"contact_{name}") or "" for name in CONTACT_FIELDS}
    return contact if contact["name"] or contact["email"] or contact["phone"] else None


def row_service(row: Mapping[str, Any]) -> tuple[dt.date, str] | None:
    """The service date a row names, or None."""
    if "service_date" not in row:
        return None
    return dt.date.fromisoformat(row["service_date"]), row.get("service_what", "")


def compare(
    row: Mapping[str, Any],
    known: Known,
    *,
    clear: frozenset[str] = frozenset(),
    clear_attributes: Sequence[str] = (),
) -> Change:
    """What the row changes at a known customer.

    `clear` holds the import's fields that a blank cell clears, `clear_attributes` the free columns.
    """
    wanted = row_values(row)
    for name, nothing in CLEARED.items():
        if COLUMNS.get(name, name) in clear and name not in wanted:
            wanted[name] = nothing
    attributes = _attributes(row, known.values["attributes"], clear_attributes)
    wanted["attributes"] = attributes
    change = Change({name: value for name, value in wanted.items() if known.values[name] != value})
    lines = tuple(row.get("lines", ()))
    if (lines or "lines" in clear) and set(lines) != set(known.lines):
        change.lines = lines
    service = row_service(row)
    if service and service not in known.services:
        change.service = service
    _compare_contact(row_contact(row), known, change)
    return change


def _attributes(row: Mapping[str, Any], stored: Mapping[str, str], clear: Sequence[str]) -> dict[str, str]:
    filled: dict[str, str] = row.get("attributes", {})
    kept = {name: value for name, value in stored.items() if name not in clear or name in filled}
    return kept | filled


def _compare_contact(contact: dict[str, Any] | None, known: Known, change: Change) -> None:
    if contact is None:
        return
    same = matching_contact(contact, known.contacts)
    if same is None:
        change.contact_added = contact
        return
    new = {name: value for name, value in contact.items() if value and _differs(name, value, same[name])}
    if new:
        change.contact_changed = (same["id"], new)


def _differs(name: str, new: str, old: str) -> bool:
    return new.casefold() != old.casefold() if name == "email" else new != old


def matching_contact(contact: Mapping[str, Any], contacts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The stored contact a row means: by address, then by name, then by phone."""
    for name in ("email", "name", "phone"):
        wanted = contact[name].casefold()
        if wanted:
            for one in contacts:
                if one[name].casefold() == wanted:
                    return one
    return None
