"""What is kept of a response, and how each kept value is to be read."""

from collections.abc import Collection, Mapping
from typing import Any

from app.rules.answers.cleaning import OTHER_KEY
from app.rules.answers.routing import visible_questions
from app.rules.questionnaire.document import NA, Questionnaire
from app.rules.questionnaire.scored import ScoredItem
from app.rules.questionnaire.types import Status


def finalise(
    questionnaire: Questionnaire,
    answers: Mapping[str, Any],
    seen_pages: Collection[str],
) -> dict[str, Any]:
    """The answers document of a finished (or broken-off) response.

    Shown but skipped becomes None; answers to questions that routing no longer shows, and
    keys the questionnaire does not know, are dropped. `seen_pages` holds page ids.
    """
    document: dict[str, Any] = {}
    for page in questionnaire.pages:
        seen = page.id in seen_pages
        for question in visible_questions(questionnaire, page, answers):
            for code in question.codes:
                value = answers.get(code)
                if value is None and not seen:
                    continue
                document[code] = value
                if question.other_id is not None and _includes(value, question.other_id):
                    document[code + OTHER_KEY] = answers.get(code + OTHER_KEY)
    return document


def answer_status(item: ScoredItem, answers: Mapping[str, Any]) -> Status:
    """How the item's value in a finalised document counts."""
    if item.code not in answers:
        return Status.NOT_SHOWN
    value = answers[item.code]
    if value is None:
        return Status.SKIPPED
    if value == NA and item.allow_na:
        return Status.NOT_APPLICABLE
    if type(value) is int and item.min <= value <= item.max:
        return Status.VALID
    return Status.INVALID


def _includes(value: Any, option_id: str) -> bool:
    return option_id in value if isinstance(value, list) else value == option_id
