"""Weighted satisfaction index (加权满意度指数) over an indicator tree.

A tree is a sequence of nodes and leaves; a leaf is one scored item. An indicator measured
by several items is a node with those items as equal leaves
(:func:`app.stats.tree.tree_from_indicators` builds this). Item means first, then the tree.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from app.stats.intervals import z_quantile
from app.stats.scores import standard_deviation
from app.stats.tree import Node, Tree, check_tree, leaf_weights, nodes_of
from app.stats.types import (
    Estimate,
    Flag,
    FloatArray,
    Interval,
    Reason,
    Scale,
    Unit,
    as_floats,
    size_flags,
)

LeafScore = Literal["score_rate", "index_0_100"]
Scales = Scale | Mapping[str, Scale]
_SHARE_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Influence:
    """A node's score with what each row contributes to its sampling error.

    Attributes
    ----------
    value : float or None
        Score 0-100.
    n : int
        Rows with at least one of the node's leaves answered.
    u : (rows,) float array
        Influence values, mean zero over the n rows, NaN for all others.
    weights : mapping of str to float
        Effective weight of each leaf that has a score; they sum to 1.
    unit : Unit
    reason : Reason or None
    """

    value: float | None
    n: int
    u: FloatArray
    weights: Mapping[str, float]
    unit: Unit
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class IndexInfluence:
    """Influence values of the total and of every named node."""

    total: Influence
    nodes: Mapping[str, Influence]


@dataclass(frozen=True, slots=True)
class WeightedIndex:
    """Index of one wave.

    Attributes
    ----------
    total : Estimate
    nodes, leaves : mapping of str to Estimate
        By node name and by column; leaf intervals are normal, like those of the nodes.
    respondent_n : int
        Respondents with enough weight answered for an index of their own.
    respondent_mean, respondent_sd : float or None
        Of the respondents' own indices.
    """

    total: Estimate
    nodes: Mapping[str, Estimate]
    leaves: Mapping[str, Estimate]
    respondent_n: int
    respondent_mean: float | None
    respondent_sd: float | None


@dataclass(frozen=True, slots=True)
class _ScoredLeaf:
    """A leaf's score and, per row, its deviation from the mean divided by n_j (0 if missing)."""

    score: float
    n: int
    deviations: FloatArray
    answered: np.ndarray[Any, np.dtype[np.bool_]]


def _effective_weights(
    children: Tree, scored: Mapping[str, _ScoredLeaf], least: float
) -> dict[str, float] | None:
    """Leaf weights after leaving out children without a score; None if too much is missing."""
    parts: list[tuple[float, dict[str, float]]] = []
    for child in children:
        below = (
            _effective_weights(child.children, scored, least)
            if isinstance(child, Node)
            else ({child.column: 1.0} if child.column in scored else None)
        )
        if below is not None:
            parts.append((child.weight, below))
    present = math.fsum(weight for weight, _ in parts)
    if present <= 0 or present < least - _SHARE_SLACK:
        return None
    weights: dict[str, float] = {}
    for weight, below in parts:
        for column, share in below.items():
            weights[column] = weights.get(column, 0.0) + share * weight / present
    return weights


def _affine(scale: Scale, leaf: LeafScore) -> tuple[float, float]:
    """Factor k and offset that turn a score into the leaf score 0-100."""
    if leaf == "score_rate":
        if scale.full_score <= 0:
            raise ValueError("score_rate_needs_positive_full_score")
        return 100 / scale.full_score, 0.0
    factor = 100 / (scale.full_score - scale.least_score)
    return factor, -factor * scale.least_score


def _leaf_values(
    columns: Mapping[str, FloatArray], tree: Tree, scales: Scales, leaf: LeafScore
) -> dict[str, FloatArray]:
    """Leaf scores 0-100 of every row, for the leaves that the data has."""
    check_tree(tree)
    values = {}
    for column in leaf_weights(tree):
        if column in columns:
            scale = scales if isinstance(scales, Scale) else scales[column]
            factor, offset = _affine(scale, leaf)
            values[column] = offset + factor * scale.score(as_floats(columns[column]))
    if len({array.size for array in values.values()}) > 1:
        raise ValueError("unequal_lengths")
    return values


def _score_leaf(values: FloatArray) -> _ScoredLeaf | None:
    answered = ~np.isnan(values)
    n = int(np.count_nonzero(answered))
    if n == 0:
        return None
    filled = np.where(answered, values, 0.0)
    mean = float(filled.sum()) / n
    return _ScoredLeaf(mean, n, np.where(answered, values - mean, 0.0) / n, answered)


def _influence(
    children: Tree, scored: Mapping[str, _ScoredLeaf], least: float, rows: int, unit: Unit
) -> Influence:
    mine = [scored[column] for column in leaf_weights(children) if column in scored]
    weights = _effective_weights(children, scored, least)
    anyone = np.zeros(rows, dtype=np.bool_)
    for leaf in mine:
        anyone |= leaf.answered
    n = int(np.count_nonzero(anyone))
    if weights is None:
        reason = Reason.INSUFFICIENT_WEIGHT if n else Reason.NO_DATA
        return Influence(None, n, np.full(rows, np.nan), {}, unit, reason)
    u = np.zeros(rows)
    for column, weight in weights.items():
        u += (n * weight) * scored[column].deviations
    value = math.fsum(weight * scored[column].score for column, weight in weights.items())
    return Influence(value, n, np.where(anyone, u, np.nan), weights, unit)


def index_influence(
    columns: Mapping[str, FloatArray],
    tree: Tree,
    scales: Scales,
    *,
    leaf: LeafScore = "score_rate",
    min_weight_pct: float = 50.0,
) -> IndexInfluence:
    """Index of the total and every node, with each row's influence on it.

    Parameters
    ----------
    columns : mapping of str to (rows,) float arrays
        Cleaned, reversed answers with NaN where not valid. A leaf whose column is
        missing has no score.
    tree : sequence of Node and Leaf
    scales : Scale or mapping of str to Scale
        Of all leaves, or of each column.
    leaf : {'score_rate', 'index_0_100'}
    min_weight_pct : float
        Least share of a node's weight that must have a score.

    Returns
    -------
    IndexInfluence

    Raises
    ------
    ValueError
        As :func:`app.stats.tree.check_tree`; ``unequal_lengths``;
        ``score_rate_needs_positive_full_score``.

    Notes
    -----
    A node's score is T = sum_j W_j (a_j + k_j xbar_j), with W_j the effective weights of
    its leaves, k = 100/full score or 100/(max - min), xbar_j the mean of the n_j valid
    answers. Every xbar_j is a ratio of two sums over the same respondents, so the delta
    method gives row i the influence

        u_i = sum_j W_j k_j (n / n_j) r_ij (x_ij - xbar_j),

    r_ij = 1 if answered, n = rows with at least one leaf. The u_i add up to zero and
    Var(T) = sum u_i^2 / (n (n - 1)). T + u_i are therefore pseudo-values whose mean is T
    and whose ordinary standard error is that of T, covariances between leaves included:
    any test of means applies to them, see :func:`app.stats.change.index_change`.

    References
    ----------
    Deville, J.-C. (1999). Variance estimation for complex statistics and estimators:
    linearization and residual techniques. *Survey Methodology* 25, 193-203.

    Examples
    --------
    >>> from app.stats.tree import Leaf
    >>> tree = [Node("staff", 0.6, (Leaf("a", 1.0),)), Leaf("b", 0.4)]
    >>> answers = {"a": np.array([5.0, 4, 3]), "b": np.array([2.0, 4, np.nan])}
    >>> result = index_influence(answers, tree, Scale(1, 5))
    >>> round(result.total.value, 6), np.abs(result.total.u).round(6)
    (72.0, array([ 0., 12., 12.]))
    """
    values = _leaf_values(columns, tree, scales, leaf)
    return _influences(values, tree, _rows(columns), _unit(leaf), min_weight_pct / 100)


def _unit(leaf: LeafScore) -> Unit:
    return Unit.SCORE_RATE if leaf == "score_rate" else Unit.INDEX


def _rows(columns: Mapping[str, FloatArray]) -> int:
    return max((len(column) for column in columns.values()), default=0)


def _influences(
    values: Mapping[str, FloatArray], tree: Tree, rows: int, unit: Unit, least: float
) -> IndexInfluence:
    scored = {column: found for column, array in values.items() if (found := _score_leaf(array)) is not None}
    return IndexInfluence(
        _influence(tree, scored, least, rows, unit),
        {node.name: _influence(node.children, scored, least, rows, unit) for node in nodes_of(tree)},
    )


def influence_estimate(influence: Influence) -> Estimate:
    """The figure of a node with its normal interval, from its influence values.

    Examples
    --------
    >>> from app.stats.tree import Leaf
    >>> tree = [Leaf("a", 1.0)]
    >>> found = index_influence({"a": np.array([3.0, 4.0, 5.0])}, tree, Scale(1, 5))
    >>> round(influence_estimate(found.total).se, 3)
    11.547
    """
    n, flags = influence.n, size_flags(influence.n)
    base = Estimate(influence.value, influence.unit, n, "weighted_index_linearised", flags=flags)
    if influence.value is None:
        return replace(base, reason=influence.reason)
    if n < 2:
        return replace(base, reason=Reason.TOO_FEW_CASES)
    u = influence.u[~np.isnan(influence.u)]
    se = math.sqrt(float(u @ u) / (n * (n - 1)))
    half = z_quantile() * se
    if se == 0:
        flags = (*flags, Flag.ZERO_VARIANCE)
    ci = Interval(influence.value - half, influence.value + half)
    return replace(base, se=se, ci=ci, flags=flags)


def respondent_index(
    columns: Mapping[str, FloatArray],
    tree: Tree,
    scales: Scales,
    *,
    leaf: LeafScore = "score_rate",
    min_weight_pct: float = 50.0,
) -> FloatArray:
    """Each respondent's own index, for groups, correlations and drivers.

    Parameters
    ----------
    columns, tree, scales, leaf, min_weight_pct
        As :func:`index_influence`.

    Returns
    -------
    (rows,) float array
        0-100 with the weights of the answered leaves renormalised; NaN where less than
        `min_weight_pct` of the leaf weight is answered.

    Examples
    --------
    >>> from app.stats.tree import Leaf
    >>> answers = {"a": np.array([5.0, np.nan]), "b": np.array([2.0, 4])}
    >>> respondent_index(answers, [Leaf("a", 0.6), Leaf("b", 0.4)], Scale(1, 5))
    array([76., nan])
    """
    values = _leaf_values(columns, tree, scales, leaf)
    return _respondent(values, tree, _rows(columns), min_weight_pct / 100)


def _respondent(values: Mapping[str, FloatArray], tree: Tree, rows: int, least: float) -> FloatArray:
    points, weight_seen = np.zeros(rows), np.zeros(rows)
    for column, weight in leaf_weights(tree).items():
        if column in values:
            answered = ~np.isnan(values[column])
            weight_seen += weight * answered
            points += np.where(answered, weight * values[column], 0.0)
    enough = (weight_seen >= least - _SHARE_SLACK) & (weight_seen > 0)
    return np.where(enough, points / np.where(enough, weight_seen, 1.0), np.nan)


def weighted_index(
    columns: Mapping[str, FloatArray],
    tree: Tree,
    scales: Scales,
    *,
    leaf: LeafScore = "score_rate",
    min_weight_pct: float = 50.0,
) -> WeightedIndex:
    """Weighted satisfaction index with standard errors.

    Parameters
    ----------
    columns, tree, scales, leaf, min_weight_pct
        As :func:`index_influence`, where the formulas stand.

    Returns
    -------
    WeightedIndex
        Normal intervals, unclipped. A node with too little weight present is None
        with `insufficient_weight`.

    Examples
    --------
    >>> from app.stats.tree import Leaf
    >>> tree = [Node("staff", 0.6, (Leaf("a", 1.0),)), Leaf("b", 0.4)]
    >>> answers = {"a": np.array([5.0, 4, 3]), "b": np.array([2.0, 4, np.nan])}
    >>> result = weighted_index(answers, tree, Scale(1, 5))
    >>> round(result.total.value, 4), round(result.total.se, 4), result.respondent_mean
    (72.0, 6.9282, 72.0)
    """
    values = _leaf_values(columns, tree, scales, leaf)
    rows, unit, least = _rows(columns), _unit(leaf), min_weight_pct / 100
    influences = _influences(values, tree, rows, unit, least)
    nothing = np.full(rows, np.nan)
    own = _respondent(values, tree, rows, least)
    own = own[~np.isnan(own)]
    return WeightedIndex(
        total=influence_estimate(influences.total),
        nodes={name: influence_estimate(found) for name, found in influences.nodes.items()},
        leaves={column: _leaf_estimate(values.get(column, nothing), unit) for column in leaf_weights(tree)},
        respondent_n=own.size,
        respondent_mean=float(own.mean()) if own.size else None,
        respondent_sd=standard_deviation(own),
    )


def _leaf_estimate(values: FloatArray, unit: Unit) -> Estimate:
    found = _score_leaf(values)
    if found is None:
        return influence_estimate(Influence(None, 0, values, {}, unit, Reason.NO_DATA))
    u = np.where(found.answered, found.deviations * found.n, np.nan)
    return influence_estimate(Influence(found.score, found.n, u, {}, unit))
