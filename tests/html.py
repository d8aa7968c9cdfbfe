"""Checks on every HTML answer of any test: well-formed, unique ids, labels, targets that exist."""

import re
from functools import lru_cache
from xml.etree import ElementTree

import html5lib

UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
FORBIDDEN_ATTRIBUTES = re.compile(r"^(style|on[a-z]+)$")
# Fragments are parsed inside these, or table rows would be thrown away by the parser.
CONTAINERS = {"<tr": "tbody", "<td": "tr", "<tbody": "table", "<li": "ul", "<option": "select"}


class BadHtml(AssertionError):
    """An answer breaks a rule of the house."""


def check(body: str, *, fragment: bool = False) -> None:
    """Raise `BadHtml` naming the first rule that is broken."""
    _check(body, fragment)


@lru_cache(maxsize=512)
def _check(body: str, fragment: bool) -> None:
    root = parse(body, fragment=fragment)
    ids = [e.get("id") for e in root.iter() if e.get("id") is not None]
    doubled = sorted({i for i in ids if i and ids.count(i) > 1})
    if doubled:
        raise BadHtml(f"ids used twice: {doubled}")
    _check_attributes(root)
    _check_labels(root, set(ids))
    if not fragment:
        _check_page(root, set(ids))


def parse(body: str, *, fragment: bool = False) -> ElementTree.Element:
    """Parse strictly; return the root element without namespaces."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, strict=True)
    try:
        if fragment:
            start = body.lstrip()[:7].lower()
            container = next((c for tag, c in CONTAINERS.items() if start.startswith(tag)), "div")
            return parser.parseFragment(body, container=container)
        return parser.parse(body)
    except html5lib.html5parser.ParseError as error:
        raise BadHtml(f"{error} near {_near(parser, body)!r}") from error


def _near(parser: html5lib.HTMLParser, body: str) -> str:
    position = parser.errors[-1][0] if parser.errors else (1, 0)
    lines = body.splitlines()
    return lines[position[0] - 1].strip()[:160] if 0 < position[0] <= len(lines) else ""


def _check_attributes(root: ElementTree.Element) -> None:
    for element in root.iter():
        for name in element.attrib:
            if FORBIDDEN_ATTRIBUTES.match(str(name)):
                raise BadHtml(f"<{element.tag}> has the attribute {name}, which the policy forbids")
        if element.tag == "img" and element.get("alt") is None:
            raise BadHtml("an image without alt")
        if element.tag == "button" and element.get("type") is None:
            raise BadHtml("a button without a type")


def _check_labels(root: ElementTree.Element, ids: set[str | None]) -> None:
    labelled = {label.get("for") for label in root.iter("label")}
    wrapped = {id(child) for label in root.iter("label") for child in label.iter()}
    for element in root.iter():
        if element.tag not in {"input", "select", "textarea"}:
            continue
        if element.tag == "input" and element.get("type", "text") in UNLABELLED:
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not named and element.get("id") not in labelled and id(element) not in wrapped:
            raise BadHtml(f"<{element.tag} name={element.get('name')!r}> has no label")
        for described in (element.get("aria-describedby") or "").split():
            if described not in ids:
                raise BadHtml(f"aria-describedby={described!r} points nowhere")


def _check_page(root: ElementTree.Element, ids: set[str | None]) -> None:
    title = root.find(".//title")
    if title is None or not (title.text or "").strip():
        raise BadHtml("a page without a title")
    if not root.get("lang"):
        raise BadHtml("a page without a language")
    for element in root.iter():
        target = element.get("hx-target")
        if target and target.startswith("#") and target[1:] not in ids:
            raise BadHtml(f"hx-target {target} is not on the page")
        if element.tag == "label" and element.get("for") and element.get("for") not in ids:
            raise BadHtml(f"label for {element.get('for')!r} points nowhere")
