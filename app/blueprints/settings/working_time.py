"""Working time: the weekly hours, special days and official holidays of the firm and of units, in versions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings import complaint_words as words
from app.blueprints.settings import previews
from app.blueprints.settings.complaint_forms import DaysForm, WeekForm
from app.blueprints.settings.routes import bp
from app.blueprints.settings.year_view import YearView
from app.errors import Refused, Stale
from app.models import WorkingCalendar
from app.queries import users
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import versions
from app.rules import calendar_editing as editing
from app.rules.clocks import calendars_of
from app.rules.clocks.examples import examples
from app.rules.permissions import Permission
from app.services.complaints.versions import store_calendar
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user
from app.web.transactions import release

PAGE = "settings.working_time"


@bp.get("/working-time")
@requires(Permission.SETTINGS_READ)
def working_time() -> Response:
    """One calendar over a year, and which units have their own."""
    newest, unit = versions.newest_calendar(), _unit()
    calendars = calendars_of(newest.version, newest.document, clock_reads.zone(), page_language())
    year = _year()
    follows = unit is not None and newest.document["units"][str(unit)]["follows"]
    firms = editing.own_days(newest.document) if follows else ()
    calendar = calendars.firm if unit is None else calendars.units[unit]
    return render(
        "settings/working_time.html",
        newest=newest,
        change=versions.change_of(newest),
        unit=unit,
        units=_units(),
        own=editing.units(newest.document),
        week=list(zip(words.WEEKDAYS, map(words.hours_text, calendar.week), strict=True)),
        follows=follows,
        view=YearView(calendar, editing.own_days(newest.document, unit), year, firms=firms),
        year_state=_year_state(newest.document, year),
        years=(editing.EARLIEST, editing.LATEST),
        words=words,
    )


@bp.route("/working-time/hours", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def working_hours() -> Any:
    """Change the weekly hours of the firm, or of a unit that has its own."""
    newest, unit = versions.newest_calendar(), _unit()
    form = WeekForm(data={"version": str(newest.version)})
    if not form.is_submitted():
        form.fill(editing.week(newest.document, unit), follows=_follows(newest, unit))
    elif not form.validate():
        return _hours_page(form, unit, status=422)
    else:
        try:
            document = editing.with_week(newest.document, unit, form.week(), bool(form.follows.data))
            if "preview" in request.form:
                return _hours_page(form, unit, preview=_preview(newest, document, unit, form))
            return _store(document, unit, seen=whole_number(form.version.data), part="hours")
        except Refused as refused:
            form.form_errors = [words.refusal(refused.code, **refused.params)]
            return _hours_page(form, unit, status=422)
        except Stale:
            return _hours_late(form, unit)
    return _hours_page(form, unit)


def _hours_late(form: WeekForm, unit: int | None) -> Response:
    release()
    newest = versions.newest_calendar()
    stored = WeekForm(formdata=None, data={"version": str(newest.version)})
    stored.fill(editing.week(newest.document, unit), follows=_follows(newest, unit))
    conflict = conflict_between(form, stored, versions.change_of(newest))
    return _hours_page(form, unit, conflict=conflict, status=409)


def _hours_page(
    form: WeekForm,
    unit: int | None,
    *,
    preview: previews.Preview | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    return render(
        "settings/working_hours.html",
        form=form,
        unit=unit,
        whose=words.whose(unit, _units()),
        preview=preview,
        conflict=conflict,
        status=status,
    )


@bp.route("/working-time/days", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def special_days() -> Any:
    """Enter days off, make-up days, or other hours."""
    newest, unit = versions.newest_calendar(), _unit()
    form = DaysForm()
    if not form.validate_on_submit():
        return _days_page(form, unit, status=422 if form.is_submitted() else 200)
    try:
        document = editing.with_days(newest.document, unit, form.entry())
        if "preview" in request.form:
            return _days_page(form, unit, preview=_preview(newest, document, unit, form))
        return _store(document, unit, part="days", year=form.first.data.year)
    except Refused as refused:
        field = {"name_missing": "name", "hours_missing": "hours", "ends_before": "last"}
        place = form[field.get(refused.code, "first")]
        place.errors = [words.refusal(refused.code, **refused.params)]
        return _days_page(form, unit, status=422)
    except Stale:
        release()
        form.form_errors = [words.refusal("busy")]
        return _days_page(form, unit, status=409)


def _days_page(
    form: DaysForm, unit: int | None, *, preview: previews.Preview | None = None, status: int = 200
) -> Response:
    whose = words.whose(unit, _units())
    return render(
        "settings/special_days.html", form=form, unit=unit, whose=whose, preview=preview, status=status
    )


@bp.post("/working-time/days/remove")
@requires(Permission.SETTINGS_MANAGE)
def special_days_remove() -> Any:
    """Take an entry away; when it is gone already, nothing happens."""
    newest, unit = versions.newest_calendar(), _unit()
    try:
        first = date.fromisoformat(request.form.get("first", ""))
    except ValueError:
        abort(404)
    document = editing.without_days(newest.document, unit, first)
    return _store_or_ask_again(document, unit, part="days", year=first.year)


@bp.post("/working-time/own")
@requires(Permission.SETTINGS_MANAGE)
def own_calendar() -> Any:
    """Give a unit a calendar of its own, or take it away."""
    newest = versions.newest_calendar()
    unit = whole_number(request.form.get("unit"))
    if unit not in _units():
        flash(words.refusal("no_unit"), "error")
        return redirect(url_for(PAGE))
    if request.form.get("own") == "y":
        return _store_or_ask_again(editing.with_unit(newest.document, unit), unit, part="unit")
    return _store_or_ask_again(editing.without_unit(newest.document, unit), None, part="unit")


@bp.post("/working-time/year")
@requires(Permission.SETTINGS_MANAGE)
def official_year() -> Any:
    """Say that all holidays of a year are entered, or that they are not."""
    newest, year = versions.newest_calendar(), whole_number(request.form.get("year"))
    try:
        document = editing.with_year(newest.document, year, known=request.form.get("known") == "y")
    except Refused:
        abort(404)
    return _store_or_ask_again(document, None, part="year", year=year)


@bp.get("/working-time/versions")
@requires(Permission.SETTINGS_READ)
def calendar_versions() -> Response:
    """Every version: who, when, and what it changed."""
    units = _units()
    rows = [
        (
            one,
            [words.calendar_difference(found, units) for found in _differences(one)],
        )
        for one in versions.versions(WorkingCalendar)
    ]
    return render("settings/versions.html", rows=rows, calendar=True, back=url_for(PAGE))


def _differences(one: versions.Version) -> list[editing.Difference]:
    return editing.differences(one.before.document, one.row.document) if one.before else []


def _preview(
    newest: WorkingCalendar, document: editing.Document, unit: int | None, form: WeekForm | DaysForm
) -> previews.Preview:
    policies = clock_reads.policies(versions.newest_policies().version)
    zone, lang = clock_reads.zone(), page_language()
    now_, then = (
        calendars_of(number, one, zone, lang)
        for number, one in ((newest.version, newest.document), (newest.version + 1, document))
    )
    start = previews.start_of(form.example.data)
    found = previews.lines(
        examples(policies, now_, start, unit=unit), examples(policies, then, start, unit=unit)
    )
    return previews.Preview(start, found, versions.affected(then, now=clock.now()))


def _store(
    document: editing.Document,
    unit: int | None,
    *,
    part: str,
    seen: int | None = None,
    year: int | None = None,
) -> Any:
    """Store, say what happens next, and show the calendar. Raises `Stale`."""
    row = store_calendar(document, seen=seen, by=acting_user(), now=clock.now(), part=part, unit=unit)
    if row is None:
        flash(_("Nothing was changed."), "info")
    else:
        flash(
            _("Saved as version %(version)s. Running cases follow within a minute.", version=row.version),
            "success",
        )
    return redirect(url_for(PAGE, unit=unit, year=year))


def _store_or_ask_again(
    document: editing.Document, unit: int | None, *, part: str, year: int | None = None
) -> Any:
    try:
        return _store(document, unit, part=part, year=year)
    except Stale:
        release()
        flash(words.refusal("busy"), "error")
        return redirect(url_for(PAGE, unit=unit, year=year))


def _unit() -> int | None:
    """The unit whose calendar is meant, None for the firm's; one without a calendar of its own has no such page."""
    text = request.values.get("unit", "")
    if not text:
        return None
    number = whole_number(text)
    if number not in editing.units(versions.newest_calendar().document) or number not in _units():
        abort(404)
    return number


def _units() -> Mapping[int, Any]:
    return {line.unit.id: line.unit for line in users.unit_lines()}


def _year() -> int:
    number = whole_number(request.args.get("year"))
    return number if editing.EARLIEST <= number <= editing.LATEST else _today().year


def _today() -> date:
    return clock.now().astimezone(clock_reads.zone()).date()


def _year_state(document: editing.Document, year: int) -> str:
    """`known`, `confirmed` by a person, `provisional`, or `unknown`: nothing is said of it."""
    if year in document["provisional"]:
        return "provisional"
    if year in document.get("confirmed", ()):
        return "confirmed"
    return "known" if any(day["on"].startswith(str(year)) for day in document["special_days"]) else "unknown"


def _follows(newest: WorkingCalendar, unit: int | None) -> bool:
    return unit is not None and bool(newest.document["units"][str(unit)]["follows"])
