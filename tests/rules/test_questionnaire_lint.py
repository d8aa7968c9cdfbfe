"""The check before publishing."""

from typing import Any

import pytest

from app.rules.indicators import Indicator
from app.rules.questionnaire import Problem, Severity, publishable, validate
from app.rules.questionnaire.wording import asks_two_things, sides
from tests.rules.test_questionnaire_document import MATRIX, document, scale

Found = set[tuple[str, str]]


def problems(*questions: dict[str, Any], known: tuple[str, ...] = ("x",)) -> list[Problem]:
    return validate(document(*questions), known)


def codes(found: list[Problem]) -> set[str]:
    return {problem.code for problem in found} - {"indicator_unmeasured"}


def single(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s",
        "code": "kind",
        "type": "single",
        "text": {"zh": "哪一种？", "en": "Which one?"},
        "options": [
            {"id": "a", "text": {"zh": "甲", "en": "A"}},
            {"id": "b", "text": {"zh": "乙", "en": "B"}},
        ],
        **changes,
    }


def when(code: str, op: str, value: Any, mode: str = "all") -> dict[str, Any]:
    return {mode: [{"question": code, "op": op, "value": value}]}


def test_a_good_document_has_no_problems() -> None:
    assert codes(problems(single(), scale(), {**MATRIX, "low": LOW, "high": HIGH})) == set()


LOW = {"zh": "很差", "en": "Very poor"}
HIGH = {"zh": "很好", "en": "Very good"}
LABELS_5 = ["很不满意", "不满意", "一般", "满意", "很满意"]
LOPSIDED = ["不满意", "一般", "满意", "很满意", "非常满意"]


@pytest.mark.parametrize(
    ("question", "code", "severity"),
    [
        (scale(text={"zh": "速度"}), "missing_text", "error"),
        (scale(text={}), "empty_text", "error"),
        (scale(hint={"en": "only"}), "missing_text", "error"),
        (scale(indicator="unknown"), "unknown_indicator", "error"),
        (single(indicator="x"), "indicator_on_unscored", "error"),
        (scale(labels=[{"zh": "好", "en": "Good"}]), "labels_count", "error"),
        (scale(labels=[{"zh": w, "en": w} for w in LOPSIDED]), "unbalanced_labels", "warning"),
        (scale(high={}), "one_end_unlabelled", "warning"),
        (scale(low={}, high={}), "scale_unlabelled", "warning"),
        (scale(extra=1), "unknown_key", "error"),
        (scale(text={"zh": "准时并且提前来电", "en": "On time"}), "double_barrelled", "warning"),
        (scale(text={"zh": "准时", "en": "On time and polite"}), "double_barrelled", "warning"),
        (scale(text={"zh": "长" * 80, "en": "Long"}), "long_text", "hint"),
        (single(options=[]), "too_few_options", "error"),
        (single(max_choices=3), "unknown_key", "error"),
        (single(id="id/other", code="speed"), "", ""),
        ({**MATRIX, "rows": []}, "no_rows", "error"),
        ({"id": "i", "code": "i", "type": "info", "text": LOW, "required": True},
         "required_info", "error"),
        (scale(show_if=when("nowhere", "answered", True)), "condition_unknown", "error"),
        (scale(show_if=when("speed", ">=", 2)), "condition_on_itself", "error"),
    ],
)  # fmt: skip
def test_single_faults(question: dict[str, Any], code: str, severity: str) -> None:
    found = {(p.code, p.severity.value) for p in problems(question)}
    if code:
        assert (code, severity) in found
        assert publishable(problems(question)) == ("error" not in {level for _, level in found})
    else:
        assert "error" not in {level for _, level in found}


def test_balanced_labels_pass() -> None:
    labels = [{"zh": word, "en": f"Label {at}"} for at, word in enumerate(LABELS_5)]
    assert codes(problems(scale(labels=labels))) == set()


def test_other_is_missed_in_long_lists_only() -> None:
    options = [{"id": f"o{n}", "text": {"zh": f"项{n}", "en": f"O{n}"}} for n in range(5)]
    assert codes(problems(single(options=options))) == {"no_other"}
    options[4]["other"] = True
    assert codes(problems(single(options=options))) == set()


def test_repeated_option_texts_warn() -> None:
    options = [{"id": f"o{n}", "text": {"zh": "同", "en": f"O{n}"}} for n in range(2)]
    assert codes(problems(single(options=options))) == {"repeated_text"}


def test_duplicate_codes_and_ids() -> None:
    found = codes(problems(scale("row_a", id="m"), MATRIX))
    assert {"duplicate_code", "duplicate_id"} <= found


def on_two_pages(first: dict[str, Any], second: dict[str, Any]) -> list[Problem]:
    content = document(first)
    content["pages"].append({"id": "p2", "title": {}, "questions": [second]})
    return validate(content, ())


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (when("kind", "in", ["a"]), None),
        (when("kind", "not_in", ["a"]), None),
        (when("kind", "answered", False), None),
        (when("kind", "in", ["z"]), "condition_value"),
        (when("kind", ">=", 1), "condition_op"),
        (when("kind", "not_in", ["a", "b"]), "condition_unreachable"),
        ({"all": [*when("kind", "in", ["a"])["all"], *when("kind", "in", ["b"])["all"]]},
         "condition_unreachable"),
        ({"any": [*when("kind", "in", ["a"])["all"], *when("kind", "in", ["b"])["all"]]}, None),
    ],
)  # fmt: skip
def test_conditions_on_a_choice(condition: dict[str, Any], code: str | None) -> None:
    found = codes(on_two_pages(single(), scale(show_if=condition)))
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("op", "value", "code"),
    [
        ("<=", 2, None),
        (">=", 6, "condition_unreachable"),
        ("in", [1, 2], None),
        ("in", ["na"], "condition_value"),
    ],
)
def test_conditions_on_a_number(op: str, value: Any, code: str | None) -> None:
    found = codes(on_two_pages(scale("first"), scale(show_if=when("first", op, value))))
    assert found == ({code} if code else set())


def test_several_options_of_a_multiple_can_be_asked_for_at_once() -> None:
    both = {"all": [*when("kind", "in", ["a"])["all"], *when("kind", "in", ["b"])["all"]]}
    assert codes(on_two_pages(single(type="multiple"), scale(show_if=both))) == set()


def test_later_and_same_page_conditions() -> None:
    later = on_two_pages(scale(show_if=when("kind", "in", ["a"])), single())
    assert codes(later) == {"condition_later"}
    same = problems(single(), scale(show_if=when("kind", "in", ["a"])))
    assert codes(same) == {"condition_same_page"}
    assert publishable(same)


def test_what_depends_on_the_unreachable_is_unreachable() -> None:
    never = single(id="n", code="never", show_if=when("kind", "not_in", ["a", "b"]))
    content = document(single())
    for at, question in enumerate((never, scale(show_if=when("never", "in", ["a"])))):
        content["pages"].append({"id": f"p{at + 2}", "title": {}, "questions": [question]})
    found = [p for p in validate(content, ()) if p.code == "condition_unreachable"]
    assert [p.question_id for p in found] == ["n", "id_speed"]


def test_many_items_warn_and_empty_documents_fail() -> None:
    found = problems(*(scale(f"q{n}") for n in range(26)))
    (many,) = [p for p in found if p.code == "too_many_items"]
    assert (many.severity, many.params["count"]) == (Severity.WARNING, 26)
    assert not publishable(problems())


def test_weights_of_the_tree_are_checked() -> None:
    tree = (Indicator("x", {}, 0.5), Indicator("y", {}, 0.4))
    found = validate(document(scale(indicator="x")), ["x", "y"], tree=tree)
    assert [(p.severity, p.code) for p in found] == [
        (Severity.ERROR, "indicator_weights_sum"),
        (Severity.HINT, "indicator_unmeasured"),
    ]


def test_languages() -> None:
    content = {**document(scale()), "languages": [], "default_language": "zh"}
    assert {"no_languages", "default_language_missing"} <= codes(validate(content, ()))


def test_malformed_documents_are_reported_not_raised() -> None:
    (only,) = validate({"languages": ["zh"], "default_language": "zh", "pages": 3}, ())
    assert (only.code, only.params["reason"]) == ("malformed", "not_a_list")


@pytest.mark.parametrize(
    ("text", "lang", "word"),
    [
        ("师傅准时到达并且提前打了电话", "zh", "并且"),
        ("您对包装和外观满意吗", "zh", "和"),
        ("客服态度温和", "zh", None),
        ("和去年相比如何", "zh", None),
        ("The driver was polite and punctual", "en", "and"),
        ("The time between order and delivery", "en", None),
        ("The brand on the sand", "en", None),
        ("Vite et bien", "fr", None),
    ],
)
def test_double_barrelled(text: str, lang: str, word: str | None) -> None:
    assert asks_two_things(text, lang) == word


def test_sides_leave_frequencies_alone() -> None:
    assert sides(["从不", "很少", "有时", "经常", "总是"], "zh") is None
    assert sides(["Poor", "Fair", "Good", "Very good", "Excellent"], "en") == (1, 3)
