"""Confidence intervals and the quantiles behind them. Nothing here knows about surveys."""

import math

import numpy as np
from scipy import special

from app.stats.types import CONFIDENCE, FloatArray, Interval, OpenInterval, tidy_p


def z_quantile(confidence: float = CONFIDENCE) -> float:
    """Two-sided normal quantile.

    Examples
    --------
    >>> round(z_quantile(), 6)
    1.959964
    """
    return float(special.ndtri(0.5 + confidence / 2))


def t_quantile(df: float, confidence: float = CONFIDENCE) -> float:
    """Two-sided Student quantile for `df` > 0 (fractional allowed).

    Examples
    --------
    >>> round(t_quantile(4), 4)
    2.7764
    """
    return float(special.stdtrit(df, 0.5 + confidence / 2))


def t_p_value(t: float, df: float) -> float:
    """Two-sided p of Student's t, never zero."""
    return tidy_p(2 * special.stdtr(df, -abs(t)))


def z_p_value(z: float) -> float:
    """Two-sided p of a standard normal deviate, never zero."""
    return tidy_p(2 * special.ndtr(-abs(z)))


def wilson(count: float, n: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson score interval of a proportion.

    Parameters
    ----------
    count, n : float
        Successes and trials, ``0 <= count <= n``. Fractions are allowed, for an
        effective or an estimated number of trials.
    confidence : float

    Returns
    -------
    Interval or None
        Limits within 0-1; None without trials.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. *JASA* 22, 209-212.

    Examples
    --------
    >>> tuple(round(100 * limit, 1) for limit in wilson(3, 5))
    (23.1, 88.2)
    """
    if n <= 0:
        return None
    z = z_quantile(confidence)
    p = count / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(max(0.0, p * (1 - p) / n + z * z / (4 * n * n)))
    # The limit at an observed 0 or 1 is exactly 0 or 1; rounding must not miss it.
    low = 0.0 if count <= 0 else max(0.0, centre - half)
    high = 1.0 if count >= n else min(1.0, centre + half)
    return Interval(low, high)


def mean_t(values: FloatArray, confidence: float = CONFIDENCE) -> Interval | None:
    """Student interval of a mean.

    Parameters
    ----------
    values : (n,) float array
        Valid answers only.
    confidence : float

    Returns
    -------
    Interval or None
        Unclipped, in the unit of the values; None for n < 2. Zero width when all
        answers are equal.

    Examples
    --------
    >>> tuple(round(limit, 3) for limit in mean_t(np.array([5.0, 4, 4, 3, 2])))
    (2.184, 5.016)
    """
    n = values.size
    if n < 2:
        return None
    mean, se = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    half = t_quantile(n - 1, confidence) * se
    return Interval(mean - half, mean + half)


def logit_t(p: float, se: float, df: float, n_eff: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Logit interval of a design-based proportion; Wilson at 0 and 1.

    Parameters
    ----------
    p : float
        Proportion, 0-1.
    se : float
        Its design-based standard error.
    df : float
        Degrees of freedom of the design, > 0.
    n_eff : float
        Effective number of cases, used at p = 0 and p = 1 where the logit is infinite.
    confidence : float

    Returns
    -------
    Interval or None
        Limits within 0-1; None if `df` or `n_eff` leaves it undefined.

    Examples
    --------
    >>> tuple(round(limit, 4) for limit in logit_t(0.625, 0.1, 30, 25))
    (0.4108, 0.7993)
    """
    if not 0 < p < 1:
        return wilson(round(p) * n_eff, n_eff, confidence)
    if df <= 0:
        return None
    centre = math.log(p / (1 - p))
    half = t_quantile(df, confidence) * se / (p * (1 - p))
    return Interval(float(special.expit(centre - half)), float(special.expit(centre + half)))


def poisson_exact(count: int, confidence: float = CONFIDENCE) -> Interval:
    """Exact interval of the mean of a Poisson count, by the chi-square quantiles.

    Parameters
    ----------
    count : int
        Events seen, not negative.
    confidence : float

    Returns
    -------
    Interval
        Expected events; the lower limit of 0 events is 0.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. *Biometrika* 28, 437-442.

    Examples
    --------
    >>> tuple(round(limit / 1.2, 2) for limit in poisson_exact(9))
    (3.43, 14.24)
    """
    tail = (1 - confidence) / 2
    # Half a chi-square quantile with 2c df is the gamma quantile of shape c.
    low = float(special.gammaincinv(count, tail)) if count > 0 else 0.0
    return Interval(low, float(special.gammaincinv(count + 1, 1 - tail)))


def odds_exact(count: int, n: int, confidence: float = CONFIDENCE) -> OpenInterval:
    """Exact interval of the odds behind a binomial count.

    Parameters
    ----------
    count, n : int
        Successes and trials, ``0 <= count <= n``.
    confidence : float

    Returns
    -------
    OpenInterval
        p/(1 - p) at the limits of p; without failures there is no upper limit.

    References
    ----------
    Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits
    illustrated in the case of the binomial. *Biometrika* 26, 404-413.

    Examples
    --------
    >>> odds_exact(3, 3).high is None, round(odds_exact(3, 3).low, 4)
    (True, 0.4132)
    """
    tail, rest = (1 - confidence) / 2, n - count
    p = float(special.betaincinv(count, rest + 1, tail)) if count else 0.0
    # 1 - p by the mirrored quantile: nothing cancels where p is close to 1.
    q = float(special.betaincinv(rest, count + 1, tail)) if rest else 0.0
    return OpenInterval(p / (1 - p), (1 - q) / q if q > 0 else None)


def newcombe(
    count_old: int, n_old: int, count_new: int, n_new: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """Hybrid score interval of the difference new - old of two independent proportions.

    Parameters
    ----------
    count_old, n_old, count_new, n_new : int
        Successes and trials of each sample.
    confidence : float

    Returns
    -------
    Interval or None
        Limits within -1 and 1; None if a sample is empty.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent
    proportions. *Statistics in Medicine* 17, 873-890 (method 10).

    Examples
    --------
    >>> tuple(round(100 * limit, 1) for limit in newcombe(60, 100, 70, 100))
    (-3.2, 22.7)
    """
    old, new = wilson(count_old, n_old, confidence), wilson(count_new, n_new, confidence)
    if old is None or new is None:
        return None
    p_old, p_new = count_old / n_old, count_new / n_new
    below = math.hypot(p_new - new.low, old.high - p_old)
    above = math.hypot(new.high - p_new, p_old - old.low)
    return Interval(p_new - p_old - below, p_new - p_old + above)


def difference_t(diff: float, se: float, df: float) -> Interval:
    """Student interval of a difference with a known standard error."""
    half = t_quantile(df) * se
    return Interval(diff - half, diff + half)


def is_negligible(se: float, *values: float) -> bool:
    """Whether a standard error is nothing but rounding error of these values."""
    size = max((abs(value) for value in values), default=0.0)
    return not se > 8 * np.finfo(np.float64).eps * max(size, 1e-300)
