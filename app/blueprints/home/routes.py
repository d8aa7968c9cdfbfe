"""Routes of the home page."""

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app import clock
from app.blueprints.home.forms import GalleryForm
from app.queries import follow_ups
from app.queries import home as queries
from app.queries.analysis import access
from app.queries.figures import kept
from app.rules.permissions import Permission
from app.services import calls
from app.web.access import is_htmx, public, requires
from app.web.addresses import local_path
from app.web.fragments import render
from app.web.i18n import OWN_NAMES
from app.web.security import acting_user

bp = Blueprint("home", __name__)

THEMES = ("auto", "light", "dark")


@bp.get("/")
@requires(Permission.HOME)
def index() -> Response:
    """What waits for me, what is late, how we stand."""
    now = clock.now()
    if not is_htmx() and access.sees_any(current_user):
        kept.analyst().warm()
    return render(
        "home/index.html",
        fragment="home",
        loading=queries.demonstration_is_loading(),
        waiting=queries.waiting_for(current_user, now),
        steps=queries.first_steps(current_user),
        standings=queries.standings(current_user),
        calls=queries.call_wishes(current_user),
        today=now,
    )


@bp.post("/calls/<int:response_id>/done")
@requires(Permission.CALLS_HANDLE)
def call_done(response_id: int) -> WerkzeugResponse:
    """Tick a call off."""
    response = follow_ups.get_wish(current_user, response_id)
    calls.mark_called(response, by=acting_user(), now=clock.now())
    return redirect(url_for("home.index"))


@bp.get("/gallery")
@requires(Permission.HOME)
def gallery() -> Response:
    """Every part of the visual language in every state."""
    form = GalleryForm(meta={"csrf": False})
    form.validate()  # nothing is filled in, so that the page also shows what a wrong field looks like
    return render("home/gallery.html", form=form)


@bp.post("/language/<code>")
@public
def choose_language(code: str) -> WerkzeugResponse:
    """Change the language of the staff pages, for the user or for this visitor."""
    if code in OWN_NAMES:
        session["language"] = code
        if current_user.is_authenticated:
            current_user.language = code
    return redirect(local_path(request.form.get("next")) or url_for("home.index"))


@bp.post("/theme")
@requires(Permission.HOME)
def choose_theme() -> WerkzeugResponse:
    """Light, dark, or as the device has it."""
    theme = request.form.get("theme", "")
    if theme in THEMES:
        current_user.theme = theme
    return redirect(local_path(request.form.get("next")) or url_for("home.index"))
