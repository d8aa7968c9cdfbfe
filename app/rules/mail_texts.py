"""The texts of survey mails: variables, their filling, and what is wrong with a text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VARIABLES = ("name", "firm", "survey", "link", "closing_date", "minutes")
SUBJECT_LIMIT = 150
BODY_LIMIT = 5000

_VARIABLE = re.compile(r"\{([^{}\n]{0,60})\}")


@dataclass(frozen=True)
class TextProblem:
    """Something wrong with one text. `field` is subject or body; `value` the part meant."""

    language: str
    field: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a body: its lines, or the place of the button."""

    lines: tuple[str, ...]
    button: bool = False


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace every known `{variable}`; whatever else stands in braces stays as it is.

    One pass, so that braces inside a value are never filled again.
    """
    return _VARIABLE.sub(lambda match: values.get(match[1].strip(), match[0]), text)


def fill_subject(text: str, values: Mapping[str, str]) -> str:
    """As `fill`, on one line, whatever the values hold."""
    return " ".join(fill(text, values).split())


def unknown_variables(text: str) -> list[str]:
    """Names in braces that are no variables, in order, each once."""
    names = (match[1].strip() for match in _VARIABLE.finditer(text))
    return list(dict.fromkeys(name for name in names if name not in VARIABLES))


def paragraphs(body: str, values: Mapping[str, str]) -> list[Paragraph]:
    """The body in paragraphs, variables filled; a paragraph that is only `{link}` is the button."""
    found = []
    for block in re.split(r"\n[ \t]*\n", body.replace("\r\n", "\n").strip()):
        lines = tuple(line.rstrip() for line in block.strip("\n").split("\n"))
        button = [line.strip() for line in lines] == ["{link}"]
        found.append(Paragraph(() if button else tuple(fill(line, values) for line in lines), button))
    return found


def problems(texts: Mapping[str, Mapping[str, str]], languages: Iterable[str]) -> list[TextProblem]:
    """Everything that keeps these texts from being sent in these languages."""
    found: list[TextProblem] = []
    for language in languages:
        text = texts.get(language) or {}
        subject, body = text.get("subject", ""), text.get("body", "")
        found += _field_problems(language, "subject", subject, SUBJECT_LIMIT)
        found += _field_problems(language, "body", body, BODY_LIMIT)
        if "\n" in subject.strip() or "\r" in subject.strip():
            found.append(TextProblem(language, "subject", "one_line_only"))
        if body.strip() and "{link}" not in body:
            found.append(TextProblem(language, "body", "link_missing"))
        if "{link}" in subject:
            found.append(TextProblem(language, "subject", "link_in_subject"))
    return found


def _field_problems(language: str, field: str, text: str, limit: int) -> list[TextProblem]:
    if not text.strip():
        return [TextProblem(language, field, "empty")]
    found = [
        TextProblem(language, field, "unknown_variable", "{" + name + "}") for name in unknown_variables(text)
    ]
    if len(text) > limit:
        found.append(TextProblem(language, field, "too_long", str(limit)))
    return found
