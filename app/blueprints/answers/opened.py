"""Open links from posters, groups and web sites: /o/<token>. The draft's key lives in a cookie of that link."""

import secrets
from datetime import timedelta

from flask import Response, current_app, request
from flask_limiter.util import get_remote_address
from itsdangerous import BadSignature, TimestampSigner, URLSafeSerializer
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from app import clock
from app.blueprints.answers import walk
from app.blueprints.answers.site import bp, wrong_link
from app.queries.answers import open_entry
from app.queries.wire import present_wire
from app.rules.links import derived_key
from app.rules.respondents import device_mark
from app.services import answers
from app.web.access import public
from app.web.throttle import within

# Generous, because a whole shop may share one address.
STARTS = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))
YOUNGEST_FORM = 1  # seconds; a person reads, a script does not
OLDEST_FORM = 24 * 3600
REMEMBERED = timedelta(days=120)
TRAP = "website"


def _cookies() -> URLSafeSerializer:
    return URLSafeSerializer(derived_key(current_app.config["SECRET_KEY"], "open-link"), salt="resume")


def _forms() -> TimestampSigner:
    return TimestampSigner(derived_key(current_app.config["SECRET_KEY"], "open-link"), salt="form")


def _cookie_name(token: str) -> str:
    return "heed-o-" + token[:12]


def _resume_key(token: str) -> str | None:
    """The key this browser holds for this link; None when it holds none or a forged one."""
    try:
        link, key = _cookies().loads(request.cookies.get(_cookie_name(token), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(key) if link == token else None


def _visit(token: str) -> walk.Visit | None:
    wire = present_wire()
    entry = open_entry(wire, token, _resume_key(token))
    return None if entry is None else walk.visit(wire, entry, f"/o/{token}")


def _first_screen(here: walk.Visit, token: str, *, status: int = 200, notice: str = "") -> Response:
    form = {"issued": _forms().sign(token.encode()).decode(), "trap": TRAP, "notice": notice}
    return walk.first_screen(here, clock.now(), status=status, form=form)


@bp.get("/o/<token>", strict_slashes=False)
@public
def open_start(token: str) -> Response:
    """The first screen of an open link."""
    here = _visit(token)
    return wrong_link() if here is None else _first_screen(here, token)


@bp.post("/o/<token>", strict_slashes=False)
@public
def open_begin(token: str) -> Response:
    """Open a draft for this browser, if a person seems to be behind it."""
    here = _visit(token)
    if here is None:
        return wrong_link()
    now = clock.now()
    blocked = walk.obstacle(here, now)
    if blocked is not None:
        return blocked
    if here.entry.kept is not None:
        return walk.first_page(here, here.entry.kept)
    doubt = _doubt(token)
    if doubt:
        return _first_screen(here, token, status=429 if doubt == "many" else 422, notice=doubt)
    return _begin(here, token)


def _doubt(token: str) -> str:
    """Why this may not be a person: "fast", "old", "trap" or "many"; empty when nothing speaks against it."""
    if request.form.get(TRAP):
        return "trap"
    try:
        signed, made = _forms().unsign(
            request.form.get("issued", ""), max_age=OLDEST_FORM, return_timestamp=True
        )
    except (BadSignature, ValueError):
        return "old"
    if signed != token.encode("utf-8", "replace"):
        return "old"
    if (clock.now() - made).total_seconds() < YOUNGEST_FORM:
        return "fast"
    return "" if all(within(limit, "open-start") for limit in STARTS) else "many"


def _begin(here: walk.Visit, token: str) -> Response:
    key = secrets.token_urlsafe(32)
    mark = device_mark(
        derived_key(current_app.config["SECRET_KEY"], "devices"),
        here.entry.survey_id,
        get_remote_address(),
        request.headers.get("User-Agent", "")[:400],
    )
    answers.start(here.wire, here.entry, key=key, language=here.lang, now=clock.now(), device_hash=mark)
    response = walk.first_page(here, None)
    response.set_cookie(
        _cookie_name(token),
        _cookies().dumps([token, key]),
        max_age=REMEMBERED,
        path=f"/o/{token}",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get("/o/<token>/<page_id>")
@public
def open_page(token: str, page_id: str) -> Response:
    """One page of questions."""
    here = _visit(token)
    return wrong_link() if here is None else walk.show_page(here, page_id, clock.now())


@bp.post("/o/<token>/<page_id>")
@public
def open_save(token: str, page_id: str) -> Response:
    """Save one page."""
    return walk.save_as_it_is(lambda: _visit(token), page_id, clock.now())


@bp.get("/o/<token>/done")
@public
def open_done(token: str) -> Response:
    """Thanks and receipt."""
    here = _visit(token)
    return wrong_link() if here is None else walk.done(here, clock.now())


@bp.post("/o/<token>/call")
@public
def open_call(token: str) -> Response:
    """The wish to be called."""
    here = _visit(token)
    return wrong_link() if here is None else walk.ask_for_call(here, clock.now())
