"""Result types shared by all statistics: reasons, flags, units, intervals, estimates.

Every result is a frozen value. A number that cannot be computed is ``None`` and
carries a :class:`Reason`; NaN and infinity never leave this package.
"""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

SUPPRESS_BELOW = 5
WARN_BELOW = 30
ALPHA = 0.05
CONFIDENCE = 0.95
# A p-value that underflows is still not zero.
SMALLEST_P = sys.float_info.min


class Reason(StrEnum):
    """Why a value is missing."""

    NO_DATA = "no_data"
    TOO_FEW_CASES = "too_few_cases"
    TOO_FEW_PERIODS = "too_few_periods"
    ZERO_VARIANCE = "zero_variance"
    INSUFFICIENT_WEIGHT = "insufficient_weight"
    UNDEFINED_FOR_SCALE = "undefined_for_scale"
    NO_SHARED_CASES = "no_shared_cases"
    NO_EXPOSURE = "no_exposure"
    ZERO_COUNT = "zero_count"
    NOTHING_DUE = "nothing_due"
    NOT_REACHED = "not_reached"
    NOT_OBSERVED = "not_observed"


class Flag(StrEnum):
    """What a reader has to know beside a value."""

    SUPPRESS = "suppress"
    SMALL_N = "small_n"
    ZERO_VARIANCE = "zero_variance"
    DIFFERENT_LEAVES = "different_leaves"
    REPEATED_IDS = "repeated_ids"
    PROVISIONAL = "provisional"
    NEGATIVE_DURATIONS = "negative_durations"


class Unit(StrEnum):
    """Unit of a value."""

    SCORE = "score"
    SCORE_RATE = "score_rate_pct"
    INDEX = "index_0_100"
    PERCENT = "percent"
    PERCENTAGE_POINTS = "percentage_points"
    NPS = "nps_points"
    RATE = "rate_0_1"
    RATIO = "ratio"
    PER_EXPOSURE = "per_unit_of_exposure"
    PER_1000 = "per_1000"
    PER_10000 = "per_10000"
    CALENDAR_HOURS = "calendar_hours"
    WORKING_HOURS = "working_hours"


class Interval(NamedTuple):
    """A confidence interval, stored unclipped.

    Attributes
    ----------
    low, high : float
        Limits, in the unit of the estimate.

    Examples
    --------
    >>> Interval(2.2, 5.1).clip(1, 5)
    Interval(low=2.2, high=5)
    """

    low: float
    high: float

    def clip(self, low: float, high: float) -> "Interval":
        """Cut both limits to a scale, for display only."""
        return Interval(min(max(self.low, low), high), min(max(self.high, low), high))

    def scaled(self, factor: float, offset: float = 0.0) -> "Interval":
        """Limits of ``offset + factor * x`` for a positive factor."""
        return Interval(offset + factor * self.low, offset + factor * self.high)


class OpenInterval(NamedTuple):
    """A confidence interval that may have no limit on a side.

    Attributes
    ----------
    low, high : float or None
        Limits, in the unit of the estimate; None where the data set no limit.

    Examples
    --------
    >>> OpenInterval(0.4, None).high is None
    True
    """

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published figure.

    Attributes
    ----------
    value : float or None
        Point estimate in `unit`; None with a `reason`.
    unit : Unit
    n : int
        Valid answers behind the value.
    method : str
        Name of the method, a code and not a sentence.
    se : float or None
        Standard error in `unit`.
    ci : Interval or None
        95 % confidence interval, unclipped unless the method says otherwise.
    flags : tuple of Flag
    reason : Reason or None
        Why `value` (or else `ci`) is missing.
    """

    value: float | None
    unit: Unit
    n: int
    method: str
    se: float | None = None
    ci: Interval | None = None
    flags: tuple[Flag, ...] = ()
    reason: Reason | None = None

    def rescaled(self, factor: float, offset: float, unit: Unit, method: str) -> "Estimate":
        """The same estimate for ``offset + factor * x``, `factor` positive."""
        return replace(
            self,
            value=None if self.value is None else offset + factor * self.value,
            se=None if self.se is None else factor * self.se,
            ci=None if self.ci is None else self.ci.scaled(factor, offset),
            unit=unit,
            method=method,
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole answer points from `low` to `high`, optionally with a score for each.

    Parameters
    ----------
    low, high : int
        Lowest and highest point, ``low < high``.
    scores : tuple of float, optional
        Score of each point from `low` to `high` (for instance 0, 30, 60, 80, 100
        for stars). Without it a point is its own score.

    Raises
    ------
    ValueError
        ``bad_scale`` if the points or the scores do not fit together.

    Examples
    --------
    >>> Scale(1, 5).points
    (1, 2, 3, 4, 5)
    >>> Scale(1, 3, (0.0, 60.0, 100.0)).full_score
    100.0
    """

    low: int
    high: int
    scores: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError("bad_scale")
        if self.scores is None:
            return
        fits = len(self.scores) == self.high - self.low + 1
        if not (fits and all(map(math.isfinite, self.scores)) and len(set(self.scores)) > 1):
            raise ValueError("bad_scale")

    @property
    def points(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))

    @property
    def point_values(self) -> FloatArray:
        """The points as numbers to compute with."""
        return np.array(self.points, dtype=np.float64)

    @property
    def full_score(self) -> float:
        """Largest score that one answer can earn (满分)."""
        return float(self.high) if self.scores is None else max(self.scores)

    @property
    def least_score(self) -> float:
        return float(self.low) if self.scores is None else min(self.scores)

    @property
    def top_box(self) -> int:
        """Lowest point of the top-2 box; of the top box on scales of three points or fewer."""
        return self.high if self.high - self.low < 3 else self.high - 1

    def score(self, values: FloatArray) -> FloatArray:
        """Scores of cleaned answers.

        Parameters
        ----------
        values : (n,) float array
            Answer points, NaN where not valid.

        Returns
        -------
        (n,) float array
            Scores, NaN where not valid. Values between two points (an imputed
            midpoint) are interpolated.
        """
        if self.scores is None:
            return values
        return np.asarray(np.interp(values, self.points, self.scores), dtype=np.float64)


def size_flags(*ns: int) -> tuple[Flag, ...]:
    """Small-number flags of a figure that rests on groups of these sizes.

    Examples
    --------
    >>> size_flags(4), size_flags(29), size_flags(30)
    ((<Flag.SUPPRESS: 'suppress'>,), (<Flag.SMALL_N: 'small_n'>,), ())
    """
    least = min(ns)
    if least < SUPPRESS_BELOW:
        return (Flag.SUPPRESS,)
    return (Flag.SMALL_N,) if least < WARN_BELOW else ()


def as_floats(values: Iterable[float]) -> FloatArray:
    """One-dimensional float array; infinities count as not valid (NaN)."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError("not_one_dimensional")
    return np.where(np.isinf(array), np.nan, array) if np.isinf(array).any() else array


def valid_part(values: Iterable[float]) -> FloatArray:
    """The valid answers of a column, in order."""
    array = as_floats(values)
    return array[~np.isnan(array)]


def tidy_p(p: float) -> float:
    """A p-value inside (0, 1]: never exactly zero."""
    return min(1.0, max(SMALLEST_P, float(p)))
