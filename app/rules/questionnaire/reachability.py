"""Conditions before publishing: do they point backwards at something, and can they ever hold?"""

from collections.abc import Iterator
from typing import Any

from app.rules.questionnaire.conditions import holds
from app.rules.questionnaire.document import NA, Check, Question, Questionnaire
from app.rules.questionnaire.problems import Problem, Severity
from app.rules.questionnaire.types import Answer


def check_conditions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Problems of all conditions, in reading order."""
    home = {one.id: page.id for page in questionnaire.pages for one in page.questions}
    dead: set[str] = set()
    for question in questionnaire.questions:
        if question.show_if is None:
            continue
        path = f"questions/{question.id}/show_if"
        broken = False
        for at, check in enumerate(question.show_if.checks):
            code = _fault(questionnaire, question, check)
            asked = questionnaire.by_code.get(check.question)
            params = {"question": check.question, "op": check.op}
            if code:
                broken = True
                yield Problem(Severity.ERROR, code, f"{path}/{at}", params)
            elif asked and home[asked.id] == home[question.id]:
                yield Problem(Severity.WARNING, "condition_same_page", f"{path}/{at}", params)
        if not broken and not _can_hold(questionnaire, question, dead):
            dead.add(question.id)
            yield Problem(Severity.ERROR, "condition_unreachable", path, {})


def _fault(questionnaire: Questionnaire, question: Question, check: Check) -> str | None:
    asked = questionnaire.by_code.get(check.question)
    if asked is None or check.question not in asked.codes:
        return "condition_unknown"
    positions = questionnaire.positions
    if asked.id == question.id:
        return "condition_on_itself"
    if positions[asked.id] > positions[question.id]:
        return "condition_later"
    if check.op not in asked.kind.ops:
        return "condition_op"
    if check.op in ("in", "not_in") and not set(check.value) <= set(_domain(asked)):
        return "condition_value"
    return None


def _domain(question: Question) -> list[Any]:
    """The single values an answer can have; for text one stands for all."""
    if question.options:
        return [option.id for option in question.options]
    if question.kind.answer is Answer.TEXT:
        return ["text"]
    if not question.kind.scored:
        return []
    low, high = question.bounds
    return [*range(low, high + 1), *([NA] if question.allow_na else [])]


def _can_hold(questionnaire: Questionnaire, question: Question, dead: set[str]) -> bool:
    """Whether some combination of answers shows the question.

    Checks on one question are tried together against each of its values; different questions
    are taken as independent.
    """
    condition = question.show_if
    assert condition is not None
    by_code: dict[str, list[Check]] = {}
    for check in condition.checks:
        by_code.setdefault(check.question, []).append(check)
    possible = (
        _satisfiable(questionnaire.by_code[code], checks, condition.every, dead)
        for code, checks in by_code.items()
    )
    return all(possible) if condition.every else any(possible)


def _satisfiable(asked: Question, checks: list[Check], every: bool, dead: set[str]) -> bool:
    values: list[Any] = [None]
    if asked.id not in dead:
        values += _domain(asked)
    join = all if every else any
    if asked.kind.answer is Answer.CHOICES and asked.id not in dead:
        # Several options at once: each check may find its own, so they are tried one by one.
        return join(any(holds(check, value) for value in values) for check in checks)
    return any(join(holds(check, value) for check in checks) for value in values)
