"""The filters of the list and of segments: reading them from the request, wording them, addresses."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.queries.customers import SORTS, Choices
from app.rules.segments import clean_filters, filter_fields

COLUMNS = ("kind", "region", "unit", "lines", "contact", "since", "services", "updated")
DEFAULT_COLUMNS = ("kind", "region", "unit", "lines", "contact")


def read_filters(fields: "MultiDict[str, str]") -> dict[str, Any]:
    """The filters of a form or an address."""
    return clean_filters(fields.to_dict(flat=False))


def read_columns() -> list[str]:
    """The columns the address asks for, in their usual order."""
    asked = request.args.getlist("cols")
    return [name for name in COLUMNS if name in asked] or list(DEFAULT_COLUMNS)


def read_sort(fields: "MultiDict[str, str]") -> str:
    """The order the address or form asks for; anything unknown is by name."""
    asked = fields.get("sort", "name")
    return asked if asked.removeprefix("-") in SORTS else "name"


def address(endpoint: str, filters: Mapping[str, Any], **more: Any) -> str:
    """The address of a page with these filters; `more` holds sort, page, cols …"""
    values: dict[str, Any] = {}
    for key, value in filter_fields(filters):
        values.setdefault(key, []).append(value)
    return url_for(endpoint, **values, **{key: value for key, value in more.items() if value})


def column_words() -> dict[str, str]:
    """The names of the columns that can be chosen."""
    return {
        "kind": _("Type"),
        "region": _("Region"),
        "unit": _("Branch"),
        "lines": _("Business lines"),
        "contact": _("Contact"),
        "since": _("Customer since"),
        "services": _("Last service"),
        "updated": _("Last changed"),
    }


def reach_words() -> dict[str, str]:
    """Whether a mail reaches somebody, as the filter offers it."""
    return {
        "ok": _("Can be mailed"),
        "no_address": _("No e-mail address"),
        "bad_address": _("Undeliverable"),
        "opted_out": _("Opted out"),
        "do_not_contact": _("Do not contact"),
    }


def filter_words(filters: Mapping[str, Any], choices: Choices, lang: str) -> list[str]:
    """A filter in words, one part for each condition."""
    units = {unit.id: unit.name_in(lang) for unit in choices.units} | {0: _("without branch")}
    kinds = {"enterprise": _("Enterprise"), "individual": _("Individual")}
    tenures = {"new": _("New in the last year"), "old": _("Longer than a year")}
    comma = "、" if lang == "zh" else ", "
    words = {
        "q": lambda value: _("contains “%(text)s”", text=value),
        "kind": lambda value: kinds[value],
        "region": comma.join,
        "size": comma.join,
        "line": comma.join,
        "unit": lambda value: comma.join(units.get(one, str(one)) for one in value),
        "key_account": lambda value: _("Key accounts") if value else _("No key accounts"),
        "since_from": lambda value: _("customer since %(day)s or later", day=value),
        "since_to": lambda value: _("customer since %(day)s or earlier", day=value),
        "tenure": lambda value: tenures[value],
        "reach": lambda value: reach_words()[value],
        "attribute": lambda value: comma.join(f"{name}: {one}" for name, one in value.items()),
    }
    return [words[key](value) for key, value in filters.items() if key in words]
