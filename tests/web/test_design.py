"""The visual language: libraries are what they say, icons exist, the answering style stays small, the gallery renders."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from flask import Flask, g

from tests.html import check

APP = Path(__file__).parents[2] / "app"
STATIC = APP / "static"
ICON_CALLS = re.compile(r"""(?:ui\.icon\(\s*|\bicon=|["']icon["']: )["']([a-z0-9-]+)["']""")


def test_vendored_files_have_the_integrity_their_manifest_promises() -> None:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text("utf-8"))
    for name, library in manifest["files"].items():
        digest = hashlib.sha384((STATIC / "vendor" / name).read_bytes()).digest()
        assert library["integrity"] == "sha384-" + base64.b64encode(digest).decode(), name
        assert library["cdn"].startswith(library["package"] + "/")


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    asked = {
        name
        for template in (APP / "templates").rglob("*.html")
        for name in ICON_CALLS.findall(template.read_text("utf-8"))
    }
    assert asked - drawn == set()


def test_icons_of_the_side_bar_are_in_the_sprite() -> None:
    from app.web import navigation

    sprite = (STATIC / "icons.svg").read_text("utf-8")
    items = [navigation.HOME, *(item for _label, group in navigation.GROUPS for item in group)]
    assert [item.icon for item in items if f'id="{item.icon}"' not in sprite] == []


def test_the_answering_style_stays_small() -> None:
    assert len((STATIC / "css" / "public.css").read_bytes()) <= 12_000


def test_the_gallery_shows_every_part_in_both_languages(sign_in: Any) -> None:
    for language in ("zh", "en"):
        body = sign_in("administrator", language=language).get("/gallery").get_data(as_text=True)
        assert 'class="stat"' in body
        assert 'class="timeline"' in body
        assert 'class="field wrong"' in body
        assert "CSRF" not in body
        assert ("样式库" in body) is (language == "zh")


def test_the_answering_layout_brings_its_style_along_unescaped(app: Flask) -> None:
    from app.web.fragments import render

    source = (
        '{% extends "layouts/public.html" %}{% block title %}T{% endblock %}'
        "{% block content %}<h1>T</h1>{% endblock %}"
    )
    with app.test_request_context("/"):
        g.public_page = True
        body = render(app.jinja_env.from_string(source), languages=[]).get_data(as_text=True)  # type: ignore[arg-type]
    check(body)
    assert ".q>legend" in body
    assert "&gt;" not in body
    assert '<link rel="stylesheet"' not in body
