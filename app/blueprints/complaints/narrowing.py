"""The filters of both lists: reading them from the address, offering them, and keeping them in addresses."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.models import SavedView, User
from app.queries.complaints.desk import Filters, queues_of
from app.queries.complaints.trees import Tree
from app.queries.complaints.trees import tree as read_tree
from app.queries.users import LARGEST_ID, UnitLine
from app.rules.clocks import Severity
from app.web.addresses import filter_text
from app.web.i18n import page_language

KEPT = ("queue", "q", "kind", "channel", "category", "unit", "severity", "since", "until")


@dataclass(frozen=True)
class Choices:
    """What the chips offer."""

    categories: list[tuple[str, str]]
    units: list[tuple[str, str]]


def read_one_of(name: str, known: Collection[str]) -> str:
    """A code of the address, "" for anything unknown."""
    text = filter_text(name)
    return text if text in known else ""


def read_number_of(name: str) -> int | None:
    """An id of the address, None for anything that is none."""
    text = filter_text(name)
    number = int(text) if text.isascii() and text.isdigit() else 0
    return number if 0 < number <= LARGEST_ID else None


def filters_of(user: User, *, queue: str = "", tree: Tree | None = None) -> Filters:
    """What the address narrows the desk to; `queue` where it names none."""
    chosen = read_number_of("category")
    return Filters(
        queue=read_one_of("queue", queues_of(user)) or queue or "all",
        words=filter_text("q"),
        categories=tuple((tree or read_tree()).below(chosen)) if chosen is not None else (),
        unit_id=read_number_of("unit"),
        severity=read_one_of("severity", frozenset(Severity)),
    )


def offered(tree: Tree, units: Iterable[UnitLine]) -> Choices:
    """Categories as a tree, and all units."""
    lang = page_language()
    return Choices(
        [("", _("All"))]
        + [(str(one.id), "　" * depth + one.name_in(lang)) for one, depth in tree.offered("category")],
        [("", _("All"))]
        + [(str(line.unit.id), "　" * line.depth + line.unit.name_in(lang)) for line in units],
    )


def address_of_view(view: SavedView) -> str:
    """The desk as a saved view shows it."""
    filters: dict[str, Any] = {name: text for name, text in view.filters.items() if name in KEPT}
    return url_for("complaints.index", view=view.id, **filters)


def address(endpoint: str, **more: Any) -> str:
    """The address of the list with the present filters, and `more` put over them."""
    present: dict[str, Any] = {name: filter_text(name) for name in KEPT} | more
    return url_for(endpoint, **{name: value for name, value in present.items() if value})
