"""Figures of one question from its answers counted point by point: the same as from the answers one by one.

What is counted once serves the mean, its interval and every test, so a hundred thousand answers cost as much as
a hundred.
"""

from dataclasses import dataclass

import numpy as np

from app.stats.change import Change, ProportionChange, change_of, proportions_of
from app.stats.moments import counted_moments, counted_pair_moments
from app.stats.scores import Descriptive, described, shares_of
from app.stats.types import FloatArray, IntArray, Mask, Scale, Unit


def counted_descriptive(counts: IntArray, scale: Scale, excluded: int = 0) -> Descriptive:
    """As :func:`descriptive`, of so many answers at each point of the scale.

    Examples
    --------
    >>> result = counted_descriptive(np.array([0, 1, 1, 2, 1]), Scale(1, 5))
    >>> result.mean.value, round(result.sd, 4), result.median, result.top2.value
    (3.6, 1.1402, 4.0, 60.0)
    """
    points = scale.point_values
    scores = scale.score(points)
    return described(
        counted_moments(scores, counts),
        scale,
        excluded=excluded,
        median=_counted_median(scores, counts),
        top=int(counts[points >= scale.top_box].sum()),
        bottom=int(counts[points <= scale.low + 1].sum()),
        shares=shares_of(counts, scale),
    )


def _counted_median(scores: FloatArray, counts: IntArray) -> float | None:
    order = np.argsort(scores)
    reached = np.cumsum(counts[order])
    n = int(reached[-1])
    if n == 0:
        return None
    middle = np.searchsorted(reached, [(n - 1) // 2, n // 2], side="right")
    return float(scores[order][middle].mean())


@dataclass(frozen=True, slots=True)
class Counted:
    """The answers of two waves to one question, counted point by point of their common scale.

    Attributes
    ----------
    old, new : (k,) int arrays
        Valid answers at each point.
    pairs : (k, k) int array
        ``pairs[i, j]`` customers answered point i in the old wave and point j in the new one.
    repeated_ids : bool
        As in :class:`app.stats.difference.Overlap`.
    """

    old: IntArray
    new: IntArray
    pairs: IntArray
    repeated_ids: bool = False


def counted_mean_change(counted: Counted, scores: FloatArray, unit: Unit = Unit.SCORE) -> Change:
    """As :func:`mean_change`, of counted answers with a score for each point.

    Examples
    --------
    >>> old, new, pairs = np.array([2, 3, 2, 0]), np.array([0, 3, 3, 2]), np.zeros((4, 4), dtype=int)
    >>> pairs[1, 1], pairs[1, 2], pairs[2, 1] = 1, 1, 1
    >>> counted_mean_change(Counted(old, new, pairs), np.array([2.0, 3, 4, 5])).diff
    0.875
    """
    return change_of(
        counted_moments(scores, counted.old),
        counted_moments(scores, counted.new),
        counted_pair_moments(scores, scores, counted.pairs),
        unit,
        repeated=counted.repeated_ids,
    )


def counted_proportion_change(counted: Counted, true: Mask) -> ProportionChange:
    """As :func:`proportion_change`, of counted answers; `true` tells which points count.

    Examples
    --------
    >>> none = np.zeros((2, 2), dtype=int)
    >>> counted = Counted(np.array([40, 60]), np.array([30, 70]), none)
    >>> round(counted_proportion_change(counted, np.array([False, True])).z_p, 3)
    0.138
    """
    points = counted_mean_change(counted, np.where(true, 100.0, 0.0), Unit.PERCENTAGE_POINTS)
    gain, loss = counted.pairs[~true][:, true].sum(), counted.pairs[true][:, ~true].sum()
    old, new = counted.old[true].sum(), counted.new[true].sum()
    return proportions_of(points, int(old), int(new), int(gain), int(loss))
