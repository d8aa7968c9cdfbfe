"""Saved views: keeping the filters of the desk under a name, and the page on which they are put in order."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from app import clock
from app.blueprints.complaints import bp, words
from app.blueprints.complaints.narrowing import KEPT, address_of_view
from app.errors import Missing, Refused, Stale
from app.models import SavedView
from app.queries.changes import last_change
from app.queries.complaints import views as queries
from app.rules.permissions import Permission, Role
from app.services.complaints import views as services
from app.web.access import requires
from app.web.addresses import LONGEST_FILTER
from app.web.conflicts import Conflict, conflict_between
from app.web.forms import Form, cleaned, whole_number
from app.web.fragments import render
from app.web.security import acting_user
from app.web.transactions import release


class ViewForm(Form):
    """The name of a view, and who has it on his desk."""

    version = HiddenField()
    name = StringField(_l("Name of the view"), [DataRequired(_l("Give it a name.")), Length(max=60)])
    shared = BooleanField(_l("Share it with customer service"))
    first = BooleanField(_l("Begin with it when I open the desk"))


@bp.get("/complaints/views")
@requires(Permission.COMPLAINTS_READ)
def views() -> Response:
    """All views on one's desk; and, with filters in the address, the form to keep them."""
    return _page(ViewForm(formdata=None))


@bp.post("/complaints/views")
@requires(Permission.COMPLAINTS_READ)
def view_add() -> Any:
    """Keep the filters that were sent with the form."""
    form = ViewForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        view = services.save(
            form.name.data or "",
            _filters(),
            shared=form.shared.data,
            first=form.first.data,
            by=acting_user(),
            now=clock.now(),
        )
    except Refused as refusal:
        release()
        form.form_errors = [words.refusal_text(refusal)]
        return _page(form, status=422)
    flash(_("Saved."), "success")
    return redirect(address_of_view(view))


@bp.get("/complaints/views/<int:view_id>")
@requires(Permission.COMPLAINTS_READ)
def view_edit(view_id: int) -> Response:
    """The form of one's own view."""
    view = _own(view_id)
    return _edit_page(view, _form_of(view))


@bp.post("/complaints/views/<int:view_id>")
@requires(Permission.COMPLAINTS_READ)
def view_save(view_id: int) -> Any:
    """Rename or share it; a stale save shows both side by side."""
    view, form = _own(view_id), ViewForm()
    if not form.validate():
        return _edit_page(view, form, status=422)
    seen = whole_number(form.version.data)
    try:
        services.change(
            view,
            name=form.name.data or "",
            shared=form.shared.data,
            seen=seen,
            by=acting_user(),
            now=clock.now(),
        )
    except Stale:
        conflict = conflict_between(form, _form_of(view), last_change("saved_view", view.id))
        return _edit_page(view, form, conflict=conflict, status=409)
    flash(_("Saved."), "success")
    return redirect(url_for("complaints.views"))


@bp.post("/complaints/views/<int:view_id>/<any(delete, restore):way>")
@requires(Permission.COMPLAINTS_READ)
def view_delete(view_id: int, way: str) -> Any:
    """Take it off every desk, or bring it back."""
    services.delete(_own(view_id), away=way == "delete", by=acting_user(), now=clock.now())
    return redirect(url_for("complaints.views"))


@bp.post("/complaints/views/<int:view_id>/first")
@requires(Permission.COMPLAINTS_READ)
def view_first(view_id: int) -> Any:
    """The desk begins with this view from now on."""
    services.begin_with(queries.get(current_user, view_id), by=acting_user())
    return redirect(url_for("complaints.views"))


@bp.post("/complaints/views/first/none")
@requires(Permission.COMPLAINTS_READ)
def view_none_first() -> Any:
    """The desk begins as it does by itself."""
    services.begin_with(None, by=acting_user())
    return redirect(url_for("complaints.views"))


def _own(view_id: int) -> SavedView:
    view = queries.get(current_user, view_id)
    if view.owner_id != current_user.id:
        raise Missing("saved_view")
    return view


def _filters() -> dict[str, str]:
    """The filters that stand in hidden fields, or in the address."""
    found = {name: cleaned(request.values.get(name, "")[:LONGEST_FILTER]) or "" for name in KEPT}
    return {name: text for name, text in found.items() if text}


def _form_of(view: SavedView) -> ViewForm:
    form = ViewForm(formdata=None, obj=view)
    form.version.data = str(view.version)
    return form


def _page(form: ViewForm, *, status: int = 200) -> Response:
    kept = queries.all_of(current_user)
    return render(
        "complaints/views.html",
        status=status,
        form=form,
        filters=_filters(),
        described=words.filters_text(_filters()),
        views=[(one, address_of_view(one.view), words.filters_text(one.view.filters)) for one in kept],
        may_share=Role.CUSTOMER_SERVICE in current_user.role_names,
    )


def _edit_page(
    view: SavedView, form: ViewForm, *, conflict: Conflict | None = None, status: int = 200
) -> Response:
    return render(
        "complaints/view_edit.html",
        status=status,
        view=view,
        form=form,
        conflict=conflict,
        may_share=Role.CUSTOMER_SERVICE in current_user.role_names,
    )
