"""HTTP plumbing without knowledge of any feature."""

from flask import Flask

from app.web import (
    access,
    bodies,
    error_pages,
    filters,
    first_run,
    headers,
    i18n,
    navigation,
    proxies,
    security,
    templates,
    throttle,
)


def init_app(app: Flask) -> None:
    """Switch on everything that every page shares."""
    bodies.init_app(app)
    proxies.init_app(app)
    templates.init_app(app)
    i18n.init_app(app)
    security.init_app(app)
    throttle.init_app(app)
    access.init_app(app)
    first_run.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    headers.init_app(app)
    error_pages.init_app(app)
