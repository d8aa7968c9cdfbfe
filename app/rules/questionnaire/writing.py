"""Writing a questionnaire back as plain JSON values."""

from collections.abc import Mapping
from typing import Any

from app.rules.questionnaire.document import (
    Condition,
    Content,
    Option,
    Question,
    Questionnaire,
    Row,
)


def to_json(questionnaire: Questionnaire) -> Content:
    """The document as plain JSON values; `parse(to_json(q)) == q`."""
    return {
        "languages": list(questionnaire.languages),
        "default_language": questionnaire.default_language,
        "title": dict(questionnaire.title),
        "intro": dict(questionnaire.intro),
        "thanks": dict(questionnaire.thanks),
        "minutes": questionnaire.minutes,
        "pages": [
            {
                "id": page.id,
                "title": dict(page.title),
                "questions": [question_to_json(one) for one in page.questions],
            }
            for page in questionnaire.pages
        ],
    }


def question_to_json(question: Question) -> Content:
    """One question with the common keys and those of its type."""
    document: Content = {
        "id": question.id,
        "code": question.code,
        "type": question.type,
        "text": dict(question.text),
        "hint": dict(question.hint),
        "required": question.required,
        "indicator": question.indicator,
        "show_if": _condition_json(question.show_if),
    }
    for key in question.kind.defaults:
        document[key] = _plain(getattr(question, key))
    return document


def _condition_json(condition: Condition | None) -> Content | None:
    if condition is None:
        return None
    tests = [
        {"question": test.question, "op": test.op, "value": _plain(test.value)} for test in condition.checks
    ]
    return {"all" if condition.every else "any": tests}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (Option, Row)):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    return value
