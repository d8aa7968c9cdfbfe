"""How long a questionnaire takes, as told to the respondent."""

import math
import re

from app.rules.questionnaire.document import Question, Questionnaire, Text

# Reading on a phone, unhurried: about 330 Chinese characters or 220 English words a minute.
_SECONDS_PER_UNIT = {"zh": 0.18, "en": 0.27}
_SECONDS_PER_PAGE = 1.5
_SECONDS_PER_ROW = 3.0
_INTRO_SECONDS = 10.0
_OPTIONAL_TEXT_SHARE = 0.4
_CONDITIONAL_SHARE = 0.5


def estimate_seconds(questionnaire: Questionnaire) -> float:
    """Seconds a typical respondent needs, in the slowest of the questionnaire's languages."""
    pace = [_seconds(questionnaire, lang) for lang in questionnaire.languages]
    return max(pace, default=0.0)


def estimate_minutes(questionnaire: Questionnaire) -> int:
    """The same in whole minutes, rounded up from the half, at least 1."""
    return max(1, math.floor(estimate_seconds(questionnaire) / 60 + 0.5))


def _seconds(questionnaire: Questionnaire, lang: str) -> float:
    return _INTRO_SECONDS + sum(
        _SECONDS_PER_PAGE * _share_shown(page.questions)
        + sum(_question_seconds(question, lang) for question in page.questions)
        for page in questionnaire.pages
    )


def _share_shown(questions: tuple[Question, ...]) -> float:
    sure = any(question.show_if is None for question in questions)
    return 1.0 if sure else _CONDITIONAL_SHARE


def _question_seconds(question: Question, lang: str) -> float:
    seconds = question.kind.seconds
    if question.kind.code_book == "text" and not question.required:
        seconds *= _OPTIONAL_TEXT_SHARE
    seconds += _reading(question.text, lang) + _reading(question.hint, lang)
    # Options are skimmed, not read.
    seconds += 0.5 * sum(_reading(option.text, lang) for option in question.options)
    if question.type == "matrix":
        seconds += sum(_SECONDS_PER_ROW + _reading(row.text, lang) for row in question.rows)
    return seconds * (_CONDITIONAL_SHARE if question.show_if else 1.0)


def _reading(text: Text, lang: str) -> float:
    words = text.get(lang, "")
    units = len(words) if lang == "zh" else len(re.findall(r"\S+", words))
    return units * _SECONDS_PER_UNIT.get(lang, _SECONDS_PER_UNIT["en"])
