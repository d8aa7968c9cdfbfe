"""What differs between two versions, or between two people's texts, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.blueprints.questionnaires import sentences
from app.blueprints.questionnaires.wording import language_name, question_numbers
from app.rules.questionnaire import (
    Change,
    Check,
    Condition,
    Difference,
    Questionnaire,
    diff,
)

FIELDS: Mapping[str, Any] = {
    "languages": _l("Languages"),
    "default_language": _l("Main language"),
    "title": _l("Title"),
    "intro": _l("Introduction"),
    "thanks": _l("Thank-you text"),
    "minutes": _l("Minutes"),
    "code": _l("Code"),
    "type": _l("Type"),
    "text": _l("Wording"),
    "hint": _l("Hint"),
    "required": _l("Required"),
    "indicator": _l("Indicator"),
    "show_if": _l("Condition"),
    "options": _l("Options"),
    "rows": _l("Rows"),
    "dropdown": _l("As a drop-down list"),
    "max_choices": _l("At most"),
    "points": _l("Points"),
    "low": _l("Low end"),
    "high": _l("High end"),
    "labels": _l("Labels"),
    "allow_na": _l("“Not applicable” offered"),
    "na_text": _l("Text of “not applicable”"),
    "reverse": _l("Reversed"),
    "max_length": _l("Longest answer"),
    "other": _l("With free text"),
    "exclusive": _l("Excludes the others"),
}
CHANGES: Mapping[Change, Any] = {
    Change.ADDED: _l("New"),
    Change.REMOVED: _l("Removed"),
    Change.MOVED: _l("Moved"),
    Change.CHANGED: _l("Changed"),
}
SUBJECTS: Mapping[str, Any] = {
    "page": _l("Page"),
    "question": _l("Question"),
    "option": _l("Option"),
    "row": _l("Row"),
}


@dataclass(frozen=True)
class Line:
    """One difference in words; `old` and `new` are empty where there is nothing to compare."""

    change: str
    kind: str
    what: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Group:
    """The differences of one question, or of the questionnaire as a whole."""

    title: str
    lines: Sequence[Line]


def compare(old: Questionnaire, new: Questionnaire, lang: str) -> list[Group]:
    """All differences, grouped by question."""
    groups: dict[str, list[Line]] = {}
    for one in diff(old, new):
        version = old if one.change is Change.REMOVED and one.subject == "question" else new
        title = _group_title(one, version, lang)
        groups.setdefault(title, []).append(_line(one, old, new, lang))
    return [Group(title, lines) for title, lines in groups.items()]


def _group_title(one: Difference, version: Questionnaire, lang: str) -> str:
    question = version.by_code.get(one.question) if one.question else None
    if question is None:
        return _("The questionnaire as a whole")
    number = question_numbers(version).get(question.id)
    words = version.say(question.text, lang) or question.code
    return _("Question %(number)s: %(words)s", number=number, words=words) if number else words


def _line(one: Difference, old: Questionnaire, new: Questionnaire, lang: str) -> Line:
    kind = str(CHANGES[one.change])
    if one.field is not None:
        subject = SUBJECTS.get(one.subject)
        name = field_name(one.field)
        what = (
            name if one.subject in ("question", "questionnaire") or subject is None else f"{subject} · {name}"
        )
        before = value_text(one.field, one.old, old, lang)
        return Line(one.change.value, kind, what, before, value_text(one.field, one.new, new, lang))
    part = one.new if one.change is not Change.REMOVED else one.old
    words = new.say(part.get("text"), lang) if isinstance(part, dict) else ""
    what = str(SUBJECTS.get(one.subject, one.subject))
    if one.subject == "question":
        words = ""
    return Line(one.change.value, kind, f"{what} · {words}" if words else what)


def field_name(key: str) -> str:
    """A key of the document in words."""
    return str(FIELDS.get(key, key))


def value_text(key: str, value: Any, questionnaire: Questionnaire, lang: str) -> str:
    """A plain JSON value of the document in words."""
    if value is None or value == {} or value == []:
        return _("none")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key == "show_if":
        return sentences.condition(questionnaire, _condition(value), lang)
    if key == "languages":
        return _(", ").join(language_name(one) for one in value)
    if key == "default_language":
        return language_name(value)
    if isinstance(value, dict):
        return " / ".join(words for _lang, words in sorted(value.items(), reverse=True) if words)
    if isinstance(value, list):
        return _(", ").join(_part_text(one, questionnaire, lang) for one in value)
    return str(value)


def _part_text(part: Any, questionnaire: Questionnaire, lang: str) -> str:
    if not isinstance(part, dict):
        return str(part)
    text = part["text"] if isinstance(part.get("text"), dict) else part
    return questionnaire.say(text, lang) or "…"


def _condition(raw: Mapping[str, Any]) -> Condition:
    mode, checks = next(iter(raw.items()))
    return Condition(mode == "all", tuple(Check(one["question"], one["op"], one["value"]) for one in checks))
