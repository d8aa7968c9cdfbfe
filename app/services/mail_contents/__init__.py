"""What a mail says: template name → the variables of its templates, made when the mail is sent.

A template is a pair `templates/emails/<name>.txt` and `.html`; the subject is the block `subject` of
the text template. Nothing here is stored: links are derived only now.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from app.models import Delivery

Contents = Callable[[Delivery], dict[str, Any]]

REGISTRY: dict[str, Contents] = {}


def register(template: str) -> Callable[[Contents], Contents]:
    """Register the function that makes the variables of a template."""

    def decorate(function: Contents) -> Contents:
        REGISTRY[template] = function
        return function

    return decorate


def contents_of(template: str) -> Contents:
    """The function of a template, wherever in this package it is registered. Raises KeyError."""
    _load()
    return REGISTRY[template]


@cache
def _load() -> None:
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
