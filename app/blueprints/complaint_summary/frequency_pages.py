"""Routes of the figures of feedback: tables and trends, their spreadsheet, and the entries behind a number."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, make_response, redirect, request, url_for
from flask_babel import gettext as _

from app.blueprints.complaint_summary import choosing, words
from app.blueprints.complaint_summary.frequency import FIELDS, NO_UNIT, STEPS, Asked, Frequency, read, short
from app.blueprints.complaint_summary.routes import bp, patience
from app.queries.complaints import figures
from app.queries.complaints.summary import access
from app.queries.complaints.trees import Tree, tree
from app.queries.figures import kept
from app.queries.paging import PER_PAGE
from app.rules.permissions import Permission
from app.web.access import is_htmx, requires
from app.web.addresses import page_number
from app.web.downloads import workbook_download
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user

_TEXT, _COUNT, _NUMBER = "text", "integer", "decimal"


@bp.get("/feedback")
@requires(Permission.COMPLAINTS_SUMMARY)
def feedback_figures() -> Response:
    """How often what was told in a period, and how that went."""
    reader, categories = access.reader_of(acting_user()), tree()
    asked = read(reader, categories)
    shown = not (reader.cautious or asked.choice.refused)
    return render(
        "complaint_summary/frequency.html",
        asked=asked,
        figures=Frequency.of(reader, asked, categories) if shown else None,
        cautious=reader.cautious,
        refusal=words.REFUSALS.get(asked.choice.refused, ""),
        chips=_chips(asked, categories, reader),
        fields={name: _field(name) for name in FIELDS},
        steps=[(STEPS[0], _("by month")), (STEPS[1], _("by week"))],
        title=words.period_name(asked.choice.period),
        short=short,
        counted=words.COUNTED,
    )


@bp.get("/feedback/entries")
@requires(Permission.COMPLAINTS_READ)
def feedback_entries() -> Response:
    """Exactly the entries that a number counts, for who may see single ones."""
    reader, categories = access.reader_of(acting_user()), tree()
    asked = read(reader, categories)
    if asked.choice.refused or reader.cautious:
        abort(404)
    page = figures.found(reader, asked.wanted(asked.choice.period), categories, page=page_number())
    return render(
        "complaint_summary/entries.html",
        page_rows=page,
        per_page=PER_PAGE,
        said=_said(asked, categories),
        title=words.period_name(asked.choice.period),
        back=url_for(".feedback_figures", **asked.address()),
        address=lambda number: url_for(
            ".feedback_entries", **asked.address(page=number, exactly=request.args.get("exactly"))
        ),
        tree=categories,
        words=words,
    )


@bp.get("/feedback/workbook")
@requires(Permission.COMPLAINTS_SUMMARY)
def feedback_workbook() -> Response:
    """The same figures as a spreadsheet; a page that waits while it is written."""
    reader, categories = access.reader_of(acting_user()), tree()
    asked = read(reader, categories)
    if asked.choice.refused or reader.cautious:
        return make_response(redirect(url_for(".feedback_figures", **asked.choice.typed)))
    sheets = _sheets(Frequency.of(reader, asked, categories), asked, categories)
    # What is kept is found by all that the sheets hold; two figures that are alike are one file.
    state, path = kept.written(kept.place("complaints", "feedback.xlsx"), "feedback", sheets, wait=patience())
    period = words.period_name(asked.choice.period)
    if path is not None and not is_htmx():
        return workbook_download(path, filename=_("Feedback %(period)s.xlsx", period=period))
    return render(
        "complaint_summary/workbook.html",
        fragment="workbook",
        state=state.value,
        address=url_for(".feedback_workbook", **asked.address()),
        back=url_for(".feedback_figures", **asked.address()),
        title=period,
    )


def _chips(asked: Asked, categories: Tree, reader: access.Reader) -> list[choosing.Chip]:
    """Those of the summary but its kind, what else the entries are narrowed to, and what is set against what."""
    lang = page_language()
    every: list[tuple[str, str]] = [("", _("All"))]
    kinds = [(kind.value, str(words.KINDS[kind.value])) for kind in reader.kinds]
    offered = [
        (str(one.id), "　" * depth + one.name_in(lang))
        for one, depth in categories.offered("category", also=asked.category)
    ]
    bar = [chip for chip in choosing.chips(asked.choice) if chip.name != "kind"]
    if len(kinds) > 1:
        bar.append(choosing.Chip("what", _("Kind of feedback"), asked.kind, every + kinds))
    bar.append(
        choosing.Chip("category", str(words.FIELDS["category"]), str(asked.category or ""), every + offered)
    )
    channels = [(key, str(name)) for key, name in words.CHANNELS.items()]
    bar.append(choosing.Chip("channel", str(words.FIELDS["channel"]), asked.channel, every + channels))
    fields = [(name, _field(name)) for name in FIELDS]
    bar.append(choosing.Chip("rows", _("Down"), asked.rows, fields))
    bar.append(choosing.Chip("columns", _("Across"), asked.columns, fields))
    return bar


def _field(name: str) -> str:
    return str(words.FIELDS.get(name, _("Kind of feedback")))


def _said(asked: Asked, categories: Tree) -> str:
    """What the list was narrowed to, in words."""
    lang = page_language()
    parts = [str(words.KINDS[asked.kind]) if asked.kind else _("Feedback")]
    if asked.category is not None:
        parts.append(categories.label(asked.category, lang))
    if asked.channel:
        parts.append(str(words.CHANNELS[asked.channel]))
    if request.args.get("exactly") == NO_UNIT:
        parts.append(str(words.MISSING["unit"]))
    return " · ".join(parts)


def _sheets(found: Frequency, asked: Asked, categories: Tree) -> list[Mapping[str, Any]]:
    """The table, both trends, and what was asked: as `app.jobs.analyst` writes them."""
    table, periods = found.table(), found.stretches()
    rows_name, columns_name = (_field(name) for name in (asked.rows, asked.columns))
    columns = [[rows_name, _TEXT, 34], *([one.label, _COUNT] for one in table.columns)]
    columns += [[_("Sum"), _COUNT], [_("Share, %"), _NUMBER]]
    body = [
        ["    " * row.depth + row.label, *(cell.number for cell in cells), total.number, total.share]
        for row, cells, total in table.rows
    ]
    body.append([_("Sum"), *(cell.number for cell in table.sums), table.total.number, 100.0])
    sheets: list[Mapping[str, Any]] = [
        {
            "title": _("%(rows)s by %(columns)s", rows=rows_name, columns=columns_name),
            "columns": columns,
            "rows": body,
        }
    ]
    for name, lines in found.trends():
        heads = [[str(words.FIELDS[name]), _TEXT, 34], *([short(period), _COUNT] for period in periods)]
        course = [[line.label, *(cell.number for cell in line.cells)] for line in lines]
        sheets.append(
            {"title": _("Trend: %(what)s", what=words.FIELDS[name]), "columns": heads, "rows": course}
        )
    asked_for = [
        [_("Period"), words.period_name(asked.choice.period)],
        [_("Counted"), _said(asked, categories)],
    ]
    asked_for.append([_("What counts"), str(words.COUNTED)])
    sheets.append(
        {
            "title": _("Method and filter"),
            "columns": [[_("Topic"), _TEXT, 34], [_("How"), _TEXT, 90]],
            "rows": asked_for,
        }
    )
    return sheets
