"""A stale save: what was typed beside what is stored now, shown by `ui.conflict` and answered with 409.

The page shows the form as it was typed, moved to the version that is stored: sending it again replaces what the
person has now seen. A link beside that button takes the stored text instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import format_datetime
from flask_babel import gettext as _
from wtforms import Field, HiddenField, SelectField

from app.queries.changes import Change
from app.web.filters import day
from app.web.forms import Form


@dataclass(frozen=True)
class Difference:
    """One field in words: as typed, and as stored."""

    label: str
    mine: str
    stored: str


@dataclass(frozen=True)
class Conflict:
    """What differs, and who stored the other text when; None where nobody knows."""

    differences: Sequence[Difference]
    change: Change | None


def conflict_between(
    mine: Form, stored: Form, change: Change | None, *, also: Iterable[Difference] = ()
) -> Conflict:
    """Compare the form as typed with the same form filled from the row; `mine` takes on the row's version.

    Fields differ when they read differently. `also` adds what was typed outside the form.
    """
    mine["version"].data = stored["version"].data
    fields = (
        Difference(str(field.label.text), shown(field), shown(stored[field.short_name]))
        for field in mine
        if not isinstance(field, HiddenField)
    )
    return Conflict([one for one in (*fields, *also) if one.mine != one.stored], change)


def shown(field: Field) -> str:
    """What a field holds, as people read it; several choices stand on lines of their own."""
    data = field.data
    if isinstance(field, SelectField):
        chosen = data if isinstance(data, list) else [data]
        return "\n".join(str(one.label).strip() for one in field.choices if field.coerce(one.value) in chosen)
    if isinstance(data, bool):
        return _("Yes") if data else _("No")
    if isinstance(data, datetime):  # local, as typed
        return format_datetime(data, _("MMM d, y HH:mm"), rebase=False)
    if isinstance(data, date):
        return day(data)
    if isinstance(data, time):
        return f"{data:%H:%M}"
    return "" if data is None else str(data)
