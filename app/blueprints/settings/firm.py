"""The firm's settings, and stopping its mail."""

from typing import Any
from zoneinfo import available_timezones

from flask import abort, current_app, flash, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.settings import menu, words
from app.blueprints.settings.forms import FirmForm
from app.blueprints.settings.routes import bp
from app.errors import Stale
from app.models import Firm
from app.queries import mailbox as queries
from app.queries.changes import last_change
from app.rules.permissions import Permission
from app.services import firm as service
from app.web.access import requires
from app.web.conflicts import Conflict, conflict_between
from app.web.firm import present_firm
from app.web.forms import whole_number
from app.web.fragments import render
from app.web.security import acting_user


def _firm() -> Firm:
    firm = present_firm()
    if firm is None:
        abort(404)
    return firm


@bp.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Any:
    """The settings, as a form for who may change them."""
    return _page(FirmForm(obj=_firm()))


def _page(form: FirmForm, status: int = 200, conflict: Conflict | None = None) -> Any:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    settings = current_app.config["HEED"]
    mailbox = settings.mailbox
    return render(
        "settings/index.html",
        menu=menu.GROUPS,
        form=form,
        conflict=conflict,
        zones=zones,
        has_mail_server=settings.mail is not None,
        mailbox=mailbox,
        reading=queries.reading(mailbox.name, now=clock.now()) if mailbox is not None else None,
        troubles=words.MAILBOX_TROUBLES,
        status=status,
    )


@bp.post("/")
@requires(Permission.SETTINGS_MANAGE)
def save() -> Any:
    """Store the settings, unless somebody else was quicker."""
    firm, form = _firm(), FirmForm()
    if not form.validate():
        return _page(form, 422)
    values = {name: form[name].data for name in service.EDITABLE}
    try:
        service.change(
            firm,
            version=whole_number(form.version.data),
            values=values,
            by=acting_user(),
            now=clock.now(),
        )
    except Stale:
        stored = FirmForm(formdata=None, obj=firm)
        change = last_change("firm", firm.id)
        return _page(form, 409, conflict_between(form, stored, change))
    flash(_("Saved."), "success")
    return redirect(url_for("settings.index"))


@bp.post("/mail/pause")
@requires(Permission.SETTINGS_MANAGE)
def pause_mail() -> Any:
    """Stop sending."""
    service.pause_mail(_firm(), by=acting_user(), now=clock.now())
    return redirect(url_for("settings.index"))


@bp.post("/mail/resume")
@requires(Permission.SETTINGS_MANAGE)
def resume_mail() -> Any:
    """Send what is due."""
    service.resume_mail(_firm(), by=acting_user(), now=clock.now())
    return redirect(url_for("settings.index"))
