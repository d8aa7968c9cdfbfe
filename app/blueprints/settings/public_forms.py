"""Where customers can complain without an account: switching the forms on, their addresses, their QR codes."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings.routes import bp
from app.blueprints.settings.words import REFUSALS
from app.errors import Refused
from app.queries import public_forms as queries
from app.queries import users
from app.queries.mailbox import has_mailbox
from app.rules.permissions import Permission
from app.rules.public_forms import proposal
from app.services import public_forms as service
from app.web.access import requires
from app.web.forms import cleaned
from app.web.fragments import render
from app.web.qr import qr, qr_picture
from app.web.security import acting_user
from app.web.transactions import release


@bp.get("/public-forms")
@requires(Permission.SETTINGS_READ)
def public_forms() -> Response:
    """The firm's form, and that of every unit."""
    return _page()


@bp.post("/public-forms")
@requires(Permission.SETTINGS_MANAGE)
def public_form_save() -> Any:
    """Switch one on or off, or change its address."""
    number = request.form.get("unit", "")
    unit = users.get_unit(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    unit_id = unit.id if unit else None
    address = cleaned(request.form.get("address")) or ""
    try:
        service.set_up(
            unit, address=address, active=request.form.get("active") == "y", by=acting_user(), now=clock.now()
        )
    except Refused as refused:
        release()
        return _page(wrong=(unit_id, address, str(REFUSALS[refused.code])), status=422)
    flash(_("Saved."), "success")
    return redirect(url_for("settings.public_forms", _anchor=f"form-{unit_id or 0}"))


@bp.post("/public-forms/mails")
@requires(Permission.SETTINGS_MANAGE)
def mail_sorting() -> Any:
    """Switch on or off that mails which belong to no case are put before customer service."""
    service.sort_mails(request.form.get("active") == "y", by=acting_user(), now=clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("settings.public_forms", _anchor="mails"))


@bp.get("/public-forms/<int:form_id>.png")
@requires(Permission.HOME)
def public_form_picture(form_id: int) -> Response:
    """The QR code to put into a document."""
    form = queries.get(form_id)
    return qr_picture(queries.url_of(form), filename=f"complain-{form.address or 'qr'}.png")


@bp.get("/public-forms/<int:form_id>/poster")
@requires(Permission.HOME)
def public_form_poster(form_id: int) -> Response:
    """A page to print and hang up. For everybody: the address is no secret."""
    form = queries.get(form_id)
    url = queries.url_of(form)
    return render("settings/poster.html", place=form, url=url, qr=qr(url))


def _page(*, wrong: tuple[int | None, str, str] | None = None, status: int = 200) -> Response:
    rows = []
    for place in queries.places():
        unit_id = place.unit.id if place.unit else None
        failed = wrong if wrong and wrong[0] == unit_id else None
        address = place.form.address if place.form else proposal(place.unit.code) if place.unit else ""
        url = queries.url_of(place.form) if place.form and place.form.active else ""
        rows.append(
            {
                "unit": place.unit,
                "form": place.form,
                "address": failed[1] if failed else address,
                "error": failed[2] if failed else "",
                "url": url,
                "qr": qr(url) if url else None,
            }
        )
    return render(
        "settings/public_forms.html", rows=rows, base=queries.base_url(), mailbox=has_mailbox(), status=status
    )
