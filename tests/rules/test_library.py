"""The questionnaires that come with the product are complete and faultless."""

import re

import pytest

from app.rules import indicators
from app.rules.answers import next_page
from app.rules.library import Template, template, templates
from app.rules.questionnaire import (
    Severity,
    diff,
    estimate_minutes,
    parse,
    scored_items,
    to_json,
    validate,
)

ALL = pytest.mark.parametrize("one", templates(), ids=lambda one: one.key)
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_the_offer() -> None:
    assert [(one.key, one.items) for one in templates()] == [
        ("general", 21),
        ("touchpoints", 15),
        ("orders", 24),
    ]
    assert template("orders").key == "orders"
    with pytest.raises(KeyError):
        template("nope")


@ALL
def test_no_errors_and_no_warnings(one: Template) -> None:
    leaves = [leaf.code for leaf in indicators.leaves(one.indicators)]
    found = validate(one.new_content(), leaves, tree=one.indicators)
    assert [problem for problem in found if problem.severity is not Severity.HINT] == []


@ALL
def test_every_leaf_is_measured_and_both_languages_are_named(one: Template) -> None:
    measured = {item.indicator for item in scored_items(one.questionnaire)} - {None}
    assert measured == {leaf.code for leaf in indicators.leaves(one.indicators)}
    assert indicators.check(one.indicators, ["zh", "en"]) == []


def texts(value: object) -> list[dict[str, str]]:
    if isinstance(value, dict):
        if value and value.keys() <= {"zh", "en"}:
            return [value]
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return []


@ALL
def test_both_languages_are_written_in_their_own_script(one: Template) -> None:
    found = [*texts(to_json(one.questionnaire)), dict(one.name), dict(one.purpose)]
    assert len(found) > 40
    for text in found:
        assert HAN.search(text["zh"]), text
        assert text["en"].strip(), text
        assert not HAN.search(text["en"]), text
        assert not re.search(r"[,;?!]", text["zh"]), text


@ALL
def test_minutes_are_the_estimate(one: Template) -> None:
    assert one.minutes == estimate_minutes(one.questionnaire) <= 4


@ALL
def test_it_ends_with_recommendation_then_an_open_question(one: Template) -> None:
    types = [question.type for question in one.questionnaire.questions]
    assert types[-2:] == ["nps", "long_text"]
    assert not one.questionnaire.questions[-1].required


def test_a_copy_can_be_changed_without_changing_the_template() -> None:
    mine = template("general").new_content()
    mine["pages"].clear()
    assert template("general").new_content()["pages"]
    assert diff(template("general").questionnaire, parse(template("general").new_content())) == []


def test_the_returns_chapter_is_only_for_those_who_returned_something() -> None:
    questionnaire = template("orders").questionnaire
    asked = questionnaire.page(
        next(p.id for p in questionnaire.pages if p.questions[0].code == "return_used")
    )
    after = {
        answer: next_page(questionnaire, asked, {"return_used": answer})
        for answer in ("returned", "exchanged", "no")
    }
    first = {answer: page.questions[0].code for answer, page in after.items() if page}
    assert first == {
        "returned": "return_reason",
        "exchanged": "return_reason",
        "no": "overall",
    }
