"""A questionnaire as frozen objects. `reading.parse` makes them, `writing.to_json` takes them apart.

A parsed questionnaire is immutable and may be cached and shared between threads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.rules.questionnaire.types import TYPES, Answer, QuestionType

Content = dict[str, Any]
Text = Mapping[str, str]

NA = "na"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice. Its id stays the same in every language and version; `exclusive` rules out all others."""

    id: str
    text: Text
    other: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a matrix: answered under its own code, and scored on its own."""

    id: str
    code: str
    text: Text
    indicator: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison with the answer stored under `question` (a question's or a row's code)."""

    question: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """`every` true: all checks must hold; false: one is enough."""

    every: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Question:
    """A question of any type; keys that its type does not own keep their default."""

    id: str
    code: str
    type: str
    text: Text
    hint: Text
    required: bool = False
    indicator: str | None = None
    show_if: Condition | None = None
    options: tuple[Option, ...] = ()
    dropdown: bool = False
    max_choices: int | None = None
    points: int = 5
    low: Text | None = None
    high: Text | None = None
    labels: tuple[Text, ...] | None = None
    allow_na: bool = False
    na_text: Text | None = None
    reverse: bool = False
    rows: tuple[Row, ...] = ()
    max_length: int = 0

    @cached_property
    def kind(self) -> QuestionType:
        return TYPES[self.type]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes under which answers are stored: one, or one per row, or none."""
        if self.kind.answer is Answer.ROWS:
            return tuple(row.code for row in self.rows)
        return () if self.kind.answer is Answer.NONE else (self.code,)

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """Smallest and largest number that can be answered (scored types)."""
        if self.type == "nps" or self.points == 11:
            return 0, 10
        return 1, self.points

    @cached_property
    def option_ids(self) -> frozenset[str]:
        return frozenset(option.id for option in self.options)

    @cached_property
    def other_id(self) -> str | None:
        return next((option.id for option in self.options if option.other), None)


@dataclass(frozen=True, slots=True)
class Page:
    """What a respondent sees at once."""

    id: str
    title: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A whole content document, parsed and valid."""

    languages: tuple[str, ...]
    default_language: str
    title: Text
    intro: Text
    thanks: Text
    minutes: int | None
    pages: tuple[Page, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    @cached_property
    def by_code(self) -> Mapping[str, Question]:
        """The question that owns a code; a matrix is found by its own and by its rows' codes."""
        found = {question.code: question for question in self.questions}
        for question in self.questions:
            found.update(dict.fromkeys(question.codes, question))
        return found

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Place of each question in reading order, by question id."""
        return {question.id: at for at, question in enumerate(self.questions)}

    @cached_property
    def page_positions(self) -> Mapping[str, int]:
        return {page.id: at for at, page in enumerate(self.pages)}

    def page(self, page_id: str) -> Page | None:
        at = self.page_positions.get(page_id)
        return None if at is None else self.pages[at]

    def say(self, text: Text | None, lang: str) -> str:
        """The text in `lang`, else in the default language, else in any, else empty."""
        if not text:
            return ""
        return text.get(lang) or text.get(self.default_language) or next(filter(None, text.values()), "")


def codes_of(questionnaire: Questionnaire) -> Iterator[str]:
    """Every code that must be unique: questions' and rows', in reading order."""
    for question in questionnaire.questions:
        yield question.code
        for row in question.rows:
            yield row.code
