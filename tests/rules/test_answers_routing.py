"""The way through a questionnaire, what is kept at the end, receipts."""

from time import perf_counter
from typing import Any

import pytest

from app.rules.answers import (
    answer_status,
    clean_page,
    finalise,
    next_page,
    page_path,
    previous_page,
    progress,
    receipt_id,
    receipt_number,
    visible_questions,
)
from app.rules.library import template
from app.rules.questionnaire import Questionnaire, Status, parse, scored_items
from app.rules.questionnaire.conditions import holds
from app.rules.questionnaire.document import Check
from tests.rules.test_questionnaire_document import document, scale


def when(code: str, op: str, value: Any) -> dict[str, Any]:
    return {"all": [{"question": code, "op": op, "value": value}]}


def chain() -> Questionnaire:
    """a; b if a is low; c if b is low; an info page; d."""
    questions = [
        scale("a"),
        scale("b", show_if=when("a", "<=", 2)),
        scale("c", show_if=when("b", "<=", 2)),
        {"id": "i", "code": "i", "type": "info", "text": {"zh": "说明", "en": "Note"}},
        scale("d"),
    ]
    pages = [{"id": f"p_{one['code']}", "title": {}, "questions": [one]} for one in questions]
    return parse({**document(), "pages": pages})


def path(answers: dict[str, Any]) -> list[str]:
    return [page.id for page in page_path(chain(), answers)]


@pytest.mark.parametrize(
    ("answers", "pages"),
    [
        ({}, ["p_a", "p_i", "p_d"]),
        ({"a": 5}, ["p_a", "p_i", "p_d"]),
        ({"a": 1}, ["p_a", "p_b", "p_i", "p_d"]),
        ({"a": 1, "b": 2}, ["p_a", "p_b", "p_c", "p_i", "p_d"]),
        (
            {"a": 5, "b": 2},
            ["p_a", "p_i", "p_d"],
        ),  # b was answered before a was changed
        ({"a": "na"}, ["p_a", "p_i", "p_d"]),
        ({"a": None}, ["p_a", "p_i", "p_d"]),
    ],
)
def test_the_path_follows_the_answers(answers: dict[str, Any], pages: list[str]) -> None:
    assert path(answers) == pages


def test_next_and_previous_walk_the_same_path() -> None:
    questionnaire, answers = chain(), {"a": 1, "b": 5}
    forth, page = [], next_page(questionnaire, None, answers)
    while page:
        forth.append(page.id)
        page = next_page(questionnaire, page, answers)
    back, page = [], previous_page(questionnaire, None, answers)
    while page:
        back.append(page.id)
        page = previous_page(questionnaire, page, answers)
    assert forth == back[::-1] == ["p_a", "p_b", "p_i", "p_d"]


def test_conditions_pointing_forward_or_nowhere_hide_and_end() -> None:
    questionnaire = parse(
        document(
            scale("a", show_if=when("b", ">=", 1)),
            scale("b", show_if=when("a", ">=", 1)),
            scale("c", show_if=when("nowhere", "in", ["x"])),
            scale("d"),
        )
    )
    answers = {"a": 5, "b": 5, "nowhere": "x"}
    shown = visible_questions(questionnaire, questionnaire.pages[0], answers)
    assert [question.code for question in shown] == ["d"]


@pytest.mark.parametrize(
    ("op", "wanted", "value", "result"),
    [
        ("in", ("a",), "a", True),
        ("in", ("a",), ["b", "a"], True),
        ("not_in", ("a",), ["b", "a"], False),
        ("not_in", ("a",), ["b"], True),
        ("not_in", ("a",), None, False),
        ("in", ("na",), "na", True),
        ("in", (1, 2), 2, True),
        (">=", 3, 3, True),
        (">=", 3, "na", False),
        ("<=", 3, None, False),
        ("answered", True, "text", True),
        ("answered", True, "na", False),
        ("answered", False, None, True),
    ],
)
def test_checks(op: str, wanted: Any, value: Any, result: bool) -> None:
    assert holds(Check("q", op, wanted), value) is result


def test_any_condition() -> None:
    either = {"any": [*when("a", "<=", 1)["all"], *when("b", "<=", 1)["all"]]}
    questionnaire = parse(document(scale("a"), scale("b"), scale("c", show_if=either)))
    page = questionnaire.pages[0]
    assert len(visible_questions(questionnaire, page, {"a": 5, "b": 1})) == 3
    assert len(visible_questions(questionnaire, page, {"a": 5, "b": 5})) == 2


def test_the_longest_chain_of_conditions_is_walked() -> None:
    questions = [scale("q0")]
    for at in range(1, 200):
        either = {"any": [*when(f"q{at - 1}", ">=", 2)["all"], *when("q0", "in", [5])["all"]]}
        questions.append(scale(f"q{at}", show_if=either))
    questionnaire = parse(document(*questions))
    answers = {f"q{at}": 3 for at in range(200)}
    (page,) = questionnaire.pages
    assert len(visible_questions(questionnaire, page, answers)) == 200
    pages = [{"id": "last", "title": {}, "questions": [questions[-1]]}]
    content = {**document(*questions[:-1])}
    apart = parse({**content, "pages": [*content["pages"], *pages]})
    assert next_page(apart, apart.pages[0], answers) is apart.pages[1]


def test_progress_is_honest() -> None:
    questionnaire = chain()
    page = {one.id: one for one in questionnaire.pages}
    start = progress(questionnaire, page["p_a"], {})
    assert (start.first, start.last, start.total, start.exact) == (1, 1, 2, False)
    assert start.share == 0
    branch = progress(questionnaire, page["p_b"], {"a": 1})
    assert (branch.first, branch.total, branch.answered) == (2, 3, 1)
    end = progress(questionnaire, page["p_d"], {"a": 5})
    assert (end.first, end.last, end.total, end.exact) == (2, 2, 2, True)
    note = progress(questionnaire, page["p_i"], {"a": 5})
    assert note.first > note.last


def test_finalise_keeps_what_was_shown() -> None:
    answers = {"a": 1, "b": 5, "c": 3, "junk": 1}
    seen = {"p_a", "p_b", "p_i", "p_d"}
    assert finalise(chain(), answers, seen) == {"a": 1, "b": 5, "d": None}
    assert finalise(chain(), answers, {"p_a", "p_b"}) == {"a": 1, "b": 5}
    assert finalise(chain(), {"a": 4, "b": 1, "c": 1, "d": 2}, seen) == {"a": 4, "d": 2}


def test_finalise_keeps_other_text_only_with_its_option() -> None:
    options = [{"id": "x", "text": {}}, {"id": "o", "text": {}, "other": True}]
    asked = {"id": "m", "code": "m", "type": "multiple", "text": {}, "options": options}
    questionnaire = parse(document(asked))
    said = {"m": ["o"], "m#other": "words"}
    assert finalise(questionnaire, said, {"p1"}) == said
    assert finalise(questionnaire, {**said, "m": ["x"]}, {"p1"}) == {"m": ["x"]}


def test_statuses() -> None:
    (item,) = scored_items(parse(document(scale("a", allow_na=True))))
    for answers, status in (
        ({}, Status.NOT_SHOWN),
        ({"a": None}, Status.SKIPPED),
        ({"a": "na"}, Status.NOT_APPLICABLE),
        ({"a": 5}, Status.VALID),
        ({"a": 6}, Status.INVALID),
        ({"a": True}, Status.INVALID),
        ({"a": "5"}, Status.INVALID),
    ):
        assert answer_status(item, answers) is status


def test_receipts_survive_being_read_out() -> None:
    number = receipt_number(1234)
    assert receipt_id(number) == 1234
    assert receipt_id(" ００１２３４ － " + number[-1]) == 1234
    assert receipt_id(receipt_number(123_456_789)) == 123_456_789
    assert receipt_number(572) == "000572-4"
    for junk in ("", "abc", "12", "1" * 5000, "\ud800"):
        assert receipt_id(junk) is None or junk.isdigit()
    with pytest.raises(ValueError, match="negative"):
        receipt_number(-1)


def test_receipts_find_every_wrong_digit_and_every_swap() -> None:
    digits = receipt_number(402_857).replace("-", "")
    for at, digit in enumerate(digits):
        for wrong in set("0123456789") - {digit}:
            assert receipt_id(digits[:at] + wrong + digits[at + 1 :]) is None
        pair = digits[at : at + 2]
        if len(pair) == 2 and pair[0] != pair[1]:
            assert receipt_id(digits[:at] + pair[::-1] + digits[at + 2 :]) is None


def test_a_page_of_five_questions_costs_next_to_nothing() -> None:
    """The budget is 0.1 ms; the test allows for a slow and busy machine."""
    questionnaire = template("orders").questionnaire
    page = parse(document(*(scale(f"q{n}", required=True) for n in range(5))))
    raw = {f"q{n}": ["4"] for n in range(5)}
    fastest = 1.0
    for _ in range(50):
        start = perf_counter()
        clean_page(page, page.pages[0], raw, "zh")
        next_page(questionnaire, questionnaire.pages[2], {"care_used": "no"})
        fastest = min(fastest, perf_counter() - start)
    assert fastest < 0.0005
