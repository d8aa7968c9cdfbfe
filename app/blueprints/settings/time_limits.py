"""Time limits: how long everything may take, by severity and where needed by category, in versions."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings import complaint_words as words
from app.blueprints.settings import previews
from app.blueprints.settings.complaint_forms import PolicyForm
from app.blueprints.settings.routes import bp
from app.errors import Stale
from app.models import ClockPolicy
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import versions
from app.queries.complaints.trees import Tree, tree
from app.rules import policy_editing as editing
from app.rules.clocks import Policy, Severity, policies_of
from app.rules.clocks.examples import examples
from app.rules.permissions import Permission
from app.services.complaints.versions import store_policies
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user
from app.web.transactions import release

PAGE = "settings.time_limits"


@bp.get("/time-limits")
@requires(Permission.SETTINGS_READ)
def time_limits() -> Response:
    """All policies: those of every category, and those of categories that have their own."""
    newest, categories = versions.newest_policies(), tree()
    by_class = policies_of(newest.version, newest.document).by_class
    own = list(dict.fromkeys(category for category, _severity in by_class))
    lang = page_language()
    offered = [(one, depth) for one, depth in categories.offered("category") if one.id not in own]
    return render(
        "settings/time_limits.html",
        newest=newest,
        change=versions.change_of(newest),
        running=versions.running_cases(),
        scopes=[
            (category, categories.label(category, lang) if category else "", _rows(by_class, category))
            for category in own
        ],
        offered=[(str(one.id), "　" * depth + one.name_in(lang)) for one, depth in offered],
        words=words,
    )


def _rows(by_class: Any, category: int | None) -> list[tuple[str, Any, Policy]]:
    """Severity, its name, its policy."""
    return [
        (severity.value, words.SEVERITIES[severity], by_class[category, severity])
        for severity in Severity
        if (category, severity) in by_class
    ]


@bp.route("/time-limits/<any(general, major, urgent):severity>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def time_limit(severity: str) -> Any:
    """Change the time limits of one severity."""
    newest, place = versions.newest_policies(), _place(severity)
    form = PolicyForm(data={"version": str(newest.version)})
    if not form.is_submitted():
        form.fill(_policy(newest, place))
        return _page(form, place)
    if not form.validate():
        return _page(form, place, status=422)
    document = editing.with_policy(newest.document, place, Policy(**form.limits(), **form.settings()))  # type: ignore[arg-type]
    if "preview" in request.form:
        return _page(form, place, preview=_preview(newest, document, place, form))
    try:
        return _store(document, seen=whole_number(form.version.data), severity=severity, category=place[0])
    except Stale:
        return _late(form, place)


def _late(form: PolicyForm, place: editing.Place) -> Response:
    release()
    newest = versions.newest_policies()
    stored = PolicyForm(formdata=None, data={"version": str(newest.version)})
    stored.fill(_policy(newest, place))
    conflict = conflict_between(form, stored, versions.change_of(newest))
    return _page(form, place, conflict=conflict, status=409)


def _page(
    form: PolicyForm,
    place: editing.Place,
    *,
    preview: previews.Preview | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
) -> Response:
    return render(
        "settings/time_limit.html",
        form=form,
        category=place[0],
        severity=place[1].value,
        name=words.policy_place(place[0], place[1].value, tree()),
        preview=preview,
        conflict=conflict,
        limits=words.LIMITS,
        running=versions.running_cases(),
        status=status,
    )


@bp.post("/time-limits/own")
@requires(Permission.SETTINGS_MANAGE)
def own_time_limits() -> Any:
    """Give a category time limits of its own, which begin as those of every category, or take them away."""
    newest, categories = versions.newest_policies(), tree()
    category = whole_number(request.form.get("category"))
    document: editing.Document = newest.document
    if request.form.get("own") == "y":
        if not _is_category(categories, category):
            flash(_("Choose a category from the list."), "error")
            return redirect(url_for(PAGE))
        policies = policies_of(newest.version, newest.document)
        for severity in Severity:
            present = policies.of(categories.chain(category), severity)
            if (category, severity) not in policies.by_class:
                document = editing.with_policy(document, (category, severity), present)
    else:
        for severity in Severity:
            document = editing.without_policy(document, (category, severity))
    try:
        return _store(document, seen=None, category=category)
    except Stale:
        release()
        flash(words.refusal("busy"), "error")
        return redirect(url_for(PAGE))


@bp.get("/time-limits/versions")
@requires(Permission.SETTINGS_READ)
def policy_versions() -> Response:
    """Every version: who, when, and what it changed."""
    categories = tree()
    rows = [
        (one, [words.policy_difference(found, categories) for found in _differences(one)])
        for one in versions.versions(ClockPolicy)
    ]
    return render("settings/versions.html", rows=rows, calendar=False, back=url_for(PAGE))


def _differences(one: versions.Version) -> list[editing.Difference]:
    return editing.differences(one.before.document, one.row.document) if one.before else []


def _preview(
    newest: ClockPolicy, document: editing.Document, place: editing.Place, form: PolicyForm
) -> previews.Preview:
    calendars = clock_reads.calendars(versions.newest_calendar().version)
    start = previews.start_of(form.example.data)
    chain = tree().chain(place[0]) if place[0] is not None else ()
    before, after = (
        [
            one
            for one in examples(policies_of(0, found), calendars, start, categories=chain)
            if one.severity == place[1]
        ]
        for found in (newest.document, document)
    )
    return previews.Preview(start, previews.lines(before, after), None, versions.running_cases())


def _store(document: editing.Document, *, seen: int | None, **detail: Any) -> Any:
    """Store and say from when on it holds. Raises `Stale`."""
    row = store_policies(document, seen=seen, by=acting_user(), now=clock.now(), **detail)
    if row is None:
        flash(_("Nothing was changed."), "info")
    else:
        flash(
            _("Saved as version %(version)s, for complaints received from now on.", version=row.version),
            "success",
        )
    return redirect(url_for(PAGE))


def _place(severity: str) -> editing.Place:
    """The category and severity meant; a category without time limits of its own has no such page."""
    text = request.args.get("category", "")
    category = whole_number(text) if text else None
    place = (category, Severity(severity))
    if place not in editing.places(versions.newest_policies().document):
        abort(404)
    return place


def _policy(newest: ClockPolicy, place: editing.Place) -> Policy:
    policy = editing.policy_at(newest.document, place)
    if policy is None:  # somebody has taken it away meanwhile
        abort(404)
    return policy


def _is_category(categories: Tree, category: int) -> bool:
    found = categories.by_id.get(category)
    return found is not None and found.kind == "category"
