"""Departments and branches."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings.forms import UnitForm
from app.blueprints.settings.routes import bp
from app.blueprints.settings.words import KIND_NAMES, REFUSALS
from app.errors import Refused, Stale
from app.models import Unit
from app.queries import users as queries
from app.queries.changes import last_change
from app.rules.permissions import Permission
from app.services import units as service
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import options, whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user

FIELD_OF = {"code_taken": "code"}


@bp.get("/units")
@requires(Permission.USERS_READ)
def units() -> Any:
    """The tree."""
    return render("settings/units.html", lines=queries.unit_lines(), kind_names=KIND_NAMES)


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.USERS_MANAGE)
def unit_new() -> Any:
    """Add a unit."""
    form = UnitForm(data={"kind": "department", "active": True, "parent": 0})
    _offer_parents(form, None)
    if not form.validate_on_submit():
        return _page(form, None, 422 if form.is_submitted() else 200)
    try:
        service.add(**_values(form), by=acting_user(), now=clock.now())
    except Refused as refused:
        return _refused(form, None, refused)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.units"))


@bp.get("/units/<int:unit_id>")
@requires(Permission.USERS_READ)
def unit(unit_id: int) -> Any:
    """One unit; a form for administrators."""
    row = queries.get_unit(unit_id)
    return _page(_form_of(row), row)


@bp.post("/units/<int:unit_id>")
@requires(Permission.USERS_MANAGE)
def unit_save(unit_id: int) -> Any:
    """Rename, move or switch a unit on or off."""
    row, form = queries.get_unit(unit_id), UnitForm()
    _offer_parents(form, row)
    if not form.validate():
        return _page(form, row, 422)
    try:
        service.change(
            row,
            version=whole_number(form.version.data),
            **_values(form),
            active=form.active.data,
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refused:
        return _refused(form, row, refused)
    except Stale:
        conflict = conflict_between(form, _form_of(row), last_change("unit", row.id))
        return _page(form, row, 409, conflict)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.units"))


@bp.post("/units/<int:unit_id>/<any(up, down):direction>")
@requires(Permission.USERS_MANAGE)
def unit_shift(unit_id: int, direction: str) -> Any:
    """Change places with the neighbour."""
    row, by = queries.get_unit(unit_id), acting_user()
    service.shift(row, by=by, now=clock.now(), up=direction == "up")
    return redirect(url_for("settings.units"))


def _page(form: UnitForm, row: Unit | None, status: int = 200, conflict: Conflict | None = None) -> Any:
    members = queries.members(row) if row else 0
    return render(
        "settings/unit.html", form=form, unit=row, members=members, conflict=conflict, status=status
    )


def _form_of(row: Unit) -> UnitForm:
    """The form as the row fills it."""
    form = UnitForm(formdata=None, obj=row)
    form.parent.data = row.parent_id or 0
    _offer_parents(form, row)
    return form


def _offer_parents(form: UnitForm, row: Unit | None) -> None:
    language = page_language()
    form.parent.choices = options(
        [
            (0, _("None, it is the top")),
            *(
                (line.unit.id, "　" * line.depth + line.unit.name_in(language))
                for line in queries.unit_lines()
                if row is None or line.unit.id != row.id
            ),
        ]
    )


def _values(form: UnitForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "name_en": form.name_en.data or "",
        "kind": form.kind.data,
        "code": form.code.data or "",
        "parent_id": form.parent.data or None,
    }


def _refused(form: UnitForm, row: Unit | None, refused: Refused) -> Any:
    form[FIELD_OF.get(refused.code, "parent")].errors = [str(REFUSALS[refused.code])]
    return _page(form, row, 422)
