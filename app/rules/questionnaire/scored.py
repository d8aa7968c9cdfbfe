"""The scored items of a questionnaire, and whether one may be compared with its former self."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.rules.questionnaire.document import Question, Questionnaire, Text


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One variable with a score: a scale, a matrix row, an NPS, an emoji or a star question.

    `text` is the row's own words for a matrix row, whose question is then in `stem`; `labels`
    has one text per point or is empty; `full_score` equals `max`. For `reverse` items the stored
    value still has to be turned round (`min + max - x`).
    """

    code: str
    question_id: str
    type: str
    text: Text
    stem: Text
    min: int
    max: int
    full_score: int
    indicator: str | None
    reverse: bool
    labels: tuple[Text, ...]
    low: Text
    high: Text
    allow_na: bool


class Reason(StrEnum):
    """Why two waves of an item are not comparable."""

    TYPE = "type"
    WORDING = "wording"
    SCALE = "scale"
    LABELS = "labels"
    DIRECTION = "direction"
    NOT_APPLICABLE = "not_applicable"


def scored_items(questionnaire: Questionnaire) -> tuple[ScoredItem, ...]:
    """All scored items in reading order."""
    return tuple(
        item for question in questionnaire.questions if question.kind.scored for item in _items(question)
    )


def _items(question: Question) -> list[ScoredItem]:
    if question.type == "matrix":
        return [_item(question, row.code, row.text, question.text, row.indicator) for row in question.rows]
    return [_item(question, question.code, question.text, {}, question.indicator)]


def _item(question: Question, code: str, text: Text, stem: Text, indicator: str | None) -> ScoredItem:
    low, high = question.bounds
    return ScoredItem(
        code=code,
        question_id=question.id,
        type=question.type,
        text=text,
        stem=stem,
        min=low,
        max=high,
        full_score=high,
        indicator=indicator,
        reverse=question.reverse,
        labels=question.labels or (),
        low=question.low or {},
        high=question.high or {},
        allow_na=question.allow_na,
    )


def comparable(old: ScoredItem, new: ScoredItem) -> tuple[Reason, ...]:
    """Reasons against comparing two waves of an item; empty when nothing speaks against it.

    Words are compared in the languages both have, without regard to spacing, case, width and
    punctuation; a language that only one of them has says nothing.
    """
    tests = {
        Reason.TYPE: old.type != new.type,
        Reason.WORDING: _differ(old.text, new.text) or _differ(old.stem, new.stem),
        Reason.SCALE: (old.min, old.max) != (new.min, new.max),
        Reason.LABELS: _labels_differ(old, new),
        Reason.DIRECTION: old.reverse != new.reverse,
        Reason.NOT_APPLICABLE: old.allow_na != new.allow_na,
    }
    return tuple(reason for reason, differs in tests.items() if differs)


def _labels_differ(old: ScoredItem, new: ScoredItem) -> bool:
    if _differ(old.low, new.low) or _differ(old.high, new.high):
        return True
    if len(old.labels) != len(new.labels):
        return True
    return any(_differ(*pair) for pair in zip(old.labels, new.labels, strict=True))


def _differ(old: Text, new: Text) -> bool:
    before, after = _spoken(old), _spoken(new)
    shared = before.keys() & after.keys()
    if not shared:
        return bool(before) != bool(after)
    return any(before[lang] != after[lang] for lang in shared)


def _spoken(text: Text) -> Mapping[str, str]:
    plain = {
        lang: re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())
        for lang, words in text.items()
    }
    return {lang: words for lang, words in plain.items() if words}
