"""Routes of the summary: the page, its spreadsheet, and the cases of a figure."""

import secrets
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.adapters.analyst import State
from app.blueprints.complaint_summary import choosing, tables, views, wording, words
from app.queries import users
from app.queries.complaints.summary import access, listing, results
from app.queries.complaints.summary.model import ComplaintSummary
from app.queries.complaints.trees import tree
from app.queries.paging import PER_PAGE
from app.rules.complaints import Kind
from app.rules.permissions import Permission
from app.web.access import is_htmx, requires
from app.web.addresses import page_number
from app.web.downloads import workbook_download
from app.web.fragments import render
from app.web.i18n import firm_timezone, page_language
from app.web.security import acting_user

bp = Blueprint("complaint_summary", __name__, url_prefix="/complaints/summary")
# As on the statistics pages: the thread that waits is one of few that save answers.
FIRST_WAIT = 0.25
POLL_WAIT = 0.0


@bp.get("")
@requires(Permission.COMPLAINTS_SUMMARY)
def index() -> Response:
    """The figures of a period beside those before."""
    choice = choosing.read_choice(access.reader_of(acting_user()))
    state, summary = (State.DONE, None) if choice.refused else summary_of(choice)
    return render(
        "complaint_summary/index.html",
        fragment="result",
        choice=choice,
        state=state.value,
        summary=summary,
        chips=choosing.chips(choice),
        views=views_of(summary, choice) if summary else None,
        refusal=words.REFUSALS.get(choice.refused, ""),
        here=url_for(".index", **choice.address()),
        wording=wording,
        words=words,
        group_change=views.group_change,
        method_lines=tables.method_lines,
        title=words.period_name(choice.period),
        key=secrets.token_urlsafe(16),
    )


@bp.get("/workbook")
@requires(Permission.COMPLAINTS_SUMMARY)
def workbook() -> Response:
    """The same figures as a spreadsheet; a page that waits while it is written."""
    choice = choosing.read_choice(access.reader_of(acting_user()))
    if choice.refused:
        # What was typed goes along, to be corrected on the page.
        return make_response(redirect(url_for(".index", **choice.typed)))
    question = choice.asking(clock.now())
    state, summary = results.summary(question, wait=patience())
    path = None
    if summary is not None:
        sheets = tables.sheets(views_of(summary, choice))
        state, path = results.workbook(question, page_language(), sheets, wait=patience())
    period = words.period_name(choice.period)
    if path is None or is_htmx():
        return render(
            "complaint_summary/workbook.html",
            fragment="workbook",
            state=state.value,
            address=url_for(".workbook", **choice.address()),
            back=url_for(".index", **choice.address()),
            title=period,
        )
    name = _("Complaints %(period)s.xlsx", period=period)
    return workbook_download(path, filename=name)


@bp.get("/cases")
@requires(Permission.COMPLAINTS_READ)
def cases() -> Response:
    """Exactly the cases that a figure counts, for who may see single ones."""
    reader = access.reader_of(acting_user())
    choice = choosing.read_choice(reader)
    if choice.refused:
        abort(404)
    figure, value = request.args.get("figure", "received"), request.args.get("value", "")
    span = results.stretch(choice.period, firm_timezone())
    wanted = listing.Wanted(
        figure,
        value,
        datetime.fromisoformat(span.begins),
        datetime.fromisoformat(span.ends),
        _judged_at(),
        choice.scope(),
    )
    categories, units = tree(), {line.unit.id: line.unit for line in users.unit_lines()}
    page = listing.found(reader, wanted, categories, page=page_number())
    return render(
        "complaint_summary/cases.html",
        page_rows=page,
        per_page=PER_PAGE,
        figure=words.figure_name(figure, value, categories, units, page_language()),
        title=words.period_name(choice.period),
        back=url_for(".index", **choice.address()),
        address=lambda number: url_for(
            ".cases", **choice.address(figure=figure, value=value, at=wanted.at.isoformat(), page=number)
        ),
        complaints=choice.kind is Kind.COMPLAINT,
        tree=categories,
        words=words,
        timed=figure.startswith("deadline."),
        ended=figure in ("acknowledge", "resolve", "callback"),
    )


def summary_of(choice: choosing.Choice) -> tuple[State, ComplaintSummary | None]:
    """The figures, or how far they are."""
    return results.summary(choice.asking(clock.now()), wait=patience())


def views_of(summary: ComplaintSummary, choice: choosing.Choice) -> views.Views:
    """The figures as this reader sees them, in the language of the page."""
    units = {line.unit.id: line.unit for line in users.unit_lines()}
    return views.Views(summary, choice, tree(), units)


def patience() -> float:
    """How long a page may wait for the analyst."""
    return POLL_WAIT if is_htmx() else FIRST_WAIT


def _judged_at() -> datetime:
    """The moment at which the figure was judged, as its link says; now for an address typed by hand."""
    try:
        given = datetime.fromisoformat(request.args.get("at", "").replace(" ", "+"))
        return given.astimezone(UTC) if given.tzinfo else clock.now()
    except (ValueError, OverflowError):
        return clock.now()
