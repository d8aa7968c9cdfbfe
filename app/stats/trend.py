"""Trend (趋势) over three or more waves."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from app.stats import intervals
from app.stats.types import FloatArray, IntArray, Reason, Scale, as_floats, tidy_p

LEAST_PERIODS = 3
LEAST_PERIODS_KENDALL = 5
_EXACT_KENDALL_UP_TO = 33


@dataclass(frozen=True, slots=True)
class Kendall:
    """Mann-Kendall test over period means."""

    tau: float | None
    p: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """Trend of a score.

    Attributes
    ----------
    n : int
    period_means : tuple of float or None
        One per period, None without answers.
    slope : float or None
        Change per period, least squares over all answers.
    se_hc3, p_hc3 : float or None
        Heteroskedasticity-robust; t with n - 2 df.
    se_cluster, p_cluster : float or None
        Robust to repeated customers; t with (customers - 1) df. None without ids.
    kendall : Kendall
    theil_sen : float or None
        Median slope of the period means.
    top2_chi2, top2_p : float or None
        Cochran-Armitage trend of the top-2 share, 1 df.
    reason : Reason or None
        Why there is no slope.
    """

    n: int
    period_means: tuple[float | None, ...]
    slope: float | None
    se_hc3: float | None
    p_hc3: float | None
    se_cluster: float | None
    p_cluster: float | None
    kendall: Kendall
    theil_sen: float | None
    top2_chi2: float | None
    top2_p: float | None
    reason: Reason | None


def theil_sen(means: Sequence[tuple[int, float]]) -> float | None:
    """Median of the slopes between all pairs of (period, mean)."""
    slopes = [(b - a) / (j - i) for (i, a), (j, b) in combinations(means, 2)]
    return float(np.median(slopes)) if slopes else None


def mann_kendall(values: Sequence[float]) -> Kendall:
    """Mann-Kendall test of a monotone trend.

    Parameters
    ----------
    values : sequence of float
        One aggregate per period, in order.

    Returns
    -------
    Kendall
        tau-b; exact p without ties (up to 33 periods), else the tie-corrected normal p.
        Fewer than five periods: `too_few_periods`. All equal: `zero_variance`.

    References
    ----------
    Kendall, M. G. (1970). *Rank Correlation Methods*, 4th edition.

    Examples
    --------
    >>> result = mann_kendall([1.0, 2.0, 3.0, 5.0, 4.0])
    >>> round(result.tau, 3), round(result.p, 4)
    (0.8, 0.0833)
    """
    n = len(values)
    if n < LEAST_PERIODS_KENDALL:
        return Kendall(None, None, Reason.TOO_FEW_PERIODS)
    # Means that are equal as fractions must tie although floating point differs.
    y = [float(f"{value:.12g}") for value in values]
    s = sum((b > a) - (b < a) for a, b in combinations(y, 2))
    pairs = n * (n - 1) // 2
    ties = np.unique(y, return_counts=True)[1].astype(np.float64)
    tied_pairs = float(np.sum(ties * (ties - 1)) / 2)
    if tied_pairs == pairs:
        return Kendall(None, None, Reason.ZERO_VARIANCE)
    tau = s / math.sqrt(pairs * (pairs - tied_pairs))
    if tied_pairs == 0 and n <= _EXACT_KENDALL_UP_TO:
        return Kendall(tau, _exact_kendall_p((pairs - abs(s)) // 2, n))
    corrected = n * (n - 1) * (2 * n + 5) - float(np.sum(ties * (ties - 1) * (2 * ties + 5)))
    return Kendall(tau, intervals.z_p_value(s / math.sqrt(corrected / 18)))


def _exact_kendall_p(discordant: int, n: int) -> float:
    """Two-sided p of at most so many inversions (the smaller tail) in n! equal orders."""
    counts = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(counts) + size - 1)
        for inversions, count in enumerate(counts):
            for step in range(size):
                longer[inversions + step] += count
        counts = longer
    return tidy_p(2 * sum(counts[: discordant + 1]) / math.factorial(n))


def cochran_armitage(successes: IntArray, sizes: IntArray, scores: FloatArray) -> float | None:
    """Cochran-Armitage chi-square (1 df) of a trend in proportions; None if undefined.

    Parameters
    ----------
    successes, sizes, scores : (k,) arrays
        Successes, trials (> 0) and period index of each period.

    References
    ----------
    Armitage, P. (1955). Tests for linear trends in proportions and frequencies.
    *Biometrics* 11, 375-386.

    Examples
    --------
    >>> round(cochran_armitage(np.array([2, 5, 8]), np.array([10, 10, 10]), np.arange(3.0)), 4)
    7.2
    """
    total = float(sizes.sum())
    if total <= 0:
        return None
    p = float(successes.sum()) / total
    centred = scores - float(sizes @ scores) / total
    spread = p * (1 - p) * float(sizes @ centred**2)
    if spread <= 0:
        return None
    return float(successes @ centred - p * (sizes @ centred)) ** 2 / spread


@dataclass(frozen=True, slots=True)
class _Line:
    slope: float | None = None
    se_hc3: float | None = None
    se_cluster: float | None = None
    clusters: int = 0


def _line(x: FloatArray, y: FloatArray, ids: IntArray | None) -> _Line:
    """Least squares on the period index with two robust standard errors of the slope."""
    n = x.size
    centred = x - x.mean()
    sxx = float(centred @ centred)
    slope = float(centred @ y) / sxx
    residual = y - y.mean() - slope * centred
    leverage = 1 / n + centred**2 / sxx
    hc3 = math.sqrt(float(np.sum((centred * residual / (1 - leverage)) ** 2))) / sxx
    if ids is None:
        return _Line(slope, hc3, None, 0)
    # A row without id is a customer of its own.
    own = np.where(ids >= 0, ids, ids.max(initial=0) + 1 + np.arange(n))
    _, cluster = np.unique(own, return_inverse=True)
    sums = np.bincount(cluster, weights=centred * residual)
    groups = sums.size
    if groups < 2:
        return _Line(slope, hc3, None, groups)
    factor = groups / (groups - 1) * (n - 1) / (n - 2)
    return _Line(slope, hc3, math.sqrt(factor * float(sums @ sums)) / sxx, groups)


def trend(
    values: Iterable[float],
    periods: Iterable[int],
    n_periods: int,
    scale: Scale,
    ids: Iterable[int] | None = None,
) -> Trend:
    """Trend of a score over waves.

    Parameters
    ----------
    values : (n,) float array
        Cleaned answers, NaN where not valid.
    periods : (n,) int array
        Position 0, 1, 2, ... of each row's period; negative to leave a row out.
    n_periods : int
        Number of periods.
    scale : Scale
        For the top-2 share.
    ids : (n,) int array, optional
        Customer numbers, negative where unknown.

    Returns
    -------
    Trend
        No slope with answers in fewer than three periods (`too_few_periods`); no
        standard error where residuals vanish.

    Examples
    --------
    >>> result = trend([1, 2, 2, 3, 3, 4], [0, 0, 1, 1, 2, 2], 3, Scale(1, 5))
    >>> result.slope, result.period_means
    (1.0, (1.5, 2.5, 3.5))
    """
    y, x = as_floats(values), np.asarray(periods, dtype=np.int64)
    keep = ~np.isnan(y) & (x >= 0)
    y, x = y[keep], x[keep]
    who = None if ids is None else np.asarray(ids, dtype=np.int64)[keep]
    sizes = np.bincount(x, minlength=n_periods)
    sums = np.bincount(x, weights=y, minlength=n_periods)
    means = tuple(float(total / size) if size else None for total, size in zip(sums, sizes, strict=True))
    known = [(period, mean) for period, mean in enumerate(means) if mean is not None]
    top = np.bincount(x[y >= scale.top_box], minlength=n_periods)
    chi2 = cochran_armitage(top, sizes, np.arange(n_periods, dtype=np.float64))
    enough = len(known) >= LEAST_PERIODS and y.size > LEAST_PERIODS
    line = _line(x.astype(np.float64), y, who) if enough else _Line()
    return Trend(
        n=y.size,
        period_means=means,
        slope=line.slope,
        se_hc3=line.se_hc3,
        p_hc3=_slope_p(line.slope, line.se_hc3, y.size - 2),
        se_cluster=line.se_cluster,
        p_cluster=_slope_p(line.slope, line.se_cluster, line.clusters - 1),
        kendall=mann_kendall([mean for _, mean in known]),
        theil_sen=theil_sen(known) if len(known) >= LEAST_PERIODS else None,
        top2_chi2=chi2 if enough else None,
        top2_p=tidy_p(special.chdtrc(1, chi2)) if enough and chi2 is not None else None,
        reason=None if enough else _too_little(y),
    )


def _slope_p(slope: float | None, se: float | None, df: int) -> float | None:
    if slope is None or se is None or df <= 0 or intervals.is_negligible(se, slope, 1.0):
        return None
    return intervals.t_p_value(slope / se, df)


def _too_little(y: FloatArray) -> Reason:
    return Reason.TOO_FEW_PERIODS if y.size else Reason.NO_DATA
