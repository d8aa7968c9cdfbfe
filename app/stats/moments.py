"""What tests and intervals need to know of a sample: its size, mean and SD, from answers or from counts of answers.

A question has few points and many answers. Once the answers at each point (and, for two waves, at each pair of
points) are counted, every figure of the question follows from the counts, whatever the number of answers.
"""

import math
from dataclasses import dataclass

import numpy as np

from app.stats.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Moments:
    """Size, mean and SD of a sample without NaN.

    Attributes
    ----------
    n : int
    mean : float
        NaN without values.
    sd : float
        With n - 1; exactly zero for equal values, NaN for fewer than two.
    """

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class PairMoments:
    """What pairs of answers tell about two samples.

    Attributes
    ----------
    n : int
    sd_old, sd_new : float
        Of either side, as in :class:`Moments`.
    correlation : float
        NaN where one side does not vary.
    change : Moments
        Of the differences new - old.
    """

    n: int
    sd_old: float
    sd_new: float
    correlation: float
    change: Moments


def moments_of(values: FloatArray) -> Moments:
    """The moments of values without NaN.

    Examples
    --------
    >>> moments_of(np.array([5.0, 4, 4, 3, 2]))
    Moments(n=5, mean=3.6, sd=1.140175425099138)
    """
    n = values.size
    if n == 0 or values.min() == values.max():
        return _equal(n, values)
    mean = float(values.mean())
    deviations = values - mean
    return Moments(n, mean, math.sqrt(float(deviations @ deviations) / (n - 1)))


def _equal(n: int, values: FloatArray) -> Moments:
    """Summation error would leave a variance of 1e-32 here."""
    return Moments(n, float(values[0]) if n else math.nan, 0.0 if n > 1 else math.nan)


def counted_moments(values: FloatArray, counts: IntArray) -> Moments:
    """As :func:`moments_of`, of so many answers at each of the values.

    Examples
    --------
    >>> counted_moments(np.array([1.0, 2, 3, 4, 5]), np.array([0, 1, 1, 2, 1]))
    Moments(n=5, mean=3.6, sd=1.140175425099138)
    """
    values, counts = values[counts > 0], counts[counts > 0]
    n = int(counts.sum())
    if n == 0 or values.min() == values.max():
        return _equal(n, values)
    mean = float(values @ counts) / n
    return Moments(n, mean, math.sqrt(float((values - mean) ** 2 @ counts) / (n - 1)))


def pair_moments_of(old: FloatArray, new: FloatArray) -> PairMoments:
    """The moments of pairs without NaN.

    Examples
    --------
    >>> pairs = pair_moments_of(np.array([3.0, 3, 4, 2]), np.array([4.0, 3, 5, 3]))
    >>> round(pairs.correlation, 6), pairs.change.mean
    (0.852803, 0.75)
    """
    one, other = moments_of(old), moments_of(new)
    products = float((old - one.mean) @ (new - other.mean))
    return _pairs(one, other, products, moments_of(new - old))


def counted_pair_moments(old: FloatArray, new: FloatArray, pairs: IntArray) -> PairMoments:
    """As :func:`pair_moments_of`, of ``pairs[i, j]`` pairs with the values ``old[i]`` and ``new[j]``.

    Examples
    --------
    >>> table = np.array([[0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]])
    >>> counted_pair_moments(np.array([2.0, 3, 4]), np.array([2.0, 3, 4, 5]), table).change.mean
    0.75
    """
    one, other = counted_moments(old, pairs.sum(axis=1)), counted_moments(new, pairs.sum(axis=0))
    products = float((old - one.mean) @ pairs @ (new - other.mean))
    change = counted_moments((new[np.newaxis, :] - old[:, np.newaxis]).ravel(), pairs.ravel())
    return _pairs(one, other, products, change)


def _pairs(old: Moments, new: Moments, products: float, change: Moments) -> PairMoments:
    """`products` is the sum of the products of deviations."""
    correlation = math.nan
    if old.sd > 0 and new.sd > 0:
        correlation = min(1.0, max(-1.0, products / ((old.n - 1) * old.sd * new.sd)))
    return PairMoments(old.n, old.sd, new.sd, correlation, change)
