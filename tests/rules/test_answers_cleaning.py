"""Cleaning of posted pages, kind and hostile input alike."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.answers import CleanResult, ErrorCode, clean_page
from app.rules.questionnaire import TYPES, Questionnaire, parse
from tests.rules.test_questionnaire_document import MATRIX, document, scale

OPTIONS = [
    {"id": "a", "text": {"zh": "甲", "en": "A"}},
    {"id": "b", "text": {"zh": "乙", "en": "B"}},
    {"id": "o", "text": {"zh": "其他", "en": "Other"}, "other": True},
    {"id": "none", "text": {"zh": "都没有", "en": "None"}, "exclusive": True},
]


def question(type_name: str, **changes: Any) -> dict[str, Any]:
    base = {
        "id": "q",
        "code": "c",
        "type": type_name,
        "text": {"zh": "问", "en": "Ask"},
    }
    return {**base, **changes}


def clean(asked: dict[str, Any], **raw: Any) -> CleanResult:
    questionnaire = parse(document(asked))
    fields = {name: [one] if isinstance(one, str) else one for name, one in raw.items()}
    return clean_page(questionnaire, questionnaire.pages[0], fields, "en")


def error(result: CleanResult, key: str = "c") -> ErrorCode:
    assert key not in result.values
    return result.errors[key].code


def test_single() -> None:
    asked = question("single", options=OPTIONS)
    assert clean(asked, c="a").values == {"c": "a"}
    assert clean(asked, c=["", "a", "a"]).values == {"c": "a"}
    assert clean(asked).values == {"c": None}
    assert error(clean(asked, c="z")) is ErrorCode.UNKNOWN_CHOICE
    assert error(clean(asked, c=["a", "b"])) is ErrorCode.SEVERAL_VALUES


def test_other_text_belongs_to_the_other_option() -> None:
    asked = question("single", options=OPTIONS)
    assert clean(asked, c="o", c__other=" 邻居介绍 ").values == {
        "c": "o",
        "c#other": "邻居介绍",
    }
    assert clean(asked, c="o").values == {"c": "o", "c#other": None}
    assert clean(asked, c="a", c__other="dropped").values == {"c": "a"}
    assert clean(asked, c__other="meant").values == {"c": "o", "c#other": "meant"}
    too_long = clean(asked, c="o", c__other="x" * 501)
    assert error(too_long, "c#other") is ErrorCode.TOO_LONG


def test_multiple() -> None:
    asked = question("multiple", options=OPTIONS, max_choices=2)
    assert clean(asked, c=["b", "a", "b"]).values == {"c": ["a", "b"]}
    assert clean(asked, c=["none"]).values == {"c": ["none"]}
    assert clean(asked).values == {"c": None}
    assert clean(asked, c__other="x").values == {"c": ["o"], "c#other": "x"}
    assert error(clean(asked, c=["a", "b", "o"])) is ErrorCode.TOO_MANY
    assert error(clean(asked, c=["a", "hack"])) is ErrorCode.UNKNOWN_CHOICE
    both = clean(asked, c=["a", "none"])
    assert error(both) is ErrorCode.EXCLUSIVE
    assert both.errors["c"].params == {
        "question": "Ask",
        "type": "multiple",
        "option": "None",
    }


@pytest.mark.parametrize(
    ("given_", "value"),
    [
        ("5", 5),
        (" 3 ", 3),
        ("４", 4),
        ("05", 5),
        ("", None),
        ("  ", None),
        ("na", "na"),
    ],
)
def test_scale_values(given_: str, value: Any) -> None:
    assert clean(scale("c", allow_na=True), c=given_).values == {"c": value}


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ("0", ErrorCode.OUT_OF_RANGE),
        ("6", ErrorCode.OUT_OF_RANGE),
        ("9" * 5000, ErrorCode.OUT_OF_RANGE),
        ("-1", ErrorCode.NOT_A_NUMBER),
        ("3.0", ErrorCode.NOT_A_NUMBER),
        ("1e0", ErrorCode.NOT_A_NUMBER),
        ("٣", ErrorCode.NOT_A_NUMBER),
        ("na", ErrorCode.NOT_A_NUMBER),
        ("3\x00", ErrorCode.NOT_A_NUMBER),
        ("\ud800", ErrorCode.NOT_A_NUMBER),
    ],
)
def test_scale_refuses(given_: str, code: str) -> None:
    assert error(clean(scale("c"), c=given_)) is code


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [
        (scale("c", points=11), 0, 10),
        (scale("c", points=3), 1, 3),
        (question("nps"), 0, 10),
        (question("emoji"), 1, 5),
        (question("stars", points=10), 1, 10),
    ],
)
def test_number_ranges(asked: dict[str, Any], low: int, high: int) -> None:
    assert clean(asked, c=str(low)).values == {"c": low}
    assert clean(asked, c=str(high)).values == {"c": high}
    wrong = clean(asked, c=str(high + 1))
    assert wrong.errors["c"].params["min"] == low
    assert wrong.errors["c"].params["max"] == high
    assert not clean(asked, c=["1", "2"]).ok


def test_matrix_rows_are_cleaned_one_by_one() -> None:
    result = clean({**MATRIX, "required": True, "allow_na": True}, row_a="na", grid="7")
    assert result.values == {"row_a": "na"}
    assert error(result, "row_b") is ErrorCode.REQUIRED
    assert result.errors["row_b"].params == {"question": "B", "type": "matrix"}


def test_text_is_tidied() -> None:
    asked = question("long_text", max_length=20)
    assert clean(asked, c=" a\r\nb\x00\ud800\x0bc\u202f ").values == {"c": "a\nbc"}
    assert clean(asked, c="e\u0301").values == {"c": "é"}
    assert clean(asked, c="\x00 \n").values == {"c": None}
    assert clean(asked, c="😀" * 20).ok
    wrong = clean(asked, c="x" * 21)
    assert error(wrong) is ErrorCode.TOO_LONG
    assert (wrong.errors["c"].params["max"], wrong.errors["c"].params["length"]) == (
        20,
        21,
    )
    short = question("short_text", max_length=20)
    assert clean(short, c="two\nlines  here").values == {"c": "two lines here"}
    assert error(clean(short, c=["one", "two"])) is ErrorCode.SEVERAL_VALUES


@pytest.mark.parametrize("type_name", sorted(TYPES.keys() - {"info", "matrix"}))
def test_required_is_asked_for_in_the_readers_language(type_name: str) -> None:
    extra = {"options": OPTIONS} if "options" in TYPES[type_name].defaults else {}
    result = clean(question(type_name, required=True, **extra), c=" ")
    assert error(result) is ErrorCode.REQUIRED
    assert result.errors["c"].params["question"] == "Ask"


def test_info_takes_nothing_and_unknown_fields_are_ignored() -> None:
    assert clean(question("info"), c="x", _token="y", nonsense=["z"] * 9) == CleanResult()


def test_ten_thousand_repeats_and_fields_do_no_harm() -> None:
    raw = {f"x{n}": ["1"] for n in range(10_000)}
    assert not clean(scale("c"), **{**raw, "c": [str(n) for n in range(10_000)]}).ok
    assert clean(scale("c"), **{**raw, "c": ["4"] * 10_000}).values == {"c": 4}


def two_pages() -> Questionnaire:
    content = document(scale("first"))
    reason = question("long_text", required=True, max_length=100)
    reason["show_if"] = {"all": [{"question": "first", "op": "<=", "value": 2}]}
    content["pages"].append({"id": "p2", "title": {}, "questions": [reason]})
    return parse(content)


def test_hidden_questions_are_neither_asked_nor_stored() -> None:
    questionnaire = two_pages()
    page = questionnaire.pages[1]
    hidden = clean_page(questionnaire, page, {"c": ["x"]}, "zh", answers={"first": 5})
    assert hidden == CleanResult()
    shown = clean_page(questionnaire, page, {}, "zh", answers={"first": 1})
    assert error(shown) is ErrorCode.REQUIRED


def test_a_condition_on_the_same_page_sees_what_was_just_posted() -> None:
    reason = question("long_text", required=True, max_length=100)
    reason["show_if"] = {"all": [{"question": "first", "op": "<=", "value": 2}]}
    questionnaire = parse(document(scale("first"), reason))
    (page,) = questionnaire.pages
    stale = {"first": 1}
    assert clean_page(questionnaire, page, {"first": ["5"]}, "zh", answers=stale).ok
    assert not clean_page(questionnaire, page, {"first": ["2"]}, "zh", answers={}).ok


EVERY_TYPE = parse(
    document(
        question("single", id="q1", code="c1", options=OPTIONS),
        question("multiple", id="q2", code="c2", options=OPTIONS, max_choices=2),
        scale("c3", allow_na=True),
        question("stars", id="q4", code="c4"),
        question("long_text", id="q5", code="c5", max_length=50),
    )
)
NAMES = st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c1__other", "c2__other", "?"])
VALUES = st.text(max_size=60) | st.sampled_from(["a", "o", "none", "3", "na", "\ud800"])


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.dictionaries(NAMES, st.lists(VALUES, max_size=4)))
def test_whatever_is_posted_comes_out_storable(raw: dict[str, list[str]]) -> None:
    result = clean_page(EVERY_TYPE, EVERY_TYPE.pages[0], raw, "zh")
    for code in ("c1", "c2", "c3", "c4", "c5"):
        assert (code in result.values) != (code in result.errors or f"{code}#other" in result.errors)
    for value in result.values.values():
        str(value).encode("utf-8")
        assert "\x00" not in str(value)
