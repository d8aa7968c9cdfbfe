"""Filters of customers: the shape in which segments keep them, and reading them from an address.

Shape (every key may be missing): `q` text; `kind` "individual" or "enterprise"; `region`, `size`,
`line` lists of names; `unit` list of unit ids (0: none); `key_account` bool; `since_from`, `since_to`
ISO dates; `tenure` "new" or "old"; `reach` one of `REACHES`; `attribute` {name: value}.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

KINDS = ("enterprise", "individual")
TENURES = ("new", "old")
REACHES = ("ok", "no_address", "bad_address", "opted_out", "do_not_contact")
NAMES = ("region", "size", "line")
NEW_DAYS = 365
"""A customer is new in the first year."""

MAX_TEXT = 200
MAX_VALUES = 50
MAX_UNIT = 2**31 - 1


def clean_filters(raw: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Filters from the fields of a form or an address; what cannot be understood is left out.

    Attributes come as two parallel lists, `attribute` (names) and `attribute_value`.
    """
    found: dict[str, Any] = {
        "q": _text(_first(raw, "q")),
        "kind": _one_of(_first(raw, "kind"), KINDS),
        "unit": _units(raw.get("unit", ())),
        "key_account": {"yes": True, "no": False}.get(_first(raw, "key_account")),
        "since_from": _date(_first(raw, "since_from")),
        "since_to": _date(_first(raw, "since_to")),
        "tenure": _one_of(_first(raw, "tenure"), TENURES),
        "reach": _one_of(_first(raw, "reach"), REACHES),
        "attribute": _attributes(raw.get("attribute", ()), raw.get("attribute_value", ())),
    }
    found |= {key: _texts(raw.get(key, ())) for key in NAMES}
    return {key: value for key, value in found.items() if value not in ("", None, [], {})}


def filter_fields(filters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of an address that `clean_filters` reads back as these filters."""
    fields: list[tuple[str, str]] = []
    for key, value in filters.items():
        if key == "attribute":
            for name, wanted in value.items():
                fields += [("attribute", name), ("attribute_value", wanted)]
        elif isinstance(value, bool):
            fields.append((key, "yes" if value else "no"))
        elif isinstance(value, list):
            fields += [(key, str(one)) for one in value]
        else:
            fields.append((key, str(value)))
    return fields


def _first(raw: Mapping[str, Sequence[str]], key: str) -> str:
    values = raw.get(key) or ("",)
    return values[0]


def _text(value: str) -> str:
    return " ".join(value.replace("\x00", "").split())[:MAX_TEXT]


def _texts(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for value in values if (text := _text(value))))[:MAX_VALUES]


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""


def _units(values: Iterable[str]) -> list[int]:
    numbers = [int(one) for one in values if one.isascii() and one.isdigit() and len(one) < 11]
    return list(dict.fromkeys(one for one in numbers if one <= MAX_UNIT))[:MAX_VALUES]


def _date(value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        return ""


def _attributes(names: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    # A double quote cannot stand in the path by which SQLite looks into a JSON document.
    pairs = ((_text(name), _text(value)) for name, value in zip(names, values, strict=False))
    kept = {name: value for name, value in pairs if name and value and '"' not in name}
    return dict(list(kept.items())[:MAX_VALUES])
