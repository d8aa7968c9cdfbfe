"""The features' pages. Every package here has a `bp`; each is registered by being here."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the blueprint of every feature."""
    for module in iter_modules(__path__):
        app.register_blueprint(import_module(f"{__name__}.{module.name}").bp)
