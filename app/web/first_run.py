"""Before the firm exists there is only the set-up page."""

from typing import Any

from flask import Flask, redirect, request, url_for

from app.web.access import declaration, is_htmx
from app.web.firm import present_firm

# What works without a firm: the set-up itself, what it is drawn with, and the health check.
OPEN = frozenset({"static", "health.healthz", "home.choose_language"})


def init_app(app: Flask) -> None:
    """Send every staff page to the set-up until there is a firm."""

    @app.before_request
    def _to_set_up() -> Any:
        endpoint = request.endpoint
        if endpoint is None or endpoint in OPEN or endpoint.startswith("setup."):
            return None
        # Respondents' pages are left alone: without a firm their links lead nowhere anyway.
        if declaration(app, endpoint) == "public" and not endpoint.startswith("accounts."):
            return None
        if present_firm() is not None:  # the row every page needs anyway, read once per request
            return None
        if is_htmx():
            return "", 401, {"HX-Redirect": url_for("setup.index")}
        return redirect(url_for("setup.index"))
