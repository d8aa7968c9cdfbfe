"""Tests of one difference between two samples that may share customers."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import special

from app.stats import intervals
from app.stats.moments import Moments, PairMoments, moments_of
from app.stats.types import IntArray, Interval, Reason, as_floats, tidy_p

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of the same customers: ``old[i]`` and ``new[i]`` are row numbers of one customer."""

    old: IntArray
    new: IntArray
    repeated_ids: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceTest:
    """A t test of one difference; everything but `diff` is None with a reason."""

    diff: float | None
    se: float | None = None
    t: float | None = None
    df: float | None = None
    p: float | None = None
    ci: Interval | None = None
    method: str = ""
    reason: Reason | None = None


def match_ids(old_ids: Iterable[int], new_ids: Iterable[int]) -> Overlap:
    """Find the customers who are in both waves.

    Parameters
    ----------
    old_ids, new_ids : (n_old,), (n_new,) int arrays
        Customer number of each row; negative (`NOBODY`) where unknown.

    Returns
    -------
    Overlap
        One pair per shared customer. If a number comes twice in a wave its first row
        makes the pair, the others count as unshared and `repeated_ids` is set.

    Examples
    --------
    >>> shared = match_ids([7, 8, NOBODY], [NOBODY, 8])
    >>> shared.old, shared.new
    (array([1]), array([1]))
    """
    found = []
    repeated = False
    for ids in (np.asarray(old_ids, dtype=np.int64), np.asarray(new_ids, dtype=np.int64)):
        rows = np.flatnonzero(ids >= 0)
        unique, first = np.unique(ids[rows], return_index=True)
        repeated = repeated or unique.size < rows.size
        found.append((unique, rows[first]))
    (old, old_rows), (new, new_rows) = found
    _, in_old, in_new = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    return Overlap(old_rows[in_old], new_rows[in_new], repeated)


def _test(diff: float, se: float, df: float, method: str, *context: float) -> DifferenceTest:
    if intervals.is_negligible(se, *context) or not df > 0:
        return DifferenceTest(diff, method=method, reason=Reason.ZERO_VARIANCE)
    t, ci = diff / se, intervals.difference_t(diff, se, df)
    return DifferenceTest(diff, se, t, df, intervals.t_p_value(t, df), ci, method)


def _welch_df(a: float, b: float, n_a: int, n_b: int) -> float:
    """Welch-Satterthwaite df of squared standard errors a and b."""
    size = a + b
    if size <= 0:
        return math.nan
    a, b = a / size, b / size
    return 1 / (a * a / (n_a - 1) + b * b / (n_b - 1))


def welch(old: Iterable[float], new: Iterable[float]) -> DifferenceTest:
    """Welch's t test of the difference new - old of independent samples.

    Parameters
    ----------
    old, new : float arrays
        NaN where not valid.

    Returns
    -------
    DifferenceTest
        `no_data`, `too_few_cases` (a sample under two) or `zero_variance` as reasons.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem. *Biometrika* 34, 28-35.

    Examples
    --------
    >>> result = welch([3, 4, 2, 3, 3], [5, 4, 4, 3, 5])
    >>> round(result.diff, 3), round(result.t, 3), round(result.df, 3), round(result.p, 4)
    (1.2, 2.449, 7.784, 0.0408)
    """
    a, b = (x[~np.isnan(x)] for x in (as_floats(old), as_floats(new)))
    return welch_of(moments_of(a), moments_of(b))


def welch_of(old: Moments, new: Moments) -> DifferenceTest:
    """:func:`welch` of two samples known by their moments."""
    if not (old.n and new.n):
        return DifferenceTest(None, method="welch", reason=Reason.NO_DATA)
    diff = new.mean - old.mean
    if old.n < 2 or new.n < 2:
        return DifferenceTest(diff, method="welch", reason=Reason.TOO_FEW_CASES)
    a, b = old.sd**2 / old.n, new.sd**2 / new.n
    df = _welch_df(a, b, old.n, new.n)
    return _test(diff, math.sqrt(a + b), df, "welch", old.mean, new.mean)


def paired_t(old: Iterable[float], new: Iterable[float]) -> DifferenceTest:
    """Paired t test of new - old.

    Parameters
    ----------
    old, new : (n,) float arrays
        Row i is one customer; pairs with a NaN are left out.

    Returns
    -------
    DifferenceTest

    Examples
    --------
    >>> result = paired_t([3, 3, 4, 2], [4, 3, 5, 3])
    >>> result.diff, round(result.t, 3), result.df
    (0.75, 3.0, 3)
    """
    d = as_floats(new) - as_floats(old)
    return paired_of(moments_of(d[~np.isnan(d)]))


def paired_of(change: Moments) -> DifferenceTest:
    """:func:`paired_t` of differences known by their moments."""
    if not change.n:
        return DifferenceTest(None, method="paired_t", reason=Reason.NO_DATA)
    if change.n < 2:
        return DifferenceTest(change.mean, method="paired_t", reason=Reason.TOO_FEW_CASES)
    se = change.sd / math.sqrt(change.n)
    return _test(change.mean, se, change.n - 1, "paired_t", change.mean)


def partial_overlap(old: Moments, new: Moments, pairs: PairMoments) -> DifferenceTest:
    """Partially overlapping samples t test; see :func:`app.stats.change.mean_change`."""
    diff = new.mean - old.mean
    common = 0.0
    if old.sd > 0 and new.sd > 0:
        if not (pairs.sd_old > 0 and pairs.sd_new > 0):
            reason = Reason.ZERO_VARIANCE
            return DifferenceTest(diff, method="partial_overlap", reason=reason)
        common = pairs.correlation * old.sd * new.sd * pairs.n / (old.n * new.n)
    a, b = old.sd**2 / old.n, new.sd**2 / new.n
    alone = old.n + new.n - 2 * pairs.n
    df = float(pairs.n - 1)
    if alone:
        df += (_welch_df(a, b, old.n, new.n) - pairs.n + 1) / (old.n + new.n) * alone
    variance = a + b - 2 * common
    # Rounding leaves about 1e-16 of the terms where every pair moved alike.
    se = math.sqrt(variance) if variance > 1e-13 * (a + b) else 0.0
    return _test(diff, se, df, "partial_overlap", old.mean, new.mean)


def pooled_z(a: int, n_a: int, b: int, n_b: int) -> tuple[float | None, Reason | None]:
    """z of two independent proportions with pooled variance: b/n_b - a/n_a."""
    if not (n_a and n_b):
        return None, Reason.NO_DATA
    pooled = (a + b) / (n_a + n_b)
    variance = pooled * (1 - pooled) * (1 / n_a + 1 / n_b)
    if not variance > 0:
        return None, Reason.ZERO_VARIANCE
    return (b / n_b - a / n_a) / math.sqrt(variance), None


def mcnemar_exact(gain: int, loss: int) -> float:
    """Exact two-sided McNemar p of two discordant counts; 1 when nobody changed.

    Examples
    --------
    >>> round(mcnemar_exact(13, 5), 5)
    0.09625
    """
    return tidy_p(2 * special.bdtr(min(gain, loss), gain + loss, 0.5)) if gain + loss else 1.0
