"""Raw form fields of one page → clean values, or an error per field. Never raises on input.

A field's name is the code; free text of an "other" option comes as `CODE__other` and is stored
as `CODE#other`. Unknown names are ignored, whatever they hold.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from app.rules.questionnaire.conditions import is_shown
from app.rules.questionnaire.document import NA, Page, Question, Questionnaire, Text
from app.rules.questionnaire.types import Answer

OTHER_FIELD = "__other"
OTHER_KEY = "#other"
MAX_OTHER_LENGTH = 500
_MAX_CHOICE_LENGTH = 200
_MAX_REPEATS = 500
# Control characters but tab and line feed, lone surrogates, non-characters: no database,
# spreadsheet or XML writer takes them all.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NOTHING: Mapping[str, Any] = {}


class ErrorCode(StrEnum):
    """What is wrong with a field; params always hold `question` (its words) and `type`."""

    REQUIRED = "required"
    UNKNOWN_CHOICE = "unknown_choice"
    SEVERAL_VALUES = "several_values"
    EXCLUSIVE = "exclusive"  # params: option
    TOO_MANY = "too_many"  # params: max
    NOT_A_NUMBER = "not_a_number"  # params: min, max
    OUT_OF_RANGE = "out_of_range"  # params: min, max
    TOO_LONG = "too_long"  # params: max, length


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why an answer cannot be taken; `params` fill the sentence that the page makes of the code."""

    code: ErrorCode
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CleanResult:
    """`values`: what may be stored, None for shown-but-skipped; `errors`: by code, in page order.

    An error on free text of an "other" option stands under `CODE#other`. A code is in `values`
    or in `errors`, never in both.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, FieldError] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors


class _Fault(Exception):
    def __init__(self, code: ErrorCode, **params: Any) -> None:
        self.code = code
        self.params = params


def clean_page(
    questionnaire: Questionnaire,
    page: Page,
    raw: Mapping[str, Sequence[str]],
    lang: str,
    *,
    answers: Mapping[str, Any] = _NOTHING,
) -> CleanResult:
    """Clean what was posted for `page`.

    `raw` maps field names to the list of all their values (a posted form "not flat"); `answers` are those saved earlier, needed for
    conditions: a question that routing hides is neither asked for nor stored. `lang` chooses the
    words in the errors' params.
    """
    result = CleanResult()
    merged = dict(answers)
    known: dict[str, bool] = {}
    for question in page.questions:
        if is_shown(questionnaire, question, merged, known):
            _clean_question(questionnaire, question, raw, lang, result)
            merged.update((code, result.values.get(code)) for code in question.codes)
    return result


def _clean_question(
    questionnaire: Questionnaire,
    question: Question,
    raw: Mapping[str, Sequence[str]],
    lang: str,
    result: CleanResult,
) -> None:
    if question.type == "matrix":
        asked = [(row.code, row.text) for row in question.rows]
    else:
        asked = [(code, question.text) for code in question.codes]
    for code, words in asked:
        other: str | None = None
        key = code
        try:
            if question.other_id is not None:
                key = code + OTHER_KEY
                other = _text(raw.get(code + OTHER_FIELD, ()), MAX_OTHER_LENGTH)
                key = code
            value = _CLEANERS[question.kind.answer](question, _given(raw, code), other)
            if value is None and question.required:
                raise _Fault(ErrorCode.REQUIRED)
        except _Fault as fault:
            result.errors[key] = _error(questionnaire, question, words, lang, fault)
            continue
        result.values[code] = value
        if question.other_id is not None and _chosen(value, question.other_id):
            result.values[code + OTHER_KEY] = other


def _error(
    questionnaire: Questionnaire,
    question: Question,
    words: Text,
    lang: str,
    fault: _Fault,
) -> FieldError:
    params = {"question": questionnaire.say(words, lang), "type": question.type}
    for name, value in fault.params.items():
        params[name] = questionnaire.say(value, lang) if isinstance(value, Mapping) else value
    return FieldError(fault.code, params)


def _chosen(value: Any, option_id: str) -> bool:
    return option_id in value if isinstance(value, list) else value == option_id


def _given(raw: Mapping[str, Sequence[str]], code: str) -> list[str]:
    """Different non-empty values of a field, trimmed, in the order given."""
    values = raw.get(code)
    if not values:
        return []
    trimmed = (value.strip() for value in islice(values, _MAX_REPEATS))
    return list(dict.fromkeys(value for value in trimmed if value))


def _choice(question: Question, given: list[str], other: str | None) -> str | None:
    if len(given) > 1:
        raise _Fault(ErrorCode.SEVERAL_VALUES)
    if not given:
        # Who wrote under "other" without ticking it meant it.
        return question.other_id if other else None
    if given[0] not in question.option_ids:
        raise _Fault(ErrorCode.UNKNOWN_CHOICE)
    return given[0]


def _choices(question: Question, given: list[str], other: str | None) -> list[str] | None:
    picked = set(given)
    if not picked <= question.option_ids:
        raise _Fault(ErrorCode.UNKNOWN_CHOICE)
    if not picked and other and question.other_id:
        picked = {question.other_id}
    if len(picked) > 1:
        for option in question.options:
            if option.exclusive and option.id in picked:
                raise _Fault(ErrorCode.EXCLUSIVE, option=option.text)
    if question.max_choices is not None and len(picked) > question.max_choices:
        raise _Fault(ErrorCode.TOO_MANY, max=question.max_choices)
    return [option.id for option in question.options if option.id in picked] or None


def _number(question: Question, given: list[str], other: str | None) -> int | str | None:
    del other
    if len(given) > 1:
        raise _Fault(ErrorCode.SEVERAL_VALUES)
    if not given:
        return None
    low, high = question.bounds
    text = given[0][:_MAX_CHOICE_LENGTH]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip()
    if text == NA and question.allow_na:
        return NA
    if not (text.isascii() and text.isdigit()):
        raise _Fault(ErrorCode.NOT_A_NUMBER, min=low, max=high)
    number = int(text)
    if not low <= number <= high:
        raise _Fault(ErrorCode.OUT_OF_RANGE, min=low, max=high)
    return number


def _free_text(question: Question, given: list[str], other: str | None) -> str | None:
    del other
    text = _text(given, question.max_length)
    return " ".join(text.split()) if text and question.type == "short_text" else text


def _text(values: Sequence[str], limit: int) -> str | None:
    """The one text among the values, cleaned; None when there is none."""
    texts = list(dict.fromkeys(filter(None, map(_tidy, islice(values, _MAX_REPEATS)))))
    if len(texts) > 1:
        raise _Fault(ErrorCode.SEVERAL_VALUES)
    if not texts:
        return None
    if len(texts[0]) > limit:
        raise _Fault(ErrorCode.TOO_LONG, max=limit, length=len(texts[0]))
    return texts[0]


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text)).strip()


_CLEANERS: Mapping[Answer, Callable[[Question, list[str], str | None], Any]] = {
    Answer.CHOICE: _choice,
    Answer.CHOICES: _choices,
    Answer.NUMBER: _number,
    Answer.ROWS: _number,
    Answer.TEXT: _free_text,
}
