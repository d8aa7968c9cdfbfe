"""Scores of single questions: descriptives, distribution, CSAT, CES.

Inputs are cleaned answers: float arrays with NaN for every answer that is not valid.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from app.stats import intervals
from app.stats.moments import Moments, moments_of
from app.stats.status import reverse
from app.stats.types import (
    Estimate,
    Flag,
    IntArray,
    Interval,
    Reason,
    Scale,
    Unit,
    as_floats,
    size_flags,
    valid_part,
)


@dataclass(frozen=True, slots=True)
class Share:
    """Answers at one scale point: `pct` is None without any answer."""

    point: int
    count: int
    pct: float | None


@dataclass(frozen=True, slots=True)
class Descriptive:
    """Figures of one scored question.

    Attributes
    ----------
    n, n_excluded : int
        Valid answers and all other rows.
    mean : Estimate
        In scores, with Student interval.
    sd, median : float or None
        SD with n - 1; both in scores.
    score_rate : Estimate
        100 * mean / full score (得分率).
    index : Estimate
        100 * (mean - least) / (full - least); comparable across scales.
    top2, bottom2 : Estimate
        Share of the two highest and lowest points (one on 3-point scales for the
        top), percent, Wilson.
    top2_count : int
    distribution : tuple of Share
        Every scale point from low to high, zeros included.
    flags : tuple of Flag
    reason : Reason or None
    """

    n: int
    n_excluded: int
    mean: Estimate
    sd: float | None
    median: float | None
    score_rate: Estimate
    index: Estimate
    top2: Estimate
    top2_count: int
    bottom2: Estimate
    distribution: tuple[Share, ...]
    flags: tuple[Flag, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class CustomerEffort:
    """Customer effort: mean (7 = easy) and share of the three easiest points."""

    n: int
    mean: Estimate
    top3: Estimate
    top3_count: int


def distribution(values: Iterable[float], scale: Scale) -> tuple[Share, ...]:
    """Count the answers at every scale point.

    Parameters
    ----------
    values : (n,) float array
        Cleaned answers. Values that are no point of the scale (filled-in zeros or
        midpoints) are not counted.
    scale : Scale

    Returns
    -------
    tuple of Share
        One per point, ascending; percentages of the counted answers.

    Examples
    --------
    >>> [share.count for share in distribution([5, 4, 4, np.nan], Scale(1, 5))]
    [0, 0, 0, 2, 1]
    """
    valid = valid_part(values)
    offset = valid[(valid >= scale.low) & (valid <= scale.high) & (valid == np.floor(valid))]
    counts = np.bincount((offset - scale.low).astype(np.int64), minlength=len(scale.points))
    return shares_of(counts, scale)


def shares_of(counts: IntArray, scale: Scale) -> tuple[Share, ...]:
    """The distribution of so many answers at each point."""
    total = int(counts.sum())
    return tuple(
        Share(point, int(count), 100 * int(count) / total if total else None)
        for point, count in zip(scale.points, counts, strict=True)
    )


def proportion(count: int, n: int, method: str) -> Estimate:
    """A percentage with Wilson interval, from counts.

    Parameters
    ----------
    count, n : int
        Cases with the property and all valid cases.
    method : str
        Code of the figure.

    Returns
    -------
    Estimate
        Percent; None with `no_data` for n = 0.

    Examples
    --------
    >>> proportion(3, 5, "top2").value
    60.0
    """
    if n == 0:
        return Estimate(None, Unit.PERCENT, 0, method, reason=Reason.NO_DATA, flags=size_flags(0))
    share = count / n
    ci = intervals.wilson(count, n)
    return Estimate(
        100 * share,
        Unit.PERCENT,
        n,
        method,
        se=100 * math.sqrt(share * (1 - share) / n),
        ci=ci and ci.scaled(100),
        flags=size_flags(n),
    )


def mean_estimate(values: Iterable[float], unit: Unit = Unit.SCORE) -> Estimate:
    """Mean with Student interval.

    Parameters
    ----------
    values : (n,) float array
        NaN where not valid.
    unit : Unit

    Returns
    -------
    Estimate
        `no_data` without answers; with one answer no interval (`too_few_cases`);
        equal answers give an interval of zero width and the flag `zero_variance`.

    Examples
    --------
    >>> mean_estimate([5, 4, 4, 3, 2]).value
    3.6
    """
    return _mean_estimate(moments_of(valid_part(values)), unit)


def _mean_estimate(sample: Moments, unit: Unit = Unit.SCORE) -> Estimate:
    n, mean, flags = sample.n, sample.mean, size_flags(sample.n)
    if n == 0:
        return Estimate(None, unit, 0, "mean_t", reason=Reason.NO_DATA, flags=flags)
    if n == 1:
        return Estimate(mean, unit, 1, "mean_t", flags=flags, reason=Reason.TOO_FEW_CASES)
    if sample.sd == 0:
        flags = (*flags, Flag.ZERO_VARIANCE)
        return Estimate(mean, unit, n, "mean_t", 0.0, Interval(mean, mean), flags)
    se = sample.sd / math.sqrt(n)
    return Estimate(mean, unit, n, "mean_t", se, intervals.difference_t(mean, se, n - 1), flags)


def standard_deviation(values: Iterable[float]) -> float | None:
    """SD with n - 1; None for fewer than two valid answers."""
    return _sd(moments_of(valid_part(values)))


def _sd(sample: Moments) -> float | None:
    return sample.sd if sample.n > 1 else None


def score_rate(mean: Estimate, scale: Scale) -> Estimate:
    """Score rate 得分率: 100 * mean / full score."""
    if scale.full_score <= 0:
        return _undefined(mean, Unit.SCORE_RATE, "score_rate")
    return mean.rescaled(100 / scale.full_score, 0.0, Unit.SCORE_RATE, "score_rate")


def index_0_100(mean: Estimate, scale: Scale) -> Estimate:
    """Index: 100 * (mean - least) / (full - least)."""
    factor = 100 / (scale.full_score - scale.least_score)
    return mean.rescaled(factor, -factor * scale.least_score, Unit.INDEX, "index_0_100")


def _undefined(mean: Estimate, unit: Unit, method: str) -> Estimate:
    reason = mean.reason if mean.value is None else Reason.UNDEFINED_FOR_SCALE
    return Estimate(None, unit, mean.n, method, flags=mean.flags, reason=reason)


def descriptive(values: Iterable[float], scale: Scale) -> Descriptive:
    """All figures of one scored question.

    Parameters
    ----------
    values : (n,) float array
        Cleaned answer points, NaN where not valid, already reversed where needed.
    scale : Scale
        Points and, where answers are mapped, their scores.

    Returns
    -------
    Descriptive

    Notes
    -----
    Score rate and index differ: a mean of 4 on 1-5 is 80 and 75. Compare scales of
    different length on the index only. Boxes count scale points, never mapped scores.

    Examples
    --------
    >>> result = descriptive([5, 4, 4, 3, 2], Scale(1, 5))
    >>> result.mean.value, round(result.sd, 4), result.score_rate.value
    (3.6, 1.1402, 72.0)
    >>> result.index.value, result.top2.value
    (65.0, 60.0)
    """
    column = as_floats(values)
    valid = column[~np.isnan(column)]
    scored = scale.score(valid)
    return described(
        moments_of(scored),
        scale,
        excluded=column.size - valid.size,
        median=float(np.median(scored)) if valid.size else None,
        top=int(np.count_nonzero(valid >= scale.top_box)),
        bottom=int(np.count_nonzero(valid <= scale.low + 1)),
        shares=distribution(valid, scale),
    )


def described(
    sample: Moments,
    scale: Scale,
    *,
    excluded: int,
    median: float | None,
    top: int,
    bottom: int,
    shares: tuple[Share, ...],
) -> Descriptive:
    """:func:`descriptive` from its parts: moments of the scores, rows left out, and counts."""
    mean = _mean_estimate(sample)
    return Descriptive(
        n=sample.n,
        n_excluded=excluded,
        mean=mean,
        sd=_sd(sample),
        median=median,
        score_rate=score_rate(mean, scale),
        index=index_0_100(mean, scale),
        top2=proportion(top, sample.n, "top2_wilson"),
        top2_count=top,
        bottom2=proportion(bottom, sample.n, "bottom2_wilson"),
        distribution=shares,
        flags=mean.flags,
        reason=mean.reason,
    )


def csat(values: Iterable[float], scale: Scale, satisfied: Sequence[float] | None = None) -> Estimate:
    """Share of satisfied answers (满意率), percent.

    Parameters
    ----------
    values : (n,) float array
        Cleaned answers.
    scale : Scale
    satisfied : sequence of float, optional
        Points that count as satisfied; the two highest by default.

    Returns
    -------
    Estimate
        Percent with Wilson interval.

    Examples
    --------
    >>> csat([5, 4, 4, 3, 2], Scale(1, 5), satisfied=[5]).value
    20.0
    """
    valid = valid_part(values)
    wanted = (scale.high - 1, scale.high) if satisfied is None else tuple(satisfied)
    return proportion(int(np.isin(valid, wanted).sum()), valid.size, "csat_wilson")


def customer_effort(
    values: Iterable[float], scale: Scale | None = None, *, easy_is_high: bool = True
) -> CustomerEffort:
    """Customer effort score (费力度).

    Parameters
    ----------
    values : (n,) float array
        Cleaned answers.
    scale : Scale, optional
        1-7 by default.
    easy_is_high : bool
        False turns the answers first, so that high always means easy.

    Returns
    -------
    CustomerEffort

    References
    ----------
    Dixon, M., Freeman, K. & Toman, N. (2010). Stop trying to delight your customers.
    *Harvard Business Review* 88 (7/8).

    Examples
    --------
    >>> result = customer_effort([7, 6, 5, 4, 2])
    >>> result.mean.value, result.top3.value
    (4.8, 60.0)
    """
    scale = scale or Scale(1, 7)
    valid = valid_part(values)
    valid = valid if easy_is_high else reverse(valid, scale)
    easy = int(np.count_nonzero(valid >= scale.high - 2))
    mean = mean_estimate(valid)
    return CustomerEffort(valid.size, mean, proportion(easy, valid.size, "top3_wilson"), easy)
