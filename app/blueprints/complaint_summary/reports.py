"""Reports: the list, one report with its frozen figures, writing it, and its steps."""

import secrets
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from app import clock
from app.blueprints.complaint_summary import choosing, drafting, paper, tables, views, wording, words
from app.blueprints.complaint_summary.documents import wait_for
from app.blueprints.complaint_summary.forms import ReportForm
from app.blueprints.complaint_summary.routes import bp, summary_of, views_of
from app.errors import Refused, Stale
from app.models import ComplaintReport
from app.queries import complaint_reports as queries
from app.queries import document_rights, users
from app.queries.changes import last_change
from app.queries.complaints.summary import access
from app.queries.complaints.summary.model import ComplaintSummary
from app.rules.complaint_reports import LANGUAGES, OPEN, SECTIONS, State, open_steps
from app.rules.permissions import Permission
from app.services import complaint_reports as service
from app.web.access import requires
from app.web.addresses import page_number
from app.web.conflicts import Conflict, conflict_between
from app.web.filters import day
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import BABEL_LOCALES, page_language
from app.web.security import acting_user
from app.web.transactions import release

_LONGEST_KEY = 43


@bp.get("/reports")
@requires(Permission.REPORTS_READ)
def reports() -> Response:
    """Every report this user may see, the latest first."""
    state = request.args.get("state", "")
    state = state if state in words.REPORT_STATES else ""
    found = queries.listed(acting_user(), state=state, number=page_number())
    return render(
        "complaint_summary/reports.html",
        page_rows=found,
        state=state,
        scope=_scope,
        words=words,
        period_name=_period_name,
        address=lambda number: url_for(".reports", state=state or None, page=number),
    )


@bp.post("/reports")
@requires(Permission.REPORTS_WRITE)
def report_start() -> Any:
    """Begin a report on what the summary shows; one about the same that is still open is gone on with."""
    by = acting_user()
    choice = choosing.read_choice(access.reader_of(by), request.form)
    back = url_for(".index", **(choice.typed if choice.refused else choice.address()))
    language = request.form.get("language", "")
    language = language if language in LANGUAGES else page_language()
    unit = users.get_unit(choice.unit) if choice.unit else None
    present = queries.open_one(by, choice.period.code, choice.kind.value, unit, language)
    if present is not None:
        flash(_("There is a report about this already; here it is."), "info")
        return redirect(url_for(".report", report_id=present.id))
    _state, summary = (None, None) if choice.refused else summary_of(choice)
    if summary is None or summary.state != "shown":
        flash(_("The figures are still being counted. Wait a moment and try again."), "warning")
        return redirect(back)
    report = service.start(
        period=choice.period.code,
        unit=unit,
        figures=summary,
        language=language,
        texts=_drafted(summary, choice, language),
        key=_key(),
        by=by,
        now=clock.now(),
    )
    return redirect(url_for(".report_edit", report_id=report.id))


@bp.get("/reports/<int:report_id>")
@requires(Permission.REPORTS_READ)
def report(report_id: int) -> Response:
    """Text and figures, what to do next, and what was done."""
    return _show(queries.get_visible(acting_user(), report_id))


@bp.get("/reports/<int:report_id>/edit")
@requires(Permission.REPORTS_WRITE)
def report_edit(report_id: int) -> Any:
    """The sections to be written."""
    row = queries.get_visible(acting_user(), report_id)
    if State(row.state) not in OPEN:
        return redirect(url_for(".report", report_id=row.id))
    return _form_page(row, _form_of(row))


@bp.post("/reports/<int:report_id>/edit")
@requires(Permission.REPORTS_WRITE)
def report_save(report_id: int) -> Any:
    """Store what was typed."""
    row, form = queries.get_visible(acting_user(), report_id), ReportForm()
    if not form.validate():
        return _form_page(row, form, status=422)
    texts = {name: form[name].data or "" for name in SECTIONS}
    try:
        service.edit(
            row,
            texts=texts,
            seen=whole_number(form.version.data),
            key=_key(),
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refused:
        release()
        form.form_errors = [str(words.REPORT_REFUSALS[refused.code])]
        return _form_page(queries.get_visible(acting_user(), report_id), form, status=409)
    except Stale:
        conflict = conflict_between(form, _form_of(row), last_change("complaint_report", row.id))
        return _form_page(row, form, conflict, status=409)
    flash(_("Saved."), "success")
    return redirect(url_for(".report", report_id=row.id))


@bp.post("/reports/<int:report_id>/refresh")
@requires(Permission.REPORTS_WRITE)
def report_refresh(report_id: int) -> Any:
    """Take the figures anew while the report is open."""
    row, by = queries.get_visible(acting_user(), report_id), acting_user()
    choice = choosing.of_report(row, access.reader_of(by), frozen=False)
    _state, summary = summary_of(choice)
    if summary is None or summary.state != "shown":
        flash(_("The figures are still being counted. Wait a moment and try again."), "warning")
        return redirect(url_for(".report", report_id=report_id))
    texts = _drafted(summary, choice, row.language)

    def take(**common: Any) -> None:
        kept = service.refresh(row, figures=summary, texts=texts, **common)
        if kept:
            names = _(", ").join(str(words.SECTIONS[name]) for name in kept)
            flash(
                _(
                    "The figures are new. These sections were written by hand and stay; check the numbers in them: %(names)s.",
                    names=names,
                ),
                "warning",
            )
        else:
            flash(_("The figures are new, and so is the text drafted from them."), "success")

    return _take(row, take)


@bp.post("/reports/<int:report_id>/submit")
@requires(Permission.REPORTS_WRITE)
def report_submit(report_id: int) -> Any:
    """Hand it to management."""
    row = queries.get_visible(acting_user(), report_id)
    return _take(row, lambda **common: service.submit(row, **common))


@bp.post("/reports/<int:report_id>/review")
@requires(Permission.REPORTS_DECIDE)
def report_review(report_id: int) -> Any:
    """Management has read it."""
    row = queries.get_visible(acting_user(), report_id)
    return _take(row, lambda **common: service.review(row, **common))


@bp.post("/reports/<int:report_id>/return")
@requires(Permission.REPORTS_DECIDE)
def report_return(report_id: int) -> Any:
    """Back to the authors, with a reason."""
    row = queries.get_visible(acting_user(), report_id)
    reason = ReportForm.cleaned_reason(request.form.get("reason"))
    return _take(row, lambda **common: service.give_back(row, reason=reason, **common), reason=reason)


@bp.post("/reports/<int:report_id>/documents")
@requires(Permission.REPORTS_READ)
def report_document(report_id: int) -> Any:
    """Have it written as Word or PDF, in the language of the report."""
    row = queries.get_visible(acting_user(), report_id)
    choice = choosing.of_report(row, access.reader_of(acting_user()))
    with force_locale(BABEL_LOCALES[row.language]):
        told = paper.Told(queries.texts_of(row), _facts(row), str(words.MARKS[row.state]))
        described = paper.document(views_of(queries.figures_of(row), choice), told)
    back = url_for(".report", report_id=row.id)
    return wait_for(described, right=document_rights.of_report(row), back=back, about={"report": row.id})


# Parts


def _take(row: ComplaintReport, step: Any, *, reason: str = "") -> Any:
    """Take one step; when it can't be taken, the page says why and keeps the reason that was typed."""
    report_id, seen = row.id, whole_number(request.form.get("version"))
    try:
        step(seen=seen, key=_key(), by=acting_user(), now=clock.now())
    except (Refused, Stale) as error:
        release()
        status = 422 if error.code in ("no_reason", "empty_report") else 409
        told = str(words.REPORT_REFUSALS[error.code])
        return _show(
            queries.get_visible(acting_user(), report_id), refusal=told, reason=reason, status=status
        )
    return redirect(url_for(".report", report_id=report_id))


def _key() -> str:
    return request.form.get("key", "")[:_LONGEST_KEY]


def _drafted(summary: ComplaintSummary, choice: choosing.Choice, language: str) -> dict[str, str]:
    with force_locale(BABEL_LOCALES[language]):
        return drafting.drafted(views_of(summary, choice))


def _show(row: ComplaintReport, *, refusal: str = "", reason: str = "", status: int = 200) -> Response:
    by = acting_user()
    choice = choosing.of_report(row, access.reader_of(by))
    summary = queries.figures_of(row)
    standing = queries.standing(by, row)
    steps = {step.value for step in open_steps(row.state, standing)}
    return render(
        "complaint_summary/report.html",
        report=row,
        texts=queries.texts_of(row),
        steps=steps,
        own=standing.own,
        whole=queries.is_whole(row),
        returned=queries.last_event(row, "returned"),
        reviewed=queries.last_event(row, "reviewed"),
        refusal=refusal,
        reason=reason,
        key=secrets.token_urlsafe(16),
        scope=_scope(row),
        title=words.period_name(choice.period),
        views=views_of(summary, choice),
        summary=summary,
        wording=wording,
        words=words,
        group_change=views.group_change,
        method_lines=tables.method_lines,
        status=status,
    )


def _form_of(row: ComplaintReport) -> ReportForm:
    form = ReportForm(formdata=None, obj=row)
    form.version.data = str(row.version)
    return form


def _form_page(
    row: ComplaintReport, form: ReportForm, conflict: Conflict | None = None, *, status: int = 200
) -> Response:
    form.key.data = form.key.data or secrets.token_urlsafe(16)
    return render(
        "complaint_summary/report_edit.html",
        report=row,
        form=form,
        conflict=conflict,
        title=_period_name(row),
        scope=_scope(row),
        words=words,
        status=status,
    )


def _period_name(row: ComplaintReport) -> str:
    return words.period_name(choosing.parse(row.period))


def _scope(row: ComplaintReport) -> str:
    unit = row.unit.name_in(page_language()) if row.unit else _("The whole firm")
    kind = "" if row.kind == "complaint" else f" · {words.KINDS[row.kind]}"
    return f"{unit}{kind}"


def _facts(row: ComplaintReport) -> list[tuple[str, str]]:
    """What stands under the title of the document."""
    author = row.created_by.name if row.created_by else "–"
    facts = [(_("Written by"), author)]
    if State(row.state) in OPEN:
        return facts
    submitted, reviewed = queries.last_event(row, "submitted"), queries.last_event(row, "reviewed")
    if submitted is not None:
        facts.append((_("Submitted"), f"{submitted.by_name}, {day(submitted.at)}"))
    if reviewed is not None and row.state == State.REVIEWED:
        said = f"{reviewed.by_name}, {day(reviewed.at)}"
        facts.append((_("Reviewed"), f"{said} {_own_note(row, reviewed.by_id)}".strip()))
    return [*facts, (_("Fingerprint"), row.digest[:16])]


def _own_note(row: ComplaintReport, by_id: int | None) -> str:
    """A report that its own author has reviewed says so: there was nobody else."""
    wrote = {event.by_id for event in row.events if event.kind in ("started", "edited", "submitted")}
    return _("(the author, who is alone in the firm)") if by_id in wrote else ""
