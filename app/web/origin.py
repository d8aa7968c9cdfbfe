"""Refusing what another site makes a browser send, beside the token in every form."""

from urllib.parse import urlsplit

from flask import Flask, Request, abort, current_app, request

from app.web.transactions import SAFE


def comes_from_elsewhere(incoming: Request, base_url: str) -> bool:
    """Whether the browser says that another site caused this request.

    Programs without either header (one-click unsubscribing by a mail provider) are not browsers that
    carry somebody's cookies. "null" is what an own page without referrer sends: the token decides.
    """
    site = incoming.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = incoming.headers.get("Origin")
    if origin is None or origin == "null":
        return False
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:
        return True
    return host not in (incoming.host.lower(), urlsplit(base_url).netloc)


def init_app(app: Flask) -> None:
    """Answer such requests with 403 before anything else looks at them."""
    # Demanding a Referer over https would shut out the public pages, which send none on purpose.
    app.config["WTF_CSRF_SSL_STRICT"] = False

    @app.before_request
    def _same_site_only() -> None:
        if request.method not in SAFE and comes_from_elsewhere(request, current_app.config["HEED"].base_url):
            abort(403)
