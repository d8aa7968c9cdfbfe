"""The indicator tree."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.indicators import (
    Indicator,
    IndicatorError,
    check,
    leaves,
    normalise,
    parse,
    to_json,
    walk,
)


def node(code: str, weight: Any, *children: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": code,
        "name": {"zh": code},
        "weight": weight,
        "children": list(children),
    }


TREE = [node("product", 0.6, node("look", 0.25), node("use", 0.75)), node("price", 0.4)]


def test_leaves_carry_their_share_of_the_whole() -> None:
    found = leaves(parse(TREE))
    assert [(leaf.code, leaf.parents) for leaf in found] == [
        ("look", ("product",)),
        ("use", ("product",)),
        ("price", ()),
    ]
    assert [leaf.weight for leaf in found] == pytest.approx([0.15, 0.45, 0.4])


def test_round_trip() -> None:
    assert to_json(parse(TREE)) == TREE


def test_a_good_tree_passes_and_tolerance_is_a_millionth() -> None:
    assert check(parse(TREE), ["zh"]) == []
    assert check(parse([node("a", 0.5), node("b", 0.5 + 5e-7)])) == []
    assert check(parse([node("a", 1 / 3), node("b", 1 / 3), node("c", 1 / 3)])) == []


def test_faults_are_named() -> None:
    tree = parse([node("a", 0.5, node("a", 0.9)), node("b", -0.2)])
    assert [(p.code, p.indicator) for p in check(tree, ["zh", "en"])] == [
        ("negative_weight", "b"),
        ("weights_sum", None),
        ("weights_sum", "a"),
        ("missing_name", "a"),
        ("duplicate_code", "a"),
        ("missing_name", "a"),
        ("missing_name", "b"),
    ]


@pytest.mark.parametrize(
    "junk",
    [
        None,
        {},
        [1],
        [node("Ü", 1)],
        [node("a", "1")],
        [node("a", math.nan)],
        [node("a", True)],
        [{"code": "a", "weight": 1, "name": "x"}],
    ],
)
def test_wrong_shapes_are_refused(junk: Any) -> None:
    with pytest.raises(IndicatorError):
        parse(junk)


def test_bottomless_trees_are_refused() -> None:
    deep = node("a", 1)
    for _ in range(50):
        deep = node("a", 1, deep)
    with pytest.raises(IndicatorError, match="too_deep"):
        parse([deep])


def test_normalise_shares_out_equally_without_any_weight() -> None:
    tree = normalise((Indicator("a", {}, 0.0), Indicator("b", {}, -3.0)))
    assert [one.weight for one in tree] == [0.5, 0.5]
    assert normalise(()) == ()


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=8))
def test_normalised_trees_pass_the_check(weights: list[float]) -> None:
    tree = tuple(
        Indicator(f"n{at}", {}, weight, (Indicator(f"c{at}", {}, weight),))
        for at, weight in enumerate(weights)
    )
    normal = normalise(tree)
    assert check(normal) == []
    assert [one.code for one in walk(normal)] == [one.code for one in walk(tree)]
