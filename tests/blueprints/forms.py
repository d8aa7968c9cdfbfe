"""Filling in forms as a browser does: with the token of the page."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.html import parse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token(client: FlaskClient, page: str) -> str:
    """The token that stands in a page's form."""
    found = TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"no form on {page}"
    return found.group(1)


def send(client: FlaskClient, path: str, *, page: str | None = None, **fields: Any) -> TestResponse:
    """Post the fields to `path`, with the token from `page` (by default the same path)."""
    return client.post(path, data={"csrf_token": token(client, page or path)} | fields)


def fields_of(body: str, form: str) -> dict[str, list[str]]:
    """What the form with this id sends as it stands on the page: field names with their values."""
    root = parse(body)
    inside = root.find(f".//form[@id='{form}']")
    assert inside is not None, f"no form {form}"
    own = [one for one in inside.iter() if one.get("form") in (None, form)]
    found: dict[str, list[str]] = {}
    for one in [*own, *root.findall(f".//input[@form='{form}']")]:
        name = one.get("name")
        if name:
            found.setdefault(name, []).extend(_values(one))
    return {name: values for name, values in found.items() if values}


def _values(control: Element) -> list[str]:
    """The values that one control sends; a button that is not pressed sends none."""
    if control.tag == "textarea":
        return ["".join(control.itertext())]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        return [str(one.get("value")) for one in chosen]
    if control.tag != "input":
        return []
    if control.get("type") in ("checkbox", "radio"):
        return [str(control.get("value", "on"))] if control.get("checked") is not None else []
    return [str(control.get("value", ""))]
