"""Addresses: which redirect targets are our own, and what the address of a list asks for."""

import unicodedata

from flask import request

from app.web.forms import cleaned

LONGEST_FILTER = 100


def local_path(target: str | None) -> str | None:
    """Return `target` if it is a path on this site, otherwise None.

    One leading slash, no backslash, no control characters: `urlsplit` alone lets `/\\evil` pass.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(unicodedata.category(c) == "Cc" for c in target):
        return None
    return target


def page_number() -> int:
    """The page of a list that the address asks for; anything odd is the first one."""
    text = request.args.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def filter_text(name: str) -> str:
    """What the address narrows a list to; cleaned, because PostgreSQL refuses a NUL even in a comparison."""
    return cleaned(request.args.get(name, "")[:LONGEST_FILTER]) or ""
