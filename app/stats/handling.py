"""Handling time (处理时长) of cases of which some are still open: Kaplan-Meier."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.stats import intervals
from app.stats.types import (
    Estimate,
    Flag,
    FloatArray,
    Interval,
    OpenInterval,
    Reason,
    Unit,
    as_floats,
    size_flags,
)

SHARES = (0.5, 0.8, 0.9)
_METHOD = "kaplan_meier_log_log"
# A product of fractions that is 1/2 on paper is 1/2 here.
_TOLERANCE = 1e-9


class Step(NamedTuple):
    """The curve from one duration to the next.

    Attributes
    ----------
    time : float
        Duration at which cases were closed.
    at_risk, events : int
        Cases that had lasted at least as long, and those of them closed at that duration.
    open_share : float
        Share of cases that last longer, 0-1.
    ci : Interval or None
        Log-log interval of `open_share`; None at exactly 0.
    """

    time: float
    at_risk: int
    events: int
    open_share: float
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class Quantile:
    """The duration by which a share of the cases is closed.

    Attributes
    ----------
    share : float
        0-1; 0.5 is the median.
    value : float or None
        Duration; None with `not_reached` while too few cases are closed.
    unit : Unit
    n : int
    method : str
    ci : OpenInterval or None
        Log-log interval; a limit that its curve does not reach is None.
    flags : tuple of Flag
    reason : Reason or None
    """

    share: float
    value: float | None
    unit: Unit
    n: int
    method: str
    ci: OpenInterval | None
    flags: tuple[Flag, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class HandlingTime:
    """Durations of cases, closed and open.

    Attributes
    ----------
    n, events, censored : int
        Cases, closed ones and open ones; n = events + censored.
    n_excluded : int
        Rows without a readable duration or state.
    negative_durations : int
        Rows with a duration below zero: put aside, not counted in n.
    followed_to : float or None
        Longest duration seen; the curve says nothing beyond it.
    steps : tuple of Step
        The curve, by duration; before the first step all cases are open.
    quantiles : tuple of Quantile
        In the order asked for.
    unit : Unit
        Calendar or working hours, as the durations were measured.
    method : str
    flags : tuple of Flag
    reason : Reason or None
        `no_data` without cases.
    """

    n: int
    events: int
    censored: int
    n_excluded: int
    negative_durations: int
    followed_to: float | None
    steps: tuple[Step, ...]
    quantiles: tuple[Quantile, ...]
    unit: Unit
    method: str
    flags: tuple[Flag, ...]
    reason: Reason | None

    def open_share(self, duration: float) -> Estimate:
        """Share of the cases that last longer than a duration, 0-1, with log-log interval.

        None with `not_observed` beyond the longest duration seen, unless all are closed.
        """
        step = next((step for step in reversed(self.steps) if step.time <= duration), None)
        share = 1.0 if step is None else step.open_share
        ci = None if step is None else step.ci
        if self.followed_to is None:
            return self._share(None, None, Reason.NO_DATA)
        if duration > self.followed_to and share > 0:
            return self._share(None, None, Reason.NOT_OBSERVED)
        return self._share(share, ci, None)

    def closed_within(self, duration: float) -> Estimate:
        """Percent of the cases that are closed within a duration; see :meth:`open_share`."""
        still_open = self.open_share(duration)
        ci = still_open.ci and Interval(100 * (1 - still_open.ci.high), 100 * (1 - still_open.ci.low))
        value = None if still_open.value is None else 100 * (1 - still_open.value)
        return replace(still_open, value=value, ci=ci, unit=Unit.PERCENT)

    def _share(self, value: float | None, ci: Interval | None, reason: Reason | None) -> Estimate:
        return Estimate(value, Unit.RATE, self.n, self.method, ci=ci, flags=self.flags, reason=reason)


def durations_at(
    received: Iterable[float], closed: Iterable[float], snapshot: float
) -> tuple[FloatArray, FloatArray]:
    """Durations of cases as they stood at a moment.

    Parameters
    ----------
    received, closed : (n,) float arrays
        Times in one unit from one origin; closed is NaN while open.
    snapshot : float
        What happened later has not happened yet.

    Returns
    -------
    durations, finished : (n,) float arrays
        For :func:`handling_time`: a case still open lasts up to the snapshot and is not
        finished. NaN where a case had not come in yet or has no time of receipt.

    Examples
    --------
    >>> durations_at([0, 5, 9, 20], [4, np.nan, 12, 30], snapshot=10)
    (array([ 4.,  5.,  1., nan]), array([ 1.,  0.,  0., nan]))
    """
    came, shut = as_floats(received), as_floats(closed)
    if came.shape != shut.shape:
        raise ValueError("unequal_lengths")
    done = shut <= snapshot
    known = came <= snapshot
    durations = np.where(known, np.where(done, shut, snapshot) - came, np.nan)
    return durations, np.where(known, done.astype(np.float64), np.nan)


def handling_time(
    durations: Iterable[float],
    finished: Iterable[float],
    *,
    unit: Unit = Unit.CALENDAR_HOURS,
    shares: Sequence[float] = SHARES,
) -> HandlingTime:
    """Kaplan-Meier curve of durations with its quantiles.

    Parameters
    ----------
    durations : (n,) float array
        How long each case lasted, or has lasted so far; NaN where unknown. Negative ones
        are put aside and counted.
    finished : (n,) float array
        1 closed, 0 still open (censored), NaN where unknown.
    unit : Unit
        `CALENDAR_HOURS` or `WORKING_HOURS`: what the durations were measured in.
    shares : sequence of float
        Quantiles wanted, each between 0 and 1.

    Returns
    -------
    HandlingTime
        Without cases `no_data`; a quantile that the curve does not reach has `not_reached`.

    Raises
    ------
    ValueError
        ``unequal_lengths`` or ``bad_share``.

    Notes
    -----
    Leaving out open cases would favour a department that leaves its hard cases open;
    here each counts for as long as it has lasted. At each duration t with d of r cases
    closed the curve falls by the factor 1 - d/r; cases censored at t still count in r.
    A quantile is the first duration with S below 1 - share; where S equals it, the middle
    of that and the next closing, which without censoring is the usual median. Intervals
    of S are those of log(-log S) with Greenwood's variance; the limits of a quantile are
    read off these two curves by the same rule. The method takes open cases to be like
    closed ones of the same age: if cases are left open because they are hard, the true
    durations are longer.

    References
    ----------
    Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete
    observations. *JASA* 53, 457-481. Brookmeyer, R. & Crowley, J. (1982). A confidence
    interval for the median survival time. *Biometrics* 38, 29-41. R package ``survival``.

    Examples
    --------
    >>> result = handling_time([2, 4, 6, 8], [1, 0, 1, 1])
    >>> [quantile.value for quantile in result.quantiles], result.closed_within(5).value
    ([6.0, 8.0, 8.0], 25.0)
    >>> still_open = handling_time([3, 5], [0, 0]).quantiles[0]
    >>> still_open.value, still_open.reason.value
    (None, 'not_reached')
    """
    t, done = as_floats(durations), as_floats(finished)
    if t.shape != done.shape:
        raise ValueError("unequal_lengths")
    if not all(0 < share < 1 for share in shares):
        raise ValueError("bad_share")
    known = ~(np.isnan(t) | np.isnan(done))
    negative = known & (t < 0)
    kept = known & ~negative
    t, closed = t[kept], done[kept] != 0
    n, events, aside = t.size, int(closed.sum()), int(negative.sum())
    flags = (*size_flags(n), Flag.NEGATIVE_DURATIONS) if aside else size_flags(n)
    steps = _curve(t, closed)
    return HandlingTime(
        n=n,
        events=events,
        censored=n - events,
        n_excluded=int((~known).sum()),
        negative_durations=aside,
        followed_to=float(t.max()) if n else None,
        steps=steps,
        quantiles=tuple(_quantile(steps, share, n, unit, flags) for share in shares),
        unit=unit,
        method=_METHOD,
        flags=flags,
        reason=None if n else Reason.NO_DATA,
    )


def _curve(durations: FloatArray, closed: NDArray[np.bool_]) -> tuple[Step, ...]:
    times, events = np.unique(durations[closed], return_counts=True)
    at_risk = durations.size - np.searchsorted(np.sort(durations), times, side="left")
    share = np.cumprod(1 - events / at_risk)
    left = at_risk - events
    # Greenwood's sum; where nobody is left, the curve is 0 and has no interval.
    variance = np.cumsum(events / (at_risk * np.where(left > 0, left, 1.0)))
    return tuple(
        Step(float(t), int(r), int(d), float(s), _log_log(float(s), float(v)))
        for t, r, d, s, v in zip(times, at_risk, events, share, variance, strict=True)
    )


def _log_log(share: float, variance: float) -> Interval | None:
    """Interval of a point of the curve; `variance` is that of its logarithm."""
    if not 0 < share < 1:
        return None
    factor = math.exp(intervals.z_quantile() * math.sqrt(variance) / -math.log(share))
    return Interval(share**factor, share ** (1 / factor))


def _quantile(steps: tuple[Step, ...], share: float, n: int, unit: Unit, flags: tuple[Flag, ...]) -> Quantile:
    level = 1 - share
    times = [step.time for step in steps]
    value = _first_below(times, [step.open_share for step in steps], level)
    # The lower curve falls first: it gives the lower limit.
    low = _first_below(times, [step.ci and step.ci.low for step in steps], level)
    high = _first_below(times, [step.ci and step.ci.high for step in steps], level)
    reason = Reason.NOT_REACHED if n else Reason.NO_DATA
    return Quantile(
        share,
        value,
        unit,
        n,
        _METHOD,
        OpenInterval(low, high) if n else None,
        flags,
        reason if value is None else None,
    )


def _first_below(times: Sequence[float], curve: Sequence[float | None], level: float) -> float | None:
    """First duration at which a falling curve is below a level; None if it never is."""
    for at, height in enumerate(curve):
        if height is None or height > level + _TOLERANCE:
            continue
        if height < level - _TOLERANCE:
            return times[at]
        return (times[at] + times[at + 1]) / 2 if at + 1 < len(times) else None
    return None
