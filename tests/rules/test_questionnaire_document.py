"""Reading, writing, types, scored items, duration, comparison of versions."""

import copy
from typing import Any

import pytest

from app.rules.library import templates
from app.rules.questionnaire import (
    TYPES,
    Change,
    ContentError,
    Reason,
    Status,
    comparable,
    diff,
    estimate_minutes,
    estimate_seconds,
    move_question,
    parse,
    scored_items,
    to_json,
)


def document(*questions: dict[str, Any]) -> dict[str, Any]:
    return {
        "languages": ["zh", "en"],
        "default_language": "zh",
        "title": {"zh": "题", "en": "Title"},
        "intro": {"zh": "您好", "en": "Hello"},
        "thanks": {},
        "minutes": 1,
        "pages": [{"id": "p1", "title": {}, "questions": list(questions)}],
    }


def scale(code: str = "speed", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"id_{code}",
        "code": code,
        "type": "scale",
        "text": {
            "zh": "您对速度满意吗？",
            "en": "How satisfied were you with the speed?",
        },
        "points": 5,
        "low": {"zh": "很不满意", "en": "Very dissatisfied"},
        "high": {"zh": "很满意", "en": "Very satisfied"},
        **changes,
    }


MATRIX = {
    "id": "m",
    "code": "grid",
    "type": "matrix",
    "text": {"zh": "评价", "en": "Rate"},
    "points": 7,
    "reverse": True,
    "rows": [
        {
            "id": "r1",
            "code": "row_a",
            "text": {"zh": "甲", "en": "A"},
            "indicator": "x",
        },
        {
            "id": "r2",
            "code": "row_b",
            "text": {"zh": "乙", "en": "B"},
            "indicator": None,
        },
    ],
}


def test_templates_survive_a_round_trip() -> None:
    for template in templates():
        first = parse(template.new_content())
        assert parse(to_json(first)) == first
        assert to_json(first)["pages"] == to_json(parse(to_json(first)))["pages"]


@pytest.mark.parametrize("type_name", sorted(TYPES))
def test_each_type_reads_with_its_defaults_and_writes_exactly_its_keys(
    type_name: str,
) -> None:
    bare = {"id": "q", "code": "c", "type": type_name, "text": {"zh": "问"}}
    written = to_json(parse(document(bare)))["pages"][0]["questions"][0]
    kind = TYPES[type_name]
    assert written.keys() == kind.allowed_keys
    assert {key: written[key] for key in kind.defaults} == dict(kind.defaults)
    assert kind.answering_template == f"answers/types/{type_name}.html"
    assert kind.editor_template == f"questionnaires/types/{type_name}.html"
    assert (Status.NOT_APPLICABLE in kind.statuses) == ("allow_na" in kind.defaults)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"type": "slider"}, "unknown_type", "pages/0/questions/0/type"),
        ({"code": "Bad Code"}, "bad_code", "pages/0/questions/0/code"),
        ({"code": "a" * 41}, "bad_code", "pages/0/questions/0/code"),
        ({"points": 6}, "bad_points", "pages/0/questions/0/points"),
        ({"points": True}, "not_an_integer", "pages/0/questions/0/points"),
        ({"text": "plain"}, "not_an_object", "pages/0/questions/0/text"),
        ({"text": {"zh": None}}, "not_a_string", "pages/0/questions/0/text"),
        ({"required": "yes"}, "not_a_boolean", "pages/0/questions/0/required"),
        ({"show_if": {"all": []}}, "bad_condition", "pages/0/questions/0/show_if"),
        ({"show_if": {"none": []}}, "bad_condition", "pages/0/questions/0/show_if"),
        (
            {"show_if": {"any": [{"question": "x", "op": "in", "value": [[]]}]}},
            "bad_condition",
            "pages/0/questions/0/show_if/any/0/value",
        ),
    ],
)
def test_wrong_shapes_are_refused_with_their_place(change: dict[str, Any], code: str, path: str) -> None:
    with pytest.raises(ContentError) as caught:
        parse(document(scale(**change)))
    assert (caught.value.code, caught.value.path) == (code, path)


@pytest.mark.parametrize("junk", [None, [], "x", {}, {"languages": "zh"}, {"pages": 1}])
def test_junk_is_refused(junk: Any) -> None:
    with pytest.raises(ContentError):
        parse(junk)


def test_too_many_questions_are_refused() -> None:
    with pytest.raises(ContentError, match="too_many_questions"):
        parse(document(*(scale(f"q{n}") for n in range(201))))


def test_say_falls_back_to_the_default_language() -> None:
    questionnaire = parse(document())
    assert questionnaire.say({"zh": "甲", "en": "A"}, "en") == "A"
    assert questionnaire.say({"zh": "甲", "en": ""}, "en") == "甲"
    assert questionnaire.say({"fr": "un"}, "en") == "un"
    assert questionnaire.say(None, "en") == ""


def test_scored_items_of_every_type() -> None:
    questionnaire = parse(
        document(
            scale(points=11, indicator="speed"),
            MATRIX,
            {"id": "n", "code": "nps", "type": "nps", "text": {}},
            {"id": "e", "code": "mood", "type": "emoji", "text": {}},
            {"id": "s", "code": "stars", "type": "stars", "text": {}, "points": 10},
            {"id": "t", "code": "why", "type": "long_text", "text": {}},
        )
    )
    found = [
        (item.code, item.min, item.max, item.full_score, item.indicator, item.reverse)
        for item in scored_items(questionnaire)
    ]
    assert found == [
        ("speed", 0, 10, 10, "speed", False),
        ("row_a", 1, 7, 7, "x", True),
        ("row_b", 1, 7, 7, None, True),
        ("nps", 0, 10, 10, None, False),
        ("mood", 1, 5, 5, None, False),
        ("stars", 1, 10, 10, None, False),
    ]


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, ()),
        (
            {
                "text": {
                    "zh": "您对速度 满意吗?",
                    "en": "how satisfied were you with the speed",
                }
            },
            (),
        ),
        ({"text": {"zh": "您对速度满意吗？"}}, ()),
        ({"text": {"zh": "您对价格满意吗？"}}, (Reason.WORDING,)),
        ({"points": 7}, (Reason.SCALE,)),
        ({"high": {"zh": "特别满意"}}, (Reason.LABELS,)),
        ({"labels": [{"zh": str(n)} for n in range(5)]}, (Reason.LABELS,)),
        ({"reverse": True}, (Reason.DIRECTION,)),
        ({"allow_na": True}, (Reason.NOT_APPLICABLE,)),
    ],
)
def test_comparable(change: dict[str, Any], reasons: tuple[Reason, ...]) -> None:
    (old,) = scored_items(parse(document(scale())))
    (new,) = scored_items(parse(document(scale(**change))))
    assert comparable(old, new) == reasons


def test_matrix_rows_are_not_comparable_when_the_stem_changes() -> None:
    old = scored_items(parse(document(MATRIX)))[0]
    other = {**MATRIX, "text": {"zh": "同意吗", "en": "Do you agree"}}
    assert comparable(old, scored_items(parse(document(other)))[0]) == (Reason.WORDING,)


def test_minutes_grow_with_what_is_asked() -> None:
    one = parse(document(scale()))
    many = parse(document(*(scale(f"q{n}") for n in range(30))))
    maybe = {"all": [{"question": "speed", "op": "<=", "value": 2}]}
    sure = parse(document(scale(), scale("other")))
    perhaps = parse(document(scale(), scale("other", show_if=maybe)))
    assert estimate_minutes(one) == 1
    assert 3 <= estimate_minutes(many) <= 5
    assert estimate_seconds(one) < estimate_seconds(perhaps) < estimate_seconds(sure)


def test_diff_of_the_same_document_is_empty() -> None:
    for template in templates():
        assert diff(template.questionnaire, parse(template.new_content())) == []


def test_diff_names_what_changed() -> None:
    old = document(scale("a"), scale("b"), scale("c"), MATRIX)
    new = copy.deepcopy(old)
    questions = new["pages"][0]["questions"]
    questions[1]["points"] = 7
    questions[3]["rows"][0]["text"]["en"] = "Changed"
    questions[3]["rows"].pop()
    questions.append(scale("d"))
    questions.pop(0)
    new["title"]["en"] = "New title"
    found = [(one.change, one.subject, one.question, one.field) for one in diff(parse(old), parse(new))]
    assert found == [
        (Change.CHANGED, "questionnaire", None, "title"),
        (Change.REMOVED, "question", "a", None),
        (Change.CHANGED, "question", "b", "points"),
        (Change.REMOVED, "row", "grid", None),
        (Change.CHANGED, "row", "grid", "text"),
        (Change.ADDED, "question", "d", None),
    ]


def test_diff_reports_one_move_not_a_shift_of_all() -> None:
    old = document(scale("a"), scale("b"), scale("c"), scale("d"))
    new = move_question(old, "id_d", page="p1", position=0)
    (only,) = diff(parse(old), parse(new))
    assert (only.change, only.question) == (Change.MOVED, "d")


def test_diff_follows_a_renamed_code_and_a_changed_page() -> None:
    old = document(scale("a"), scale("b"))
    new = copy.deepcopy(old)
    new["pages"].append({"id": "p2", "title": {}, "questions": []})
    moved = new["pages"][0]["questions"].pop()
    moved["code"] = "renamed"
    new["pages"][1]["questions"].append(moved)
    found = {(d.change, d.subject, d.field, d.old, d.new) for d in diff(parse(old), parse(new))}
    assert found == {
        (Change.ADDED, "page", None, None, None),
        (Change.MOVED, "question", None, "p1", "p2"),
        (Change.CHANGED, "question", "code", "b", "renamed"),
    }
