"""The page of notices, the bell of every page, and the choices."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, has_request_context, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app import clock
from app.blueprints.notices.forms import choices_form
from app.queries import notices as queries
from app.queries.complaints.trees import tree
from app.rules.permissions import Permission
from app.services import notices as service
from app.web.access import requires
from app.web.addresses import page_number
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.security import acting_user

bp = Blueprint("notices", __name__)


@bp.app_context_processor
def _bell() -> dict[str, Any]:
    """For the layout: how many are unread, counted only where a bell is drawn; None where there is no bell."""

    def unread_notices() -> int | None:
        signed_in = has_request_context() and current_user.is_authenticated
        if not signed_in or not current_user.role_names & queries.PARTS_OF_ROLE.keys():
            return None
        return queries.unread(current_user)

    count: Callable[[], int | None] = unread_notices
    return {"unread_notices": count}


@bp.get("/notices/")
@requires(Permission.HOME)
def index() -> Response:
    """Unread ones first."""
    found = queries.listed(current_user, page=page_number())
    return render(
        "notices/index.html",
        found=found,
        newest=max((one.id for one in found.rows), default=0),
        offered=queries.offered_to(current_user),
        tree=tree(),
        url_of=lambda number: url_for("notices.index", page=number),
    )


@bp.post("/notices/<int:notice_id>/open")
@requires(Permission.HOME)
def open_case(notice_id: int) -> Any:
    """Mark it as read and go to its case."""
    notice = queries.get(acting_user(), notice_id)
    service.read(notice, now=clock.now())
    return redirect(url_for("complaints.show", complaint_id=notice.complaint_id))


@bp.post("/notices/<int:notice_id>/read")
@requires(Permission.HOME)
def mark_read(notice_id: int) -> Any:
    """Mark one as read."""
    service.read(queries.get(acting_user(), notice_id), now=clock.now())
    return redirect(url_for("notices.index"))


@bp.post("/notices/read")
@requires(Permission.HOME)
def mark_all_read() -> Any:
    """Mark all as read that the person has been shown; what has come since stays."""
    service.read_all(acting_user(), up_to=whole_number(request.form.get("up_to")), now=clock.now())
    flash(_("All notices are marked as read."), "success")
    return redirect(url_for("notices.index"))


@bp.route("/account/notices", methods=["GET", "POST"])
@requires(Permission.HOME)
def choices() -> Any:
    """What comes by mail, and when."""
    offered = queries.offered_to(current_user)
    form = choices_form(offered)
    if form.validate_on_submit():
        service.choose(acting_user(), {group: form[group.value].data for group in offered})
        flash(_("Saved."), "success")
        return redirect(url_for("notices.choices"))
    names = [group.value for group in offered]
    return render("notices/choices.html", form=form, names=names, status=422 if form.is_submitted() else 200)
