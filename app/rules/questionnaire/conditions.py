"""Whether a question is shown, given the answers.

A question that was not answered, or that is itself not shown, fulfils no check except
`answered: false`; "not applicable" fulfils only `in`/`not_in`. A check may only look back:
one that names a later or unknown question counts as unanswered, so evaluation always ends.
"""

from collections.abc import Mapping
from typing import Any

from app.rules.questionnaire.document import NA, Check, Question, Questionnaire

Answers = Mapping[str, Any]


def holds(check: Check, value: Any) -> bool:
    """One check against one stored value (None: unanswered)."""
    if check.op == "answered":
        given = value is not None and value != NA and value != []
        return given is bool(check.value)
    if value is None:
        return False
    if check.op == ">=":
        return type(value) is int and value >= check.value
    if check.op == "<=":
        return type(value) is int and value <= check.value
    values = value if isinstance(value, list) else (value,)
    found = any(one in check.value for one in values)
    return found if check.op == "in" else not found


def is_shown(
    questionnaire: Questionnaire,
    question: Question,
    answers: Answers,
    known: dict[str, bool] | None = None,
) -> bool:
    """Whether routing shows the question; `known` (by question id) is filled and reused."""
    condition = question.show_if
    if condition is None:
        return True
    known = {} if known is None else known
    shown = known.get(question.id)
    if shown is None:
        results = (
            holds(check, _effective(questionnaire, question, check, answers, known))
            for check in condition.checks
        )
        shown = all(results) if condition.every else any(results)
        known[question.id] = shown
    return shown


def _effective(
    questionnaire: Questionnaire,
    asking: Question,
    check: Check,
    answers: Answers,
    known: dict[str, bool],
) -> Any:
    """The answer checked, or None when its question is not shown or does not come before."""
    value = answers.get(check.question)
    asked = questionnaire.by_code.get(check.question)
    if value is None or asked is None:
        return None
    positions = questionnaire.positions
    if positions[asked.id] >= positions[asking.id]:
        return None
    return value if is_shown(questionnaire, asked, answers, known) else None
