"""Routes of the first run. Open only to who has the one-time code, and only until there is a firm."""

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, after_this_request, current_app, redirect, request, session, url_for

from app import clock
from app.blueprints.setup.forms import SetUpForm
from app.errors import Refused
from app.services import passwords, setup
from app.web.access import public
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import open_session, release

bp = Blueprint("setup", __name__)

CODE = "setup_code"
FIRM_FIELDS = (
    "name",
    "name_en",
    "language",
    "timezone",
    "contact_name",
    "contact_phone",
    "sender_address",
)


@bp.route("/setup", methods=["GET", "POST"])
@public
def index() -> Any:
    """Ask for firm and administrator, once."""
    if setup.exists():
        return redirect(url_for("home.index"))
    if request.method == "GET" and "code" in request.args:
        session[CODE] = request.args["code"]
        return redirect(url_for("setup.index"))
    settings = current_app.config["HEED"]
    if not setup.code_is_right(settings.data, str(session.get(CODE, ""))):
        return render("setup/locked.html", wrong=bool(session.get(CODE)), status=403)
    form = SetUpForm(data={"timezone": settings.timezone, "language": page_language()})
    if form.validate_on_submit():
        return _set_up(form)
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    status = 422 if form.is_submitted() else 200
    return render("setup/index.html", form=form, zones=zones, status=status)


def _set_up(form: SetUpForm) -> Any:
    release()
    administrator = setup.AdministratorData(
        name=form.user_name.data or "",
        email=form.email.data or "",
        password_hash=passwords.hashed(form.password.data),
        does_everything=form.does_everything.data,
    )
    firm = setup.FirmData(**{name: form[name].data or "" for name in FIRM_FIELDS})
    try:
        user = setup.set_up(firm, administrator, with_demonstration=form.demonstration.data, now=clock.now())
    except Refused:  # somebody else was quicker
        return redirect(url_for("home.index"))
    open_session(user)

    @after_this_request
    def _forget(response: Any) -> Any:
        # After the commit: a code that is gone before there is a firm would lock everybody out.
        setup.forget_code(current_app.config["HEED"].data)
        return response

    return redirect(url_for("home.index"))
