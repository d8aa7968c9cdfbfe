"""A low score in an answer: whether it is one, and which questions can be asked about."""

from collections.abc import Mapping
from typing import Any

from app.rules.questionnaire import Question, Questionnaire

# A question whose highest score is bad says nothing here; nor does one row of a matrix.
SCORED_ALONE = frozenset({"scale", "nps", "emoji", "stars"})
LONGEST_SHARED = 2000
MOST_SHARED = 10


def offered(questionnaire: Questionnaire) -> list[Question]:
    """The questions after whose low score somebody can be asked whether we may come back to him."""
    return [one for one in questionnaire.questions if one.type in SCORED_ALONE and not one.reverse]


def is_low(question: str, score: int | None, answers: Mapping[str, Any]) -> bool:
    """Whether the answers hold a score of at most `score` under the code `question`."""
    given = answers.get(question) if question else None
    return score is not None and type(given) is int and given <= score


def is_possible(question: Question, score: int) -> bool:
    """Whether this score can be given and is not the highest."""
    low, high = question.bounds
    return low <= score < high


def shared(
    questionnaire: Questionnaire, answers: Mapping[str, Any], question: str
) -> list[tuple[Question, Any]]:
    """What a respondent shares who asks to be called: one score, and what he wrote in words.

    The score is that of `question`; where nobody is asked after a low score, the first that can be.
    """
    able = offered(questionnaire)
    chosen = next((one for one in able if one.code == question), able[0] if able and not question else None)
    found: list[tuple[Question, Any]] = []
    if chosen is not None and type(answers.get(chosen.code)) is int:
        found.append((chosen, answers[chosen.code]))
    for one in questionnaire.questions:
        given = answers.get(one.code) if one.type in ("short_text", "long_text") else None
        if isinstance(given, str) and given.strip():
            found.append((one, given.strip()[:LONGEST_SHARED]))
    return found[:MOST_SHARED]
