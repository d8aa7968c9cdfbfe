"""Assignment rules: to whom new complaints go by themselves, and trying out where one would go."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings import complaint_words as words
from app.blueprints.settings.complaint_forms import RuleForm
from app.blueprints.settings.routes import bp
from app.errors import Refused, Stale
from app.models import AssignmentRule
from app.queries import users
from app.queries.changes import last_change
from app.queries.complaints import cases
from app.queries.complaints import routing as queries
from app.queries.complaints.trees import Tree, tree
from app.rules.permissions import Permission
from app.services.complaints import routing as service
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import options, whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user
from app.web.transactions import release

PAGE = "settings.assignment_rules"
Pairs = list[tuple[str, Any]]


@bp.get("/assignment")
@requires(Permission.SETTINGS_READ)
def assignment_rules() -> Response:
    """The rules in the order in which they are tried, and where a complaint would go."""
    categories = tree()
    lines = queries.lines(categories)
    narrow = [line for line in lines if _conditions(line.row) != (None, None, None)]
    return render(
        "settings/assignment.html",
        lines=narrow,
        fallback=next((line for line in lines if line not in narrow), None),
        tree=categories,
        units={line.unit.id: line.unit for line in users.unit_lines()},
        tried=_tried(categories),
        offered=(
            _categories(categories, _("Choose a category")),
            _units(_("No unit named")),
            words.SEVERITIES,
        ),
        words=words,
    )


def _conditions(row: AssignmentRule) -> tuple[int | None, int | None, str | None]:
    return row.category_id, row.unit_id, row.severity


def _tried(categories: Tree) -> queries.Destination | None:
    """Where the complaint of the try-out box would go; None before anything was chosen."""
    category, unit = whole_number(request.args.get("category")), whole_number(request.args.get("unit"))
    severity = request.args.get("severity", "general")
    if category not in categories.by_id or severity not in words.SEVERITIES:
        return None
    return queries.destination(categories, category, unit if unit > 0 else None, severity)


@bp.route("/assignment/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def assignment_rule_new() -> Any:
    """One rule more."""
    form = RuleForm()
    _offer(form, None)
    if not form.validate_on_submit():
        return _page(form, None, 422 if form.is_submitted() else 200)
    try:
        service.add(_rule(form), by=acting_user(), now=clock.now())
    except Refused as refused:
        return _refused(form, None, refused)
    flash(_("Saved."), "success")
    return redirect(url_for(PAGE))


@bp.route("/assignment/<int:rule_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def assignment_rule(rule_id: int) -> Any:
    """Change a rule."""
    row = queries.get(rule_id)
    form = _form_of(row) if request.method == "GET" else RuleForm()
    _offer(form, row)
    if not form.validate_on_submit():
        return _page(form, row, 422 if form.is_submitted() else 200)
    try:
        version = whole_number(form.version.data)
        service.change(row, _rule(form), version=version, by=acting_user(), now=clock.now())
    except Refused as refused:
        return _refused(form, row, refused)
    except Stale:
        release()
        row = queries.get(rule_id)
        stored = _form_of(row)
        _offer(stored, row)
        conflict = conflict_between(form, stored, last_change("assignment_rule", row.id))
        return _page(form, row, 409, conflict)
    flash(_("Saved."), "success")
    return redirect(url_for(PAGE))


@bp.post("/assignment/<int:rule_id>/remove")
@requires(Permission.SETTINGS_MANAGE)
def assignment_rule_remove(rule_id: int) -> Any:
    """Take a rule away."""
    service.remove(queries.get(rule_id), by=acting_user(), now=clock.now())
    flash(_("Removed. What it has assigned stays where it is."), "success")
    return redirect(url_for(PAGE))


def _page(
    form: RuleForm, row: AssignmentRule | None, status: int = 200, conflict: Conflict | None = None
) -> Any:
    return render("settings/assignment_rule.html", form=form, rule=row, conflict=conflict, status=status)


def _refused(form: RuleForm, row: AssignmentRule | None, refused: Refused) -> Any:
    field, sentence = words.RULE_REFUSALS[refused.code]
    form[field].errors = [str(sentence)]
    return _page(form, row, 422)


def _form_of(row: AssignmentRule) -> RuleForm:
    return RuleForm(
        formdata=None,
        data={
            "version": str(row.version),
            "category": str(row.category_id or ""),
            "unit": str(row.unit_id or ""),
            "severity": row.severity or "",
            "to_unit": str(row.to_unit_id),
            "handler": str(row.handler_id or ""),
        },
    )


def _rule(form: RuleForm) -> service.Rule:
    return service.Rule(
        category_id=int(form.category.data) if form.category.data else None,
        unit_id=int(form.unit.data) if form.unit.data else None,
        severity=form.severity.data or None,
        to_unit_id=int(form.to_unit.data),
        handler_id=int(form.handler.data) if form.handler.data else None,
    )


def _offer(form: RuleForm, row: AssignmentRule | None) -> None:
    """Fill the lists; what the rule has stays in them though it is switched off."""
    also = row.category_id if row else None
    form.category.choices = options(_categories(tree(), _("Every category"), also=also))
    form.unit.choices = options(_units(_("Every unit")))
    form.severity.choices = options([("", _("Every severity")), *words.SEVERITIES.items()])
    form.to_unit.choices = options(_units(_("Choose a unit")))
    form.handler.choices = options(_handlers(row))


def _categories(categories: Tree, none: str, *, also: int | None = None) -> Pairs:
    lang = page_language()
    offered = categories.offered("category", also=also)
    return [("", none), *((str(one.id), "　" * depth + one.name_in(lang)) for one, depth in offered)]


def _units(none: str) -> Pairs:
    lang = page_language()
    lines = users.unit_lines()
    return [("", none), *((str(line.unit.id), "　" * line.depth + line.unit.name_in(lang)) for line in lines)]


def _handlers(row: AssignmentRule | None) -> Pairs:
    units = {line.unit.id: line.unit for line in users.unit_lines()}
    lang = page_language()
    found: dict[str, str] = {"": _("Nobody named")}
    for user, unit_id in cases.handlers():
        place = units[unit_id].name_in(lang)
        name = found.get(str(user.id))
        found[str(user.id)] = f"{name}, {place}" if name else f"{user.name} · {place}"
    if row is not None and row.handler_id and str(row.handler_id) not in found:
        found[str(row.handler_id)] = users.get(row.handler_id).name
    return list(found.items())
