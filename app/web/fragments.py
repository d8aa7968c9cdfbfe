"""Rendering a page, or for htmx only the named blocks of it."""

from collections.abc import Iterable
from typing import Any

from flask import Response, current_app, make_response, render_template

from app.web.access import is_htmx


def render(
    template: str,
    *,
    fragment: str | None = None,
    also: Iterable[str] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """Return the whole page, or `fragment` and the out-of-band blocks `also` when htmx asks.

    A fragment is a block of the page; block name = element id = htmx target. Out-of-band blocks
    carry their own `hx-swap-oob` by the context variable `oob`, the set of block names that are
    sent beside the fragment.
    """
    if fragment is not None and is_htmx():
        body = render_blocks(template, [fragment, *also], oob=frozenset(also), **context)
    else:
        body = render_template(template, oob=frozenset(), **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def render_blocks(template: str, names: Iterable[str], **context: Any) -> str:
    """Render single blocks of a template, with all globals and context processors."""
    app = current_app
    app.update_template_context(context)
    parsed = app.jinja_env.get_template(template)
    parts = []
    for name in names:
        block = parsed.blocks[name]
        parts.append("".join(block(parsed.new_context(vars=context))))
    return "".join(parts)
