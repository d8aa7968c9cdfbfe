"""The trees of categories and causes: adding, renaming, moving, ordering, switching off."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings import complaint_words as words
from app.blueprints.settings.complaint_forms import CategoryForm
from app.blueprints.settings.routes import bp
from app.errors import Refused, Stale
from app.models import FeedbackCategory
from app.queries.changes import last_change
from app.queries.complaints import trees as queries
from app.rules.permissions import Permission
from app.services.complaints import trees as service
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import options, whole_number
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user
from app.web.transactions import release


@bp.get("/categories")
@requires(Permission.SETTINGS_READ)
def category_tree() -> Response:
    """One of the two trees."""
    kind = _kind()
    return render(
        "settings/categories.html",
        kind=kind,
        kinds=words.TREES,
        lines=_lines(kind),
        uses=queries.uses(kind),
    )


def _lines(kind: str) -> list[dict[str, Any]]:
    """Each entry with its depth, and whether it is the first or last of those beside it."""
    whole = queries.tree().whole(kind)
    beside: dict[int | None, list[int]] = {}
    for row, _depth in whole:
        beside.setdefault(row.parent_id, []).append(row.id)
    return [
        {
            "row": row,
            "depth": depth,
            "first": beside[row.parent_id][0] == row.id,
            "last": beside[row.parent_id][-1] == row.id,
        }
        for row, depth in whole
    ]


@bp.route("/categories/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def category_new() -> Any:
    """One entry more."""
    kind = _kind()
    form = CategoryForm(data={"active": True, "parent": request.args.get("parent", "")})
    _offer(form, kind, None)
    if not form.validate_on_submit():
        return _page(form, kind, None, 422 if form.is_submitted() else 200)
    try:
        row = service.add(kind, **_values(form), by=acting_user(), now=clock.now())
    except Refused as refused:
        return _refused(form, kind, None, refused)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.category_tree", kind=kind, _anchor=f"c{row.id}"))


@bp.route("/categories/<int:category_id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_MANAGE)
def category(category_id: int) -> Any:
    """Rename, move, or switch an entry on or off."""
    row = queries.get(category_id)
    form = _form_of(row) if request.method == "GET" else CategoryForm()
    _offer(form, row.kind, row)
    if not form.validate_on_submit():
        return _page(form, row.kind, row, 422 if form.is_submitted() else 200)
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
        return _refused(form, row.kind, row, refused)
    except Stale:
        return _late(form, category_id)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.category_tree", kind=row.kind, _anchor=f"c{row.id}"))


def _late(form: CategoryForm, category_id: int) -> Any:
    release()
    row = queries.get(category_id)
    stored = _form_of(row)
    _offer(stored, row.kind, row)
    return _page(form, row.kind, row, 409, conflict_between(form, stored, last_change("category", row.id)))


@bp.post("/categories/<int:category_id>/<any(up, down):direction>")
@requires(Permission.SETTINGS_MANAGE)
def category_shift(category_id: int, direction: str) -> Any:
    """Change places with the neighbour."""
    row = queries.get(category_id)
    service.shift(row, by=acting_user(), now=clock.now(), up=direction == "up")
    return redirect(url_for("settings.category_tree", kind=row.kind, _anchor=f"c{row.id}"))


def _page(
    form: CategoryForm,
    kind: str,
    row: FeedbackCategory | None,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Any:
    return render(
        "settings/category.html",
        form=form,
        kind=kind,
        kinds=words.TREES,
        category=row,
        used=queries.uses(kind).get(row.id, 0) if row else 0,
        conflict=conflict,
        status=status,
    )


def _refused(form: CategoryForm, kind: str, row: FeedbackCategory | None, refused: Refused) -> Any:
    field, sentence = words.TREE_REFUSALS[refused.code]
    form[field].errors = [str(sentence)]
    return _page(form, kind, row, 422)


def _form_of(row: FeedbackCategory) -> CategoryForm:
    form = CategoryForm(formdata=None, obj=row)
    form.parent.data = str(row.parent_id or "")
    return form


def _values(form: CategoryForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "name_en": form.name_en.data or "",
        "parent_id": int(form.parent.data) if form.parent.data else None,
    }


def _offer(form: CategoryForm, kind: str, row: FeedbackCategory | None) -> None:
    lang = page_language()
    form.parent.choices = options(
        [
            ("", _("None, it is the top")),
            *(
                (str(one.id), "　" * depth + one.name_in(lang))
                for one, depth in queries.tree().whole(kind)
                if row is None or one.id != row.id
            ),
        ]
    )


def _kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in service.KINDS else service.KINDS[0]
