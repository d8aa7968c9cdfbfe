"""Rates of events per customers (投诉率) and the exact comparison of two of them."""

import math
from dataclasses import dataclass

from scipy import special

from app.stats import intervals
from app.stats.types import (
    Estimate,
    Flag,
    OpenInterval,
    Reason,
    Unit,
    size_flags,
    tidy_p,
)

# Beyond these an exposure is no number of customers, and the arithmetic would lose its digits.
_LEAST_EXPOSURE, _LARGEST_EXPOSURE = 1e-3, 1e12
_UNITS = {1000: Unit.PER_1000, 10_000: Unit.PER_10000}
# Probabilities that are equal up to rounding are equally extreme.
_RELATIVE_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class RateComparison:
    """Two rates and their ratio.

    Attributes
    ----------
    a, b : Estimate
        The two rates.
    ratio : float or None
        Rate a ÷ rate b; None with `zero_count` if b had no event.
    ci : OpenInterval or None
        Exact interval of the ratio, without an upper limit if b had no event.
    p : float or None
        Exact two-sided p of equal rates.
    unit : Unit
        Of the ratio.
    n : int
        Events of both together, on which the test rests.
    method : str
    flags : tuple of Flag
    reason : Reason or None
        Why `ratio` is missing.
    """

    a: Estimate
    b: Estimate
    ratio: float | None
    ci: OpenInterval | None
    p: float | None
    unit: Unit
    n: int
    method: str
    flags: tuple[Flag, ...]
    reason: Reason | None


def _check(count: int, exposure: float) -> None:
    if not 0 <= count <= _LARGEST_EXPOSURE:
        raise ValueError("bad_count")
    if exposure != 0 and not _LEAST_EXPOSURE <= exposure <= _LARGEST_EXPOSURE:
        raise ValueError("bad_exposure")


def event_rate(count: int, exposure: float, *, per: int = 1000) -> Estimate:
    """Events per 1,000 (or 10,000) customers with an exact Poisson interval.

    Parameters
    ----------
    count : int
        Events, for instance complaints.
    exposure : float
        Customers (or orders) among whom they occurred, as a plain number.
    per : {1000, 10000}
        Base of the rate; 10,000 is the Chinese 万人.

    Returns
    -------
    Estimate
        Its `n` is the exposure. Without exposure None with `no_exposure`; no event gives
        a rate of 0 with an upper limit above it.

    Raises
    ------
    ValueError
        ``bad_count`` or ``bad_exposure`` (negative, or no plausible size) or ``bad_per``.

    Notes
    -----
    Events are taken as independent and the exposure as known. One customer who complains
    ten times makes the interval too narrow: count customers with a complaint instead.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. *Biometrika* 28, 437-442.

    Examples
    --------
    >>> result = event_rate(9, 1200)
    >>> result.value, [round(limit, 2) for limit in result.ci]
    (7.5, [3.43, 14.24])
    >>> event_rate(0, 1200).value, round(event_rate(0, 1200).ci.high, 2)
    (0.0, 3.07)
    """
    _check(count, exposure)
    if per not in _UNITS:
        raise ValueError("bad_per")
    unit, flags, method = _UNITS[per], size_flags(round(exposure)), "poisson_exact"
    if exposure <= 0:
        return Estimate(None, unit, 0, method, flags=flags, reason=Reason.NO_EXPOSURE)
    factor = per / exposure
    ci = intervals.poisson_exact(count).scaled(factor)
    return Estimate(per * count / exposure, unit, round(exposure), method, ci=ci, flags=flags)


def compare_rates(
    count_a: int, exposure_a: float, count_b: int, exposure_b: float, *, per: int = 1000
) -> RateComparison:
    """Exact conditional comparison of two independent rates.

    Parameters
    ----------
    count_a, count_b : int
        Events of each group or period.
    exposure_a, exposure_b : float
        Customers of each, as plain numbers.
    per : {1000, 10000}
        Base of the two rates shown beside the ratio.

    Returns
    -------
    RateComparison
        Ratio a ÷ b. Without exposure on a side there is no ratio, interval or p
        (`no_exposure`). Without events on both sides the data say nothing: p is 1.

    Raises
    ------
    ValueError
        As :func:`event_rate`.

    Notes
    -----
    Given the events of both together, those of a are binomial with
    p = exposure_a/(exposure_a + exposure_b) if the rates are equal. The two-sided p adds
    all outcomes that are no likelier than the one seen; the interval is that of Clopper
    and Pearson, as odds divided by the ratio of exposures. The two rest on different
    tails, so at the border of significance they may disagree.

    References
    ----------
    Przyborowski, J. & Wilenski, H. (1940). Homogeneity of results in testing samples from
    Poisson series. *Biometrika* 31, 313-323.

    Examples
    --------
    >>> result = compare_rates(9, 1200, 4, 1100)
    >>> result.ratio, round(result.p, 5)
    (2.0625, 0.27277)
    >>> compare_rates(5, 1000, 0, 1000).ci.high is None
    True
    """
    a, b = event_rate(count_a, exposure_a, per=per), event_rate(count_b, exposure_b, per=per)
    n, method = count_a + count_b, "exact_conditional"
    flags = size_flags(a.n, b.n)
    if a.value is None or b.value is None:
        missing = Reason.NO_EXPOSURE
        return RateComparison(a, b, None, None, None, Unit.RATIO, n, method, flags, missing)
    scale = exposure_b / exposure_a
    odds = intervals.odds_exact(count_a, n)
    ci = OpenInterval(*(None if limit is None else limit * scale for limit in odds))
    ratio = count_a / count_b * scale if count_b else None
    p = binomial_p(count_a, n, exposure_a / (exposure_a + exposure_b))
    reason = None if count_b else Reason.ZERO_COUNT
    return RateComparison(a, b, ratio, ci, p, Unit.RATIO, n, method, flags, reason)


def binomial_p(count: int, n: int, p: float) -> float:
    """Exact two-sided binomial p: all outcomes that are no likelier than `count`.

    Parameters
    ----------
    count, n : int
        Successes and trials.
    p : float
        Probability of success under the hypothesis, 0 < p < 1.

    Examples
    --------
    >>> round(binomial_p(9, 13, 12 / 23), 5), binomial_p(0, 0, 0.5)
    (0.27277, 1.0)
    """
    limit = _log_probability(count, n, p) + math.log1p(_RELATIVE_TOLERANCE)
    # Likelihood rises up to the mode and falls after it.
    mode = min(n, math.floor((n + 1) * p))
    if count <= mode:
        below, above = count, _first_unlikely(mode, n, p, limit)
    else:
        # Seen from the other end: failures instead of successes.
        below, above = n - _first_unlikely(n - mode, n, 1 - p, limit), count
    if below >= above:
        return 1.0
    # The two tails, as regularised incomplete beta functions.
    lower = float(special.betainc(n - below, below + 1, 1 - p)) if below >= 0 else 0.0
    upper = float(special.betainc(above, n - above + 1, p)) if above <= n else 0.0
    return tidy_p(lower + upper)


def _log_probability(k: int, n: int, p: float) -> float:
    """Logarithm of the binomial probability of k, 0 < p < 1."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return ways + k * math.log(p) + (n - k) * math.log1p(-p)


def _first_unlikely(mode: int, n: int, p: float, limit: float) -> int:
    """First outcome from the mode up that is no likelier than a limit; n + 1 if none is."""
    low, high = mode, n
    while low <= high:
        middle = (low + high) // 2
        if _log_probability(middle, n, p) <= limit:
            high = middle - 1
        else:
            low = middle + 1
    return low
