"""Change between two waves (同比/环比): means, NPS, proportions and index nodes.

Every difference is new - old. Proportions count as 0/100 and NPS as -100/0/100, so one
test of means serves all: Welch without shared customers, paired t when all are shared,
the partially overlapping samples test in between.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.stats import intervals
from app.stats.difference import (
    DifferenceTest,
    Overlap,
    mcnemar_exact,
    paired_of,
    partial_overlap,
    pooled_z,
    welch_of,
)
from app.stats.index import Influence
from app.stats.moments import Moments, PairMoments, moments_of, pair_moments_of
from app.stats.nps import nps_values
from app.stats.types import ALPHA, Flag, Interval, Reason, Unit, as_floats, size_flags


class Direction(StrEnum):
    """Wording of a change: a rise or fall only if significant."""

    RISE = "rise"
    FALL = "fall"
    NO_CHANGE = "no_significant_change"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True, slots=True)
class Change:
    """Difference of a mean between two waves.

    Attributes
    ----------
    n_old, n_new, n_overlap : int
        Valid answers, and customers with one in both waves.
    mean_old, mean_new, diff : float or None
        In `unit`.
    overlapping : DifferenceTest or None
        Partially overlapping samples; None with fewer than two shared customers.
    independent : DifferenceTest
        Welch, as if nobody were shared.
    paired : DifferenceTest or None
        Paired t over the shared customers only.
    flags : tuple of Flag
    reason : Reason or None
    """

    n_old: int
    n_new: int
    n_overlap: int
    mean_old: float | None
    mean_new: float | None
    diff: float | None
    unit: Unit
    overlapping: DifferenceTest | None
    independent: DifferenceTest
    paired: DifferenceTest | None
    flags: tuple[Flag, ...]
    reason: Reason | None

    @property
    def headline(self) -> DifferenceTest:
        """The test to publish: overlapping where it can be made, else Welch."""
        if self.overlapping is not None and self.overlapping.p is not None:
            return self.overlapping
        return self.independent

    def direction(self, p: float | None = None) -> Direction:
        """Rise, fall or no significant change; groups under 5 are not tested.

        Parameters
        ----------
        p : float, optional
            Adjusted p where many changes are read together; the headline's by default.
        """
        return _direction(self.diff, self.headline.p if p is None else p, self.flags)


@dataclass(frozen=True, slots=True)
class ProportionChange:
    """Difference of a proportion, in percentage points.

    Attributes
    ----------
    points : Change
        The same difference as a mean of 0/100 values.
    z, z_p : float or None
        Pooled z test as if nobody were shared; None with `reason`.
    newcombe : Interval or None
        Its interval, percentage points.
    gain, loss : int or None
        Shared customers who turned true and who turned false; None below two shared.
    mcnemar_p : float or None
        Exact McNemar test of the two.
    reason : Reason or None
    """

    points: Change
    z: float | None
    z_p: float | None
    newcombe: Interval | None
    gain: int | None
    loss: int | None
    mcnemar_p: float | None
    reason: Reason | None

    @property
    def headline_p(self) -> float | None:
        """p to publish: pooled z if independent, exact McNemar if all shared, else overlapping."""
        n_old, n_new, shared = self.points.n_old, self.points.n_new, self.points.n_overlap
        if shared < 2:
            return self.z_p
        if shared == n_old == n_new:
            return self.mcnemar_p
        return self.points.headline.p

    @property
    def headline_ci(self) -> Interval | None:
        """Interval to publish, percentage points."""
        if self.points.n_overlap < 2:
            return self.newcombe
        return self.points.headline.ci

    def direction(self, p: float | None = None) -> Direction:
        """As :meth:`Change.direction`, with the p of the headline."""
        return _direction(self.points.diff, self.headline_p if p is None else p, self.points.flags)


def _direction(diff: float | None, p: float | None, flags: tuple[Flag, ...]) -> Direction:
    if diff is None or p is None or Flag.SUPPRESS in flags:
        return Direction.NOT_TESTED
    if p >= ALPHA or diff == 0:
        return Direction.NO_CHANGE
    return Direction.RISE if diff > 0 else Direction.FALL


def mean_change(
    old: Iterable[float],
    new: Iterable[float],
    overlap: Overlap | None = None,
    unit: Unit = Unit.SCORE,
) -> Change:
    """Change of a mean between two waves that may share customers.

    Parameters
    ----------
    old, new : (n_old,), (n_new,) float arrays
        Cleaned answers, NaN where not valid, row for row as given to `match_ids`.
    overlap : Overlap, optional
        Shared customers; none by default. Pairs with a missing answer count as unshared.
    unit : Unit
        Unit of the values.

    Returns
    -------
    Change

    Notes
    -----
    With s from all cases of a wave and r from the n_c shared ones,

        SE^2 = s1^2/n1 + s2^2/n2 - 2 r s1 s2 n_c / (n1 n2),
        df = (n_c - 1) + (g - n_c + 1) (n_a + n_b) / (n_a + n_b + 2 n_c),

    g the Welch df, n_a and n_b the unshared cases. Without shared cases this is Welch,
    with all shared the paired t. It needs two shared customers; where r is undefined
    because their answers do not vary, the test is `zero_variance` and the headline
    falls back to Welch.

    References
    ----------
    Derrick, B., Russ, B., Toher, D. & White, P. (2017). Test statistics for the
    comparison of means for two samples that include both paired and independent
    observations. *Journal of Modern Applied Statistical Methods* 16 (1), 137-157.

    Examples
    --------
    >>> old, new = [3, 4, 2, 3, 3, 4, 2], [4, 3, 5, 3, 4, 5, 3, 4]
    >>> from app.stats.difference import match_ids
    >>> shared = match_ids([1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7, 8, 9, 10, 11])
    >>> test = mean_change(old, new, shared).headline
    >>> test.diff, round(test.t, 3), round(test.df, 3), round(test.p, 4)
    (0.875, 2.777, 7.577, 0.0253)
    """
    x, y = as_floats(old), as_floats(new)
    pairs, repeated = None, False
    if overlap is not None:
        pair_x, pair_y = x[overlap.old], y[overlap.new]
        both = ~np.isnan(pair_x + pair_y)
        pairs, repeated = pair_moments_of(pair_x[both], pair_y[both]), overlap.repeated_ids
    return change_of(moments_of(x[~np.isnan(x)]), moments_of(y[~np.isnan(y)]), pairs, unit, repeated=repeated)


def change_of(old: Moments, new: Moments, pairs: PairMoments | None, unit: Unit, *, repeated: bool) -> Change:
    """:func:`mean_change` of two waves known by their moments; `repeated`: a customer came twice in a wave."""
    independent = welch_of(old, new)
    flags = size_flags(old.n, new.n)
    tested = pairs is not None and pairs.n >= 2
    return Change(
        n_old=old.n,
        n_new=new.n,
        n_overlap=pairs.n if pairs else 0,
        mean_old=old.mean if old.n else None,
        mean_new=new.mean if new.n else None,
        diff=independent.diff,
        unit=unit,
        overlapping=partial_overlap(old, new, pairs) if pairs and tested else None,
        independent=independent,
        paired=paired_of(pairs.change) if pairs and tested else None,
        flags=(*flags, Flag.REPEATED_IDS) if repeated else flags,
        reason=Reason.NO_DATA if independent.diff is None else None,
    )


def nps_change(old: Iterable[float], new: Iterable[float], overlap: Overlap | None = None) -> Change:
    """Change of the net promoter score, in NPS points.

    Parameters
    ----------
    old, new : float arrays
        Cleaned answers 0-10.
    overlap : Overlap, optional

    Returns
    -------
    Change

    Examples
    --------
    >>> nps_change([10, 9, 3, 8], [10, 10, 9, 8]).diff
    50.0
    """
    return mean_change(nps_values(old), nps_values(new), overlap, Unit.NPS)


def proportion_change(
    old: Iterable[float], new: Iterable[float], overlap: Overlap | None = None
) -> ProportionChange:
    """Change of a proportion, in percentage points.

    Parameters
    ----------
    old, new : float arrays
        1 true, 0 false, NaN where not valid.
    overlap : Overlap, optional

    Returns
    -------
    ProportionChange

    References
    ----------
    Newcombe (1998), *Statistics in Medicine* 17, 873-890; McNemar, Q. (1947),
    *Psychometrika* 12, 153-157.

    Examples
    --------
    >>> result = proportion_change([1] * 60 + [0] * 40, [1] * 70 + [0] * 30)
    >>> round(result.z_p, 3), [round(limit, 1) for limit in result.newcombe]
    (0.138, [-3.2, 22.7])
    """
    x, y = as_floats(old), as_floats(new)
    points = mean_change(100 * x, 100 * y, overlap, Unit.PERCENTAGE_POINTS)
    gain = loss = 0
    if overlap is not None:
        turned = y[overlap.new] - x[overlap.old]
        gain, loss = int(np.count_nonzero(turned > 0)), int(np.count_nonzero(turned < 0))
    return proportions_of(points, int(np.count_nonzero(x == 1)), int(np.count_nonzero(y == 1)), gain, loss)


def proportions_of(points: Change, true_old: int, true_new: int, gain: int, loss: int) -> ProportionChange:
    """:func:`proportion_change` from its counts; `gain` and `loss` are shared customers who turned true and false."""
    z, reason = pooled_z(true_old, points.n_old, true_new, points.n_new)
    newcombe = intervals.newcombe(true_old, points.n_old, true_new, points.n_new)
    shared = points.n_overlap >= 2
    return ProportionChange(
        points=points,
        z=z,
        z_p=None if z is None else intervals.z_p_value(z),
        newcombe=newcombe and newcombe.scaled(100),
        gain=gain if shared else None,
        loss=loss if shared else None,
        mcnemar_p=mcnemar_exact(gain, loss) if shared else None,
        reason=reason,
    )


def index_change(old: Influence, new: Influence, overlap: Overlap | None = None) -> Change:
    """Change of a weighted index, of the total or of one node.

    Parameters
    ----------
    old, new : Influence
        The same node of two waves, from :func:`app.stats.index.index_influence`.
    overlap : Overlap, optional
        Shared customers, by row of each wave.

    Returns
    -------
    Change
        In index points; n counts rows with at least one leaf of the node. The flag
        `different_leaves` tells that the two scores rest on different leaf weights.

    Notes
    -----
    The pseudo-values T + u_i have mean T and variance of the mean sum u_i^2/(n(n - 1)),
    so the test of :func:`mean_change` on them is the test of the index, with r the
    correlation of the shared customers' influence values. For a single leaf it equals
    the test of the leaf's mean exactly. Intervals use Student's t; the index of one wave
    uses the normal quantile, which differs visibly only for small n.

    Examples
    --------
    >>> from app.stats.index import index_influence
    >>> from app.stats.tree import Leaf
    >>> from app.stats.types import Scale
    >>> tree, scale = [Leaf("a", 1.0)], Scale(1, 5)
    >>> old = index_influence({"a": np.array([3.0, 4, 2])}, tree, scale)
    >>> new = index_influence({"a": np.array([4.0, 5, 4])}, tree, scale)
    >>> result = index_change(old.total, new.total)
    >>> round(result.diff, 4), round(result.headline.p, 4)
    (26.6667, 0.1336)
    """
    pseudo = [
        np.full(wave.u.size, np.nan) if wave.value is None else wave.value + wave.u for wave in (old, new)
    ]
    change = mean_change(pseudo[0], pseudo[1], overlap, old.unit)
    flags = change.flags
    if not _same_weights(old, new):
        flags = (*flags, Flag.DIFFERENT_LEAVES)
    return replace(
        change,
        mean_old=old.value,
        mean_new=new.value,
        # The mean of the pseudo-values is the index up to summation error.
        diff=None if old.value is None or new.value is None else new.value - old.value,
        flags=flags,
        reason=old.reason or new.reason or change.reason,
    )


def _same_weights(old: Influence, new: Influence) -> bool:
    return old.weights.keys() == new.weights.keys() and all(
        math.isclose(weight, new.weights[column], abs_tol=1e-9) for column, weight in old.weights.items()
    )
