"""Adding, removing and moving indicators."""

import pytest

from app.rules.indicator_editing import add, move, remove, rewrite
from app.rules.indicators import Indicator, check, walk

TREE = (
    Indicator("a", {"en": "A"}, 0.6, (Indicator("a1", {}, 0.5), Indicator("a2", {}, 0.5))),
    Indicator("b", {"en": "B"}, 0.4),
)


def codes(tree: tuple[Indicator, ...]) -> list[str]:
    return [node.code for node in walk(tree)]


def test_a_new_indicator_takes_only_the_weight_that_is_left() -> None:
    grown, code = add(TREE, "b")
    assert codes(grown) == ["a", "a1", "a2", "b", code]
    assert grown[1].children[0].weight == 1
    top, second = add(grown, None)
    assert second != code
    assert top[-1].weight == 0
    assert check(top) == []


def test_codes_that_were_used_are_not_given_again() -> None:
    assert add(TREE, None, reserved=["indicator_1"])[1] == "indicator_2"


def test_an_unknown_parent_is_refused() -> None:
    with pytest.raises(KeyError):
        add(TREE, "nobody")


def test_removing_takes_what_is_below_along() -> None:
    assert codes(remove(TREE, "a")) == ["b"]
    assert codes(remove(TREE, "a1")) == ["a", "a2", "b"]


@pytest.mark.parametrize(
    ("code", "direction", "expected"),
    [
        ("b", "up", ["b", "a", "a1", "a2"]),
        ("a2", "up", ["a", "a2", "a1", "b"]),
        ("a", "up", ["a", "a1", "a2", "b"]),
        ("b", "down", ["a", "a1", "a2", "b"]),
    ],
)
def test_moving_stays_among_siblings(code: str, direction: str, expected: list[str]) -> None:
    assert codes(move(TREE, code, direction)) == expected


def test_names_and_weights_are_rewritten_by_code() -> None:
    tree = rewrite(TREE, {"a": {"zh": "甲"}}, {"a1": 0.25})
    assert tree[0].name == {"en": "A", "zh": "甲"}
    assert [node.weight for node in tree[0].children] == [0.25, 0.5]
    assert tree[1] == TREE[1]
