import math

import numpy as np
import pytest

from app.stats.change import index_change, mean_change
from app.stats.difference import match_ids
from app.stats.index import index_influence, respondent_index, weighted_index
from app.stats.tree import Leaf, Node, check_tree, tree_from_indicators
from app.stats.types import Flag, Reason, Scale

FIVE = Scale(1, 5)
TREE = (Node("staff", 0.6, (Leaf("a", 0.5), Leaf("b", 0.5))), Leaf("c", 0.4))
RNG = np.random.default_rng(20250101)


def wave(rows: int, missing: float = 0.2) -> dict[str, np.ndarray]:
    answers = RNG.integers(1, 6, (3, rows)).astype(float)
    answers[RNG.random((3, rows)) < missing] = np.nan
    return dict(zip("abc", answers, strict=True))


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ([Leaf("a", 0.5), Leaf("b", 0.4)], "weights_not_one"),
        ([Leaf("a", math.nan)], "negative_weight"),
        ([Leaf("a", 1.5), Leaf("b", -0.5)], "negative_weight"),
        ([Node("x", 0.5, ()), Node("x", 0.5, ())], "duplicate_name"),
        ([], "weights_not_one"),
    ],
)
def test_trees_that_cannot_be_scored(tree: list[Node | Leaf], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        check_tree(tree)


def test_standard_error_agrees_with_the_jackknife() -> None:
    answers = wave(300)
    result = weighted_index(answers, TREE, FIVE)
    left_out = [
        weighted_index({k: np.delete(v, row) for k, v in answers.items()}, TREE, FIVE).total.value
        for row in range(300)
    ]
    jackknife = math.sqrt(299 / 300 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))
    assert result.total.se == pytest.approx(jackknife, rel=0.02)


def test_node_without_half_its_weight_has_no_score() -> None:
    tree = (Node("staff", 0.6, (Leaf("a", 0.3), Leaf("b", 0.7))), Leaf("c", 0.4))
    answers = {"a": np.array([5.0, 4]), "b": np.full(2, np.nan), "c": np.array([3.0, 4])}
    result = weighted_index(answers, tree, FIVE)
    assert result.nodes["staff"].reason == Reason.INSUFFICIENT_WEIGHT
    assert (result.total.value, result.total.reason) == (None, Reason.INSUFFICIENT_WEIGHT)
    eased = weighted_index(answers, tree, FIVE, min_weight_pct=30)
    assert eased.nodes["staff"].value == pytest.approx(90)
    assert eased.total.value == pytest.approx(0.6 * 90 + 0.4 * 70)


def test_columns_of_another_version_may_be_missing() -> None:
    result = weighted_index({"a": np.array([5.0, 3]), "c": np.array([5.0, 5])}, TREE, FIVE)
    assert result.nodes["staff"].value == pytest.approx(80)
    assert result.leaves["b"].reason == Reason.NO_DATA


def test_scales_may_differ_by_leaf() -> None:
    scales = {"a": FIVE, "b": Scale(0, 10), "c": Scale(1, 3, (0.0, 50.0, 100.0))}
    answers = {"a": np.array([4.0]), "b": np.array([6.0]), "c": np.array([3.0])}
    assert weighted_index(answers, TREE, scales).total.value == pytest.approx(0.6 * 70 + 40)
    index = weighted_index(answers, TREE, scales, leaf="index_0_100")
    assert index.leaves["a"].value == 75.0


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="unequal_lengths"):
        weighted_index({"a": np.ones(2), "b": np.ones(3), "c": np.ones(2)}, TREE, FIVE)


def test_influences_sum_to_zero_and_skip_silent_rows() -> None:
    answers = {name: np.append(column, np.nan) for name, column in wave(50).items()}
    total = index_influence(answers, TREE, FIVE).total
    assert np.isnan(total.u[-1])
    assert np.nansum(total.u) == pytest.approx(0, abs=1e-9)
    assert sum(total.weights.values()) == pytest.approx(1)


def test_respondent_index_needs_half_the_weight() -> None:
    answers = {"a": np.array([5.0, 5]), "b": np.full(2, np.nan), "c": np.array([np.nan, 3])}
    own = respondent_index(answers, TREE, FIVE)
    assert np.isnan(own[0])
    assert own[1] == pytest.approx((0.3 * 100 + 0.4 * 60) / 0.7)


def test_indicator_system_becomes_a_tree() -> None:
    system = [
        {
            "code": "staff",
            "weight": 0.6,
            "children": [{"code": "kind", "weight": 1, "children": []}],
        },
        {"code": "price", "weight": 0.4, "children": []},
    ]
    tree = tree_from_indicators(system, {"kind": ["q1", "q2"]})
    check_tree(tree)
    result = weighted_index({"q1": np.array([4.0, 5]), "q2": np.array([2.0, 3])}, tree, FIVE)
    assert result.nodes["kind"].value == pytest.approx(70)
    assert result.nodes["price"].reason == Reason.NO_DATA
    assert result.total.value == pytest.approx(70)


def test_index_change_of_one_leaf_is_the_change_of_its_score_rate() -> None:
    old, new = wave(80), wave(90)
    shared = match_ids(np.arange(80), np.arange(40, 130))
    tree = (Leaf("a", 1.0),)
    by_index = index_change(
        index_influence(old, tree, FIVE).total, index_influence(new, tree, FIVE).total, shared
    )
    by_mean = mean_change(20 * old["a"], 20 * new["a"], shared)
    assert by_index.n_overlap == by_mean.n_overlap > 2
    for name in ("diff", "se", "t", "df", "p", "ci"):
        got = getattr(by_index.headline, name)
        assert got == pytest.approx(getattr(by_mean.headline, name), rel=1e-9)


def test_independent_index_change_adds_the_variances() -> None:
    old, new = wave(200), wave(150)
    change = index_change(
        index_influence(old, TREE, FIVE).nodes["staff"],
        index_influence(new, TREE, FIVE).nodes["staff"],
    )
    before = weighted_index(old, TREE, FIVE).nodes["staff"]
    after = weighted_index(new, TREE, FIVE).nodes["staff"]
    assert change.diff == pytest.approx(after.value - before.value)
    assert change.headline.se == pytest.approx(math.hypot(before.se, after.se))


def test_shared_customers_who_answer_alike_make_the_index_change_surer() -> None:
    old = wave(100, missing=0.1)
    new = {k: np.minimum(5, v + (RNG.random(100) < 0.3)) for k, v in old.items()}
    a, b = (index_influence(x, TREE, FIVE).total for x in (old, new))
    everyone = match_ids(range(100), range(100))
    assert index_change(a, b, everyone).headline.se < 0.5 * index_change(a, b).headline.se


def test_index_change_tells_when_leaves_differ_or_a_wave_has_no_score() -> None:
    old, new = wave(40), wave(40)
    partial = {"a": new["a"], "c": new["c"]}
    before = index_influence(old, TREE, FIVE).total
    change = index_change(before, index_influence(partial, TREE, FIVE).total)
    assert Flag.DIFFERENT_LEAVES in change.flags
    nothing = index_influence({"c": np.full(40, np.nan)}, TREE, FIVE).total
    empty = index_change(before, nothing)
    assert (empty.diff, empty.headline.p, empty.reason) == (None, None, Reason.NO_DATA)
