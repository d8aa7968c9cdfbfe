"""The registry of question types: one entry says all that the rest of the house must know about a type.

A new type is one entry here, an answering template and an editor template. How raw fields become
a value is in `app.rules.answers.cleaning`, chosen by the entry's `answer` kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Answer(StrEnum):
    """What kind of value a type stores under a code."""

    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    ROWS = "rows"
    TEXT = "text"
    NONE = "none"


class Status(StrEnum):
    """What became of an item for one respondent; only `VALID` enters a statistic."""

    VALID = "valid"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"
    NOT_SHOWN = "not_shown"
    INVALID = "invalid"


COMMON_KEYS = frozenset({"id", "code", "type", "text", "hint", "required", "indicator", "show_if"})
SCALE_POINTS = (3, 5, 7, 10, 11)
STAR_POINTS = tuple(range(3, 11))
_SCALE: dict[str, Any] = {
    "points": 5,
    "low": {},
    "high": {},
    "labels": None,
    "allow_na": False,
    "na_text": {},
    "reverse": False,
}
_BASE = frozenset({Status.VALID, Status.SKIPPED, Status.NOT_SHOWN, Status.INVALID})
_WITH_NA = _BASE | {Status.NOT_APPLICABLE}


@dataclass(frozen=True)
class QuestionType:
    """One question type.

    `defaults` holds the type's own keys with the value a new question starts with; `ops` the
    tests a condition may make on its answer; `code_book` how the code book describes the
    variable (`categories`, `set`, `numeric`, `text`, or None); `seconds` the time one takes
    beyond reading.
    """

    name: str
    answer: Answer
    defaults: Mapping[str, Any]
    scored: bool
    statuses: frozenset[Status]
    code_book: str | None
    ops: tuple[str, ...]
    seconds: float

    @property
    def own_keys(self) -> frozenset[str]:
        return frozenset(self.defaults)

    @property
    def allowed_keys(self) -> frozenset[str]:
        return COMMON_KEYS | self.own_keys

    @property
    def answering_template(self) -> str:
        return f"answers/types/{self.name}.html"

    @property
    def editor_template(self) -> str:
        return f"questionnaires/types/{self.name}.html"


_CHOICE_OPS = ("in", "not_in", "answered")
_NUMBER_OPS = (">=", "<=", "in", "not_in", "answered")


def _scored(
    name: str, defaults: dict[str, Any], seconds: float, answer: Answer = Answer.NUMBER
) -> QuestionType:
    statuses = _WITH_NA if "allow_na" in defaults else _BASE
    return QuestionType(name, answer, defaults, True, statuses, "numeric", _NUMBER_OPS, seconds)


def _text(name: str, max_length: int, seconds: float) -> QuestionType:
    defaults = {"max_length": max_length}
    return QuestionType(name, Answer.TEXT, defaults, False, _BASE, "text", ("answered",), seconds)


_ALL = (
    QuestionType(
        "single",
        Answer.CHOICE,
        {"options": [], "dropdown": False},
        False,
        _BASE,
        "categories",
        _CHOICE_OPS,
        4,
    ),
    QuestionType(
        "multiple",
        Answer.CHOICES,
        {"options": [], "max_choices": None},
        False,
        _BASE,
        "set",
        _CHOICE_OPS,
        7,
    ),
    _scored("scale", _SCALE, 5),
    _scored("matrix", {**_SCALE, "rows": []}, 4, Answer.ROWS),
    _scored("nps", {"low": {}, "high": {}}, 5),
    _scored("emoji", {"allow_na": False}, 3),
    _scored("stars", {"points": 5, "allow_na": False}, 3),
    _text("short_text", 200, 10),
    _text("long_text", 2000, 20),
    QuestionType("info", Answer.NONE, {}, False, frozenset({Status.NOT_SHOWN}), None, (), 0),
)

TYPES: Mapping[str, QuestionType] = MappingProxyType({kind.name: kind for kind in _ALL})
