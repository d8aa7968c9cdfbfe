"""The small form of a condition: which earlier question, which test, which values."""

from typing import Any

from werkzeug.datastructures import MultiDict

from app.blueprints.questionnaires.site import plain, whole_number
from app.rules.questionnaire import NA, Content, Question, Questionnaire
from app.rules.questionnaire.reading import CODE_PATTERN

MOST_CHECKS = 10
OPS = ("in", "not_in", ">=", "<=", "answered", "unanswered")


def read_condition(
    form: MultiDict[str, str], old: Content | None, questionnaire: Questionnaire
) -> Content | None:
    """The condition as the form says; as it was when the form does not show it."""
    if "if-join" not in form:
        return old
    checks = []
    for at in form.getlist("check")[:MOST_CHECKS]:
        if whole_number(at) is None:
            continue
        code = plain(form.get(f"if-{at}-question"))
        if CODE_PATTERN.fullmatch(code):
            op = form.get(f"if-{at}-op", "in")
            checks.append(make_check(questionnaire, code, op, form.getlist(f"if-{at}-value")))
    if not checks:
        return None
    return {"any" if form["if-join"] == "any" else "all": checks}


def make_check(questionnaire: Questionnaire, code: str, op: str, posted: list[str]) -> Content:
    """One comparison that fits the kind of question; values it can't have are dropped."""
    asked = questionnaire.by_code.get(code)
    if op in ("answered", "unanswered"):
        return {"question": code, "op": "answered", "value": op == "answered"}
    if asked is not None and not asked.kind.scored and op in (">=", "<="):
        op = "in"
    if op not in OPS or (asked is not None and op not in asked.kind.ops):
        return {"question": code, "op": "answered", "value": True}
    values: list[Any] = [plain(one)[:40] for one in posted[:100]]
    if asked is not None:
        possible = {str(one): one for one in domain(asked)}
        values = [possible[one] for one in values if one in possible]
    if op in (">=", "<="):
        numbers = [one for one in values if isinstance(one, int)]
        return {"question": code, "op": op, "value": numbers[0] if numbers else _middle(asked)}
    return {"question": code, "op": op, "value": list(dict.fromkeys(values))}


def first_check(questionnaire: Questionnaire, code: str) -> Content:
    """What a new comparison starts with: the first option, or at most the middle of the scale."""
    asked = questionnaire.by_code.get(code)
    if asked is None:
        return make_check(questionnaire, code, "answered", [])
    if asked.kind.scored:
        return make_check(questionnaire, code, "<=", [])
    values = [str(one) for one in domain(asked)[:1]]
    return make_check(questionnaire, code, "in", values)


def domain(asked: Question) -> list[Any]:
    """Every value that the answer can have, for choices and scores."""
    if asked.options:
        return [option.id for option in asked.options]
    if not asked.kind.scored:
        return []
    low, high = asked.bounds
    return [*range(low, high + 1), *([NA] if asked.allow_na else [])]


def _middle(asked: Question | None) -> int:
    if asked is None:
        return 3
    low, high = asked.bounds
    return (low + high) // 2
