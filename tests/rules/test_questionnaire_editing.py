"""The builder's operations."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rules.library import template
from app.rules.questionnaire import (
    TYPES,
    ContentError,
    EditError,
    add_page,
    add_question,
    delete_page,
    delete_question,
    duplicate_question,
    move_page,
    move_question,
    parse,
    restore_question,
    to_json,
    update_page,
    update_question,
    update_settings,
    validate,
)
from app.rules.questionnaire.document import codes_of
from tests.rules.test_questionnaire_document import MATRIX, document, scale


def ids() -> Iterator[str]:
    return (f"n{number}" for number in count())


def order(content: dict[str, Any]) -> list[list[str]]:
    return [[one["code"] for one in page["questions"]] for page in content["pages"]]


def test_operations_leave_the_old_document_alone() -> None:
    old = document(scale("a"), MATRIX)
    before = copy.deepcopy(old)
    add_page(old, ids=ids())
    add_question(old, "single", ids=ids(), after="id_a")
    update_question(old, "id_a", {"points": 7})
    move_question(old, "id_a", "down")
    duplicate_question(old, "m", ids=ids())
    delete_question(old, "m")
    assert old == before


@pytest.mark.parametrize("type_name", sorted(TYPES))
def test_a_new_question_of_each_type_parses(type_name: str) -> None:
    new, id_ = add_question(document(scale("a")), type_name, ids=ids())
    added = parse(new).pages[-1].questions[0]
    assert (added.id, added.type, added.code) == (id_, type_name, f"{type_name}_1")
    assert to_json(parse(new))["pages"][-1] == new["pages"][-1]


def test_fresh_names_avoid_what_is_taken_or_reserved() -> None:
    content = document(scale("scale_1", id="n0"))
    new, id_ = add_question(content, "scale", ids=ids(), after="n0", reserved=["scale_2"])
    assert id_ == "n1"
    assert order(new) == [["scale_1", "scale_3"]]
    with pytest.raises(EditError, match="ids_exhausted"):
        add_page(content, ids=iter(["n0", "p1"]))


def test_moving_goes_over_page_edges_and_stops_at_the_ends() -> None:
    content, second = add_page(document(scale("a"), scale("b")), ids=ids())
    down = move_question(content, "id_b", "down")
    assert order(down) == [["a"], ["b"]]
    assert move_question(down, "id_b", "down") == down
    assert order(move_question(down, "id_b", "up")) == [["a", "b"], []]
    assert order(move_question(content, "id_b", "up")) == [["b", "a"], []]
    assert order(move_question(content, "id_a", page=second, position=9)) == [
        ["b"],
        ["a"],
    ]
    assert order(move_page(down, second, to=0)) == [["b"], ["a"]]


def test_delete_then_restore_gives_the_same_document() -> None:
    content = document(scale("a"), MATRIX, scale("b"))
    gone = delete_question(content, "m")
    assert order(gone.content) == [["a", "b"]]
    back = restore_question(gone.content, gone.question, page_id=gone.page_id, position=gone.position)
    assert back == content
    with pytest.raises(EditError, match="code_taken"):
        restore_question(content, gone.question, page_id="p1", position=0)


def test_restore_finds_another_page_when_its_own_is_gone() -> None:
    content, page = add_page(document(scale("a")), ids=ids())
    content = move_question(content, "id_a", page=page)
    gone = delete_question(content, "id_a")
    without = delete_page(gone.content, page)
    back = restore_question(without, gone.question, page_id=page, position=0)
    assert order(back) == [["a"]]


def test_a_page_with_questions_is_not_deleted() -> None:
    with pytest.raises(EditError, match="page_not_empty"):
        delete_page(document(scale("a")), "p1")


def test_conditions_follow_a_changed_code_even_in_a_swap() -> None:
    condition = {"all": [{"question": "row_a", "op": ">=", "value": 2}]}
    content = document(MATRIX, scale("later", show_if=condition))
    first, second = MATRIX["rows"]
    rows = [{**first, "code": "row_b"}, {**second, "code": "row_a"}]
    new = update_question(content, "m", {"rows": rows})
    assert parse(new).questions[1].show_if.checks[0].question == "row_b"


def test_updating_names_new_parts_and_refuses_what_does_not_fit() -> None:
    content = document(scale("a"), MATRIX)
    rows = [*MATRIX["rows"], {"text": {"zh": "丙", "en": "C"}}]
    row = parse(update_question(content, "m", {"rows": rows}, ids=ids())).questions[1].rows[2]
    assert (row.id, row.code) == ("n0", "grid_row_1")
    for changes, code in (
        ({"type": "nps"}, "unknown_key"),
        ({"options": []}, "unknown_key"),
        ({"code": "row_a"}, "code_taken"),
        ({"code": "old"}, "code_reserved"),
    ):
        with pytest.raises(EditError, match=code):
            update_question(content, "id_a", changes, reserved=["old"])
    for wrong in ({"points": 6}, {"code": "Ü"}, {"text": "x"}, {"labels": 3}):
        with pytest.raises(ContentError):
            update_question(content, "id_a", wrong)


def test_a_page_title_is_changed() -> None:
    new = update_page(document(), "p1", title={"zh": "开始", "en": "Start"})
    assert parse(new).pages[0].title == {"zh": "开始", "en": "Start"}


def test_settings_change_without_losing_a_translation() -> None:
    old = document(scale("a"))
    new = update_settings(old, {"languages": ["en"], "default_language": "en"})
    assert parse(new).languages == ("en",)
    assert parse(new).title == parse(old).title
    with pytest.raises(EditError, match="unknown_key"):
        update_settings(old, {"pages": []})
    with pytest.raises(ContentError):
        update_settings(old, {"title": "plain"})


def test_unknown_subjects() -> None:
    content = document(scale("a"))
    with pytest.raises(EditError, match="unknown_question"):
        delete_question(content, "nope")
    with pytest.raises(EditError, match="unknown_page"):
        add_question(content, "nps", ids=ids(), page="nope")
    with pytest.raises(EditError, match="unknown_type"):
        add_question(content, "slider", ids=ids())


@contextmanager
def suppress_taken() -> Iterator[None]:
    try:
        yield
    except EditError as refusal:
        if refusal.code not in ("code_taken", "id_taken"):
            raise


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("page", "add", "copy", "up", "down", "to", "rename", "delete", "restore")),
        st.integers(0, 200),
        st.sampled_from(sorted(TYPES)),
    ),
    max_size=12,
)


def perform(
    content: dict[str, Any],
    trash: list[Any],
    step: tuple[str, int, str],
    fresh: Iterator[str],
) -> dict[str, Any]:
    name, number, type_name = step
    questions = [one for page in content["pages"] for one in page["questions"]]
    pick = questions[number % len(questions)]["id"] if questions else None
    page = content["pages"][number % len(content["pages"])]["id"]
    if name == "page":
        return add_page(content, ids=fresh, after=page).content
    if name == "add":
        return add_question(content, type_name, ids=fresh, page=page).content
    if name == "restore" and trash:
        gone = trash.pop()
        return restore_question(content, gone.question, page_id=gone.page_id, position=gone.position)
    if pick is None:
        return content
    if name == "copy":
        return duplicate_question(content, pick, ids=fresh).content
    if name in ("up", "down"):
        return move_question(content, pick, name)
    if name == "to":
        return move_question(content, pick, page=page, position=number % 4)
    if name == "rename":
        return update_question(content, pick, {"code": f"code_{number}"})
    if name == "delete":
        gone = delete_question(content, pick)
        trash.append(gone)
        return gone.content
    return content


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(STEPS)
def test_any_sequence_keeps_names_unique_and_the_document_valid(
    steps: list[tuple[str, int, str]],
) -> None:
    content, trash, fresh = template("touchpoints").new_content(), [], ids()
    for step in steps:
        # A name may be taken meanwhile; that is the only refusal there may be.
        with suppress_taken():
            content = perform(content, trash, step, fresh)
    questionnaire = parse(content)
    codes = list(codes_of(questionnaire))
    assert len(codes) == len(set(codes))
    found = {problem.code for problem in validate(content, ())}
    assert not found & {"malformed", "duplicate_id", "duplicate_code", "unknown_key"}
    assert parse(to_json(questionnaire)) == questionnaire
