"""Conditions as sentences."""

from typing import Any

from flask_babel import gettext as _

from app.blueprints.questionnaires.wording import question_numbers
from app.rules.questionnaire import NA, Check, Condition, Question, Questionnaire


def condition(questionnaire: Questionnaire, show_if: Condition | None, lang: str) -> str:
    """“Appears if question 4 is …”; empty without a condition."""
    if show_if is None:
        return ""
    parts = [check(questionnaire, one, lang) for one in show_if.checks]
    joint = _(" and ") if show_if.every else _(" or ")
    return _("Appears if %(conditions)s", conditions=joint.join(parts))


def check(questionnaire: Questionnaire, one: Check, lang: str) -> str:
    """One comparison: “question 4 is “No””."""
    asked = questionnaire.by_code.get(one.question)
    name = asked_name(questionnaire, one.question, lang)
    if one.op == "answered":
        return (
            _("%(question)s was answered", question=name)
            if one.value
            else _("%(question)s was not answered", question=name)
        )
    if one.op == ">=":
        return _("%(question)s is at least %(value)s", question=name, value=one.value)
    if one.op == "<=":
        return _("%(question)s is at most %(value)s", question=name, value=one.value)
    words = _(", ").join(
        _("“%(words)s”", words=value_name(questionnaire, asked, value, lang)) for value in one.value
    )
    several = len(one.value) > 1
    if one.op == "in":
        if several:
            return _("%(question)s is one of %(values)s", question=name, values=words)
        return _("%(question)s is %(value)s", question=name, value=words)
    if several:
        return _("%(question)s is none of %(values)s", question=name, values=words)
    return _("%(question)s is not %(value)s", question=name, value=words)


def asked_name(questionnaire: Questionnaire, code: str, lang: str) -> str:
    """“question 4”, with the row's words for a matrix; the code when the question is gone."""
    asked = questionnaire.by_code.get(code)
    if asked is None:
        return _("a deleted question (%(code)s)", code=code)
    number = question_numbers(questionnaire).get(asked.id)
    name = _("question %(number)s", number=number) if number else code
    row = next((row for row in asked.rows if row.code == code), None)
    if row is None:
        return name
    return _("question %(number)s (%(row)s)", number=number, row=questionnaire.say(row.text, lang) or code)


def value_name(questionnaire: Questionnaire, asked: Question | None, value: Any, lang: str) -> str:
    """An answer in words."""
    if asked is None:
        return str(value)
    for option in asked.options:
        if option.id == value:
            return questionnaire.say(option.text, lang) or option.id
    if value == NA:
        return questionnaire.say(asked.na_text, lang) or _("not applicable")
    if asked.labels and type(value) is int and 0 < value <= len(asked.labels):
        return questionnaire.say(asked.labels[value - 1], lang) or str(value)
    return str(value)


def possible_values(questionnaire: Questionnaire, asked: Question, lang: str) -> list[tuple[str, str]]:
    """What can be chosen as value of a condition: (as posted, in words)."""
    if asked.options:
        values: list[Any] = [option.id for option in asked.options]
    elif asked.kind.scored:
        low, high = asked.bounds
        values = [*range(low, high + 1), *([NA] if asked.allow_na else [])]
    else:
        values = []
    return [(str(value), value_name(questionnaire, asked, value, lang)) for value in values]
