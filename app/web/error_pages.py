"""What a person reads when something did not work: always a page with the next step."""

import errno
import logging
import traceback
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app.errors import Missing, Refused, Stale
from app.web.access import is_htmx

log = logging.getLogger("heed.web")

# Full, over quota, read-only, broken: nothing is wrong with the request.
DISK_TROUBLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def page(status: int, title: str, text: str) -> Response:
    """Render an error page, or its fragment for htmx."""
    template = "errors/public.html" if g.get("public_page") else "errors/staff.html"
    response = make_response(render_template(template, status=status, title=title, text=text), status)
    if is_htmx():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _wording(status: int) -> tuple[str, str]:
    words = {
        400: (_("We could not read that request"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("Sign in and open the page again.")),
        403: (
            _("You don't have access to this page"),
            _("Your role does not include it. Ask your administrator if you need it."),
        ),
        404: (_("There is nothing here"), _("Check the address, or start again from the home page.")),
        405: (_("This page can't be opened that way"), _("Go back and use the button on the page.")),
        409: (
            _("Somebody else has just changed this"),
            _("Reload the page to see the present state, then make your change again."),
        ),
        413: (_("That is too large"), _("The limit is 25 MB. Send a smaller file.")),
        429: (_("Too many requests"), _("Wait a minute, then try again.")),
        503: (
            _("Heed can't store anything at the moment"),
            _("Nothing was lost. Wait a moment, then send it again."),
        ),
    }
    return words.get(
        status,
        (
            _("Something went wrong on our side"),
            _("Nothing was stored. Try again, or tell your administrator."),
        ),
    )


def init_app(app: Flask) -> None:
    """Register the handlers. What the request did was rolled back before one of them is asked."""

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        if error.response is not None:
            return error.response
        if isinstance(error, SecurityError):
            # A host that is not ours: no page of ours has an address there, not even this one.
            return Response("Bad Request\n", 400, mimetype="text/plain")
        code = error.code or 500
        response = page(code, *_wording(code))
        if code == 429:
            response.headers["Retry-After"] = "60"
        return response

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Response:
        return page(
            400,
            _("This page was open for too long"),
            _("For your safety we did not accept it. Go back, reload the page and send it again."),
        )

    @app.errorhandler(Missing)
    def _missing(_error: Missing) -> Response:
        return page(404, *_wording(404))

    @app.errorhandler(Refused)
    @app.errorhandler(Stale)
    @app.errorhandler(StaleDataError)
    def _conflict(_error: Exception) -> Response:
        return page(409, *_wording(409))

    @app.errorhandler(IntegrityError)
    def _at_once(_error: IntegrityError) -> Response:
        # Two at the same moment, of whom the database has taken one; or a mistake of ours, hence the line in the log.
        log.warning("refused by the database at %s", request.endpoint)
        return page(409, *_wording(409))

    @app.errorhandler(OperationalError)
    @app.errorhandler(NoConnection)
    def _database(error: SQLAlchemyError) -> Response:
        return _not_now("database", getattr(error, "orig", error))

    @app.errorhandler(OSError)
    def _disk(error: OSError) -> Response:
        return _not_now("disk", error) if error.errno in DISK_TROUBLE else _unexpected(error)

    def _not_now(what: str, error: Any) -> Response:
        # SQLite's own name of the trouble tells a full disk from a locked file, and holds no values.
        log.error("%s not available: %s", what, getattr(error, "sqlite_errorname", type(error).__name__))
        response = page(503, *_wording(503))
        response.headers["Retry-After"] = "5"
        return response

    @app.errorhandler(DataError)
    @app.errorhandler(StatementError)
    @app.errorhandler(UnicodeEncodeError)
    @app.errorhandler(OverflowError)
    def _unstorable(_error: Exception) -> Response:
        return page(400, *_wording(400))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        trace = "".join(traceback.format_tb(error.__traceback__))
        # Endpoint instead of path (paths hold survey links), type instead of message (values).
        log.error("unexpected %s at %s\n%s", type(error).__name__, request.endpoint, trace)
        return page(500, *_wording(500))
