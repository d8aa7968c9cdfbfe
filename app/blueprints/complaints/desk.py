"""The desk: queues, filters, search."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.narrowing import (
    address,
    address_of_view,
    filters_of,
    offered,
    read_number_of,
)
from app.models import Complaint
from app.queries import users
from app.queries.complaints import desk as queries
from app.queries.complaints import views
from app.queries.complaints.trees import tree
from app.queries.paging import PER_PAGE
from app.rules.complaints.bulk import ACTIONS, MOST
from app.rules.permissions import Permission
from app.web.access import requires
from app.web.addresses import page_number
from app.web.fragments import render
from app.web.i18n import firm_timezone


@dataclass(frozen=True)
class Due:
    """The deadline of a row in words: `mark` as the clock's state, `group` under which head it stands."""

    group: str
    mark: str
    left: str
    until: str


@bp.get("/complaints/")
@requires(Permission.COMPLAINTS_READ)
def index() -> Any:
    """One queue, or what a search finds, all in the address; with nothing in it, the view to begin with."""
    first = views.first_of(current_user) if not request.args else None
    if first is not None:
        return redirect(address_of_view(first))
    present = queries.Moment.of(clock.now(), firm_timezone())
    shown = queries.queues_of(current_user)
    counts = queries.counts(current_user, present)
    categories, units = tree(), users.unit_lines()
    filters = filters_of(current_user, queue=_first_queue(counts), tree=categories)
    queue = filters.queue
    page = queries.found(current_user, filters, present, page=page_number(), known=counts)
    return render(
        "complaints/index.html",
        page_rows=page,
        queue=queue,
        queues=[(name, words.QUEUES[name], counts.get(name)) for name in shown],
        sentence=_sentence(counts),
        searching=bool(filters.words),
        filtered=filters.narrow,
        due={row.id: due_of(row, present) for row in page.rows},
        tree=categories,
        units={line.unit.id: line.unit for line in units},
        choices=offered(categories, units),
        states=words.STATES,
        severities=words.SEVERITIES,
        outcomes=words.OUTCOMES,
        address_of=address,
        views=[
            (one, address_of_view(one.view))
            for one in views.all_of(current_user)
            if one.view.deleted_at is None
        ],
        view_id=read_number_of("view"),
        bulk_actions=[(name, words.STEPS[name]) for name in ACTIONS],
        most=MOST,
        address=lambda **more: address("complaints.index", **more),
        per_page=PER_PAGE,
    )


def _first_queue(counts: dict[str, int]) -> str:
    """What one looks at first: one's own cases, what nobody has yet, or everything."""
    return next((name for name in ("mine", "unassigned", "unit") if counts.get(name)), "all")


def _sentence(counts: dict[str, int]) -> str:
    """How it stands, in words."""
    late, today = counts["overdue"], counts["today"]
    if late and today:
        return _("%(late)s overdue, %(today)s more due today.", late=late, today=today)
    if late:
        return ngettext("One complaint is overdue.", "%(num)s complaints are overdue.", late)
    if today:
        return ngettext("One complaint is due today.", "%(num)s complaints are due today.", today)
    if counts["all"]:
        return _("Nothing is overdue, and nothing else is due today.")
    return _("No complaint is open.")


def due_of(row: Complaint, present: queries.Moment) -> Due:
    """What a row says of its nearest deadline."""
    due = row.due_at
    if due is None:
        return Due("later", "rest", _("Paused") if row.paused else "", "")
    until = _("%(clock)s by %(time)s", clock=words.CLOCKS[row.due_clock], time=words.when(due))
    if due <= present.now:
        return Due("overdue", "late", _("%(time)s late", time=words.duration(present.now - due)), until)
    group = "today" if due < present.day_end else "later"
    if row.paused:
        return Due(group, "rest", _("Paused"), _waits_until(row.waiting_until))
    left = _("%(time)s left", time=words.duration(due - present.now))
    return Due(group, "soon" if _is_soon(row, present.now) else "now", left, until)


def _is_soon(row: Complaint, now: datetime) -> bool:
    return row.soon_at is not None and row.soon_at <= now


def _waits_until(until: datetime | None) -> Any:
    return _("waits until %(time)s", time=words.when(until)) if until else ""
