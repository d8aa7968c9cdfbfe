"""All pages of the settings in groups. A new page is one entry here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Entry:
    """One page, or (`anchor`) one part of the first page. `note` says what is decided there."""

    label: Any
    note: Any
    endpoint: str
    anchor: str = ""

    @property
    def url(self) -> str:
        """Its address."""
        return url_for(self.endpoint, _anchor=self.anchor or None)


@dataclass(frozen=True)
class Group:
    """Pages that belong together."""

    label: Any
    entries: Sequence[Entry]


GROUPS = (
    Group(
        _l("The firm"),
        (
            Entry(
                _l("Name, contact, protection"), _l("what customers read about us"), "settings.index", "firm"
            ),
            Entry(_l("Users"), _l("who may sign in, and as what"), "settings.users"),
            Entry(_l("Units"), _l("departments and branches"), "settings.units"),
        ),
    ),
    Group(
        _l("Mail and forms"),
        (
            Entry(_l("Mail that goes out"), _l("stop and start again"), "settings.index", "mail"),
            Entry(_l("Mail that comes back"), _l("which mailbox is read"), "settings.index", "mailbox"),
            Entry(_l("Public forms"), _l("addresses and QR codes"), "settings.public_forms"),
            Entry(_l("Messengers"), _l("groups that are told"), "settings.messengers"),
        ),
    ),
    Group(
        _l("Complaints"),
        (
            Entry(_l("Working time"), _l("hours, holidays, units"), "settings.working_time"),
            Entry(_l("Time limits"), _l("by severity and category"), "settings.time_limits"),
            Entry(_l("Assignment rules"), _l("who gets which complaint"), "settings.assignment_rules"),
            Entry(_l("Categories and causes"), _l("what feedback is sorted by"), "settings.category_tree"),
        ),
    ),
)
