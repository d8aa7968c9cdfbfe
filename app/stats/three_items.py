"""An index of three general questions in the style of the American one. Inputs as in `scores`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.stats.scores import mean_estimate
from app.stats.types import Estimate, FloatArray, Reason, Scale, Unit, as_floats, size_flags


@dataclass(frozen=True, slots=True)
class ThreeItemIndex:
    """ACSI-style index 0-100 with the means and valid numbers of its items."""

    item_means: tuple[float | None, ...]
    n: tuple[int, ...]
    index: Estimate


def three_item_index(
    items: Sequence[FloatArray], scale: Scale | None = None, weights: Sequence[float] | None = None
) -> ThreeItemIndex:
    """ACSI-style index of overall satisfaction, expectation and ideal.

    Parameters
    ----------
    items : sequence of (n,) float arrays
        Cleaned answers; each item uses its own valid answers.
    scale : Scale, optional
        1-10 by default, common to the items.
    weights : sequence of float, optional
        One per item, none negative, sum positive; equal by default.

    Returns
    -------
    ThreeItemIndex
        ``100 * sum(w * (mean - low)) / ((high - low) * sum(w))``; None with `no_data`
        if an item has no answer.

    Raises
    ------
    ValueError
        ``bad_weights``.

    Notes
    -----
    The published American index estimates its weights by partial least squares and
    does not disclose them: this figure is in its style and must not carry its name.

    References
    ----------
    Fornell, C. et al. (1996). The American Customer Satisfaction Index: nature,
    purpose, and findings. *Journal of Marketing* 60 (4), 7-18.

    Examples
    --------
    >>> result = three_item_index([[8, 7], [7, 7], [6, np.nan]], weights=[2, 1, 1])
    >>> round(result.index.value, 3), result.n
    (66.667, (2, 2, 1))
    """
    scale = scale or Scale(1, 10)
    w = np.ones(len(items)) if weights is None else as_floats(weights)
    if w.size != len(items) or np.isnan(w).any() or (w < 0).any() or not w.sum() > 0:
        raise ValueError("bad_weights")
    means = [mean_estimate(scale.score(as_floats(item))) for item in items]
    n = tuple(mean.n for mean in means)
    shell = Estimate(None, Unit.INDEX, min(n), "three_item_index", flags=size_flags(*n))
    known = [mean.value for mean in means if mean.value is not None]
    if len(known) < len(means):
        index = replace(shell, reason=Reason.NO_DATA)
    else:
        mean = float(np.average(known, weights=w))
        span = scale.full_score - scale.least_score
        index = replace(shell, value=100 * (mean - scale.least_score) / span)
    return ThreeItemIndex(tuple(mean.value for mean in means), n, index)
