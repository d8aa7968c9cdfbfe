"""Trusting exactly as many reverse proxies as the settings say, and no header otherwise."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask) -> None:
    """Read X-Forwarded-* from the trusted hops only. The host always comes from BASE_URL."""
    hops = app.config["HEED"].trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
