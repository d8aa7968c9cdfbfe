"""House rules about templates: nothing unescaped, nothing the Content-Security-Policy would refuse, mails in pairs."""

import re
from pathlib import Path

import pytest

from tests.architecture.project import APP, ROOT, lines, place, python_files, templates, tracked

LONGEST_TEMPLATE = 400
UNESCAPED = re.compile(r"\|\s*safe\b|\bMarkup\(|\bautoescape\s+false\b")
REASON_IN_PYTHON = re.compile(r"#\s*unescaped:\s*\S+")
REASON_IN_TEMPLATE = re.compile(r"\{#-?\s*unescaped:\s*\S+")
INLINE = {
    "a style attribute": re.compile(r"<[a-zA-Z][^<>]*\sstyle\s*=", re.DOTALL),
    # With a nonce the policy lets it pass: the answering page brings its style along, to be one request.
    "a style block": re.compile(r"<style\b(?![^>]*\snonce\s*=)", re.IGNORECASE),
    "a script without a file": re.compile(r"<script\b(?![^>]*\ssrc\s*=)[^>]*>", re.IGNORECASE),
    "an event attribute": re.compile(r"<[a-zA-Z][^<>]*\son[a-z]+\s*=", re.DOTALL),
    "a javascript: address": re.compile(r"""["']\s*javascript:""", re.IGNORECASE),
    "htmx code in an attribute": re.compile(r"<[a-zA-Z][^<>]*\s(?:data-)?hx-on\b", re.DOTALL),
}
EMAILS = APP / "templates" / "emails"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def is_mail(path: Path) -> bool:
    """Mail programs know no style sheets, so mails carry their styles in attributes."""
    return path.is_relative_to(EMAILS)


def unescaped_without_reason(path: Path) -> list[int]:
    reason = REASON_IN_PYTHON if path.suffix == ".py" else REASON_IN_TEMPLATE
    found, above = [], ""
    for number, line in lines(path):
        if UNESCAPED.search(line) and not (reason.search(line) or reason.search(above)):
            found.append(number)
        above = line
    return found


def test_nothing_is_printed_unescaped_without_a_reason_beside_it() -> None:
    found = [
        place(path, number)
        for path in [*templates(), *python_files("app")]
        for number in unescaped_without_reason(path)
    ]
    assert not found, f"write “unescaped: why” in a comment on the line or above it: {found}"


def inline(text: str) -> list[str]:
    without_comments = COMMENT.sub("", text)
    return [what for what, pattern in INLINE.items() if pattern.search(without_comments)]


def test_templates_hold_nothing_the_browser_would_refuse_to_run() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): refused
        for path in templates()
        if path.suffix in (".html", ".svg") and not is_mail(path)
        if (refused := inline(path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ('<p style="color:red">', ["a style attribute"]),
        ('<p\n  class="x"\n  style="x">', ["a style attribute"]),
        ("<style>p {}</style>", ["a style block"]),
        ('<style nonce="{{ csp_nonce() }}">', []),
        ("<script>1</script>", ["a script without a file"]),
        ('<script src="/x.js" defer></script>', []),
        ('<button onclick="go()">', ["an event attribute"]),
        ('<a href="javascript:go()">', ["a javascript: address"]),
        ('<p hx-on:click="go()">', ["htmx code in an attribute"]),
        ('<input name="one" data-style="x"> style= onclick=', []),
        ('{# <p style="x"> #}', []),
    ],
)
def test_the_search_for_inline_code_finds_it(text: str, refused: list[str]) -> None:
    assert inline(text) == refused


def test_every_mail_has_both_forms() -> None:
    # Parts that other mails include start with an underscore; a base exists for each form anyway.
    pages = {path.with_suffix("") for path in templates() if is_mail(path) and not path.name.startswith("_")}
    for stem in sorted(pages):
        for suffix in (".html", ".txt"):
            assert stem.with_suffix(suffix).is_file(), f"{stem.relative_to(ROOT)}{suffix} is missing"


def test_no_template_is_unfinished_or_too_long() -> None:
    for path in templates():
        text = path.read_text(encoding="utf-8")
        assert not UNFINISHED.search(text), path
        assert len(text.splitlines()) <= LONGEST_TEMPLATE, path


def test_our_scripts_and_styles_are_files_of_their_own_and_small() -> None:
    """What is vendored keeps its own size; what is ours stays readable."""
    own = [path for path in tracked() if path.is_relative_to(APP / "static") and "vendor" not in path.parts]
    found = {
        path.relative_to(ROOT).as_posix(): count
        for path in own
        if path.suffix == ".js" and (count := sum(1 for _ in lines(path))) > LONGEST_TEMPLATE
    }
    assert not found
