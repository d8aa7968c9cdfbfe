"""Control charts (控制图): is a period unusual, or is it the ordinary up and down?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.stats.types import (
    Flag,
    FloatArray,
    IntArray,
    Reason,
    Unit,
    as_floats,
    size_flags,
)

LEAST_PERIODS = 20
RUN_LENGTH = 8
_SIGMAS = 3.0
# What is equal as a fraction must not differ by rounding.
_RELATIVE_TOLERANCE = 1e-12


class Signal(StrEnum):
    """Why a period is not ordinary variation."""

    OUTSIDE_LIMITS = "outside_limits"
    RUN = "run_of_8"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One period of a chart.

    Attributes
    ----------
    period : int
        Position, first = 1.
    count : int
        Events of the period.
    size : float
        Its exposure or number of cases.
    statistic, lcl, ucl : float or None
        Rate or share and its control limits; None without exposure.
    signals : tuple of Signal
    flags : tuple of Flag
        Small number behind the period.
    reason : Reason or None
        Why `statistic` is missing.
    """

    period: int
    count: int
    size: float
    statistic: float | None
    lcl: float | None
    ucl: float | None
    signals: tuple[Signal, ...]
    flags: tuple[Flag, ...]
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A control chart.

    Attributes
    ----------
    center : float or None
        All events ÷ all exposure, in `unit`.
    unit : Unit
    n : int
        Periods with exposure.
    points : tuple of ChartPoint
        Every period, in order.
    method : str
        ``u_chart`` or ``p_chart``.
    flags : tuple of Flag
        `provisional` with fewer than 20 periods.
    reason : Reason or None
        Why there is no chart.
    """

    center: float | None
    unit: Unit
    n: int
    points: tuple[ChartPoint, ...]
    method: str
    flags: tuple[Flag, ...]
    reason: Reason | None

    def with_signal(self, signal: Signal) -> tuple[int, ...]:
        """Positions (first = 1) of the periods that show a signal."""
        return tuple(point.period for point in self.points if signal in point.signals)


def u_chart(counts: Iterable[int], exposure: Iterable[float]) -> ControlChart:
    """Chart of events per unit of exposure, for instance complaints per customer.

    Parameters
    ----------
    counts : (k,) int array
        Events of each period.
    exposure : (k,) float array
        Customers or orders of each period, as plain numbers; 0 or NaN where none.

    Returns
    -------
    ControlChart
        In events per unit of exposure, with the limits of each period.

    Raises
    ------
    ValueError
        ``negative_count``, ``negative_exposure`` or ``unequal_lengths``.

    Notes
    -----
    The center is all events ÷ all exposure, the limits center ± 3 √(center ÷ exposure),
    not below 0. Signals: outside the limits, and from the eighth point in a row on one
    side of the center. A point on the center ends a run; a period without exposure is
    passed over. Events are taken as Poisson and independent. With fewer than 20 periods
    center and limits are still uncertain (`provisional`).

    References
    ----------
    Montgomery, D. C. (2019). *Introduction to Statistical Quality Control*, 8th edition,
    sections 7.2 and 7.3. R package ``qcc``.

    Examples
    --------
    >>> chart = u_chart([3, 9, 4], [1000, 1200, 900])
    >>> round(chart.center, 6), [round(point.ucl, 5) for point in chart.points]
    (0.005161, [0.01198, 0.01138, 0.01235])
    """
    c, size = _periods(counts, exposure)
    return _chart(c, size, Unit.PER_EXPOSURE, "u_chart")


def p_chart(counts: Iterable[int], sizes: Iterable[int]) -> ControlChart:
    """Chart of a share, for instance of late cases.

    Parameters
    ----------
    counts : (k,) int array
        Cases with the property in each period.
    sizes : (k,) int array
        All cases of each period.

    Returns
    -------
    ControlChart
        In shares 0-1, with the limits of each period.

    Raises
    ------
    ValueError
        ``negative_count``, ``negative_exposure``, ``unequal_lengths``, or ``bad_count``
        where there are more cases with the property than cases.

    Notes
    -----
    As :func:`u_chart`, with limits center ± 3 √(center (1 - center) ÷ size) between 0 and
    1. Cases are taken as independent; for very large sizes ordinary differences between
    periods exceed these limits.

    Examples
    --------
    >>> chart = p_chart([3, 9, 4], [50, 60, 45])
    >>> round(chart.center, 5), [round(point.ucl, 5) for point in chart.points]
    (0.10323, [0.23231, 0.22106, 0.23929])
    """
    c, size = _periods(counts, sizes)
    if np.any(c > size):
        raise ValueError("bad_count")
    return _chart(c, size, Unit.RATE, "p_chart")


def _periods(counts: Iterable[int], sizes: Iterable[float]) -> tuple[IntArray, FloatArray]:
    c, size = np.asarray(counts, dtype=np.int64), np.nan_to_num(as_floats(sizes))
    if c.shape != size.shape:
        raise ValueError("unequal_lengths")
    if np.any(c < 0):
        raise ValueError("negative_count")
    if np.any(size < 0):
        raise ValueError("negative_exposure")
    return c, size


def _chart(counts: IntArray, size: FloatArray, unit: Unit, method: str) -> ControlChart:
    used = np.flatnonzero(size > 0)
    n = used.size
    flags = (Flag.PROVISIONAL,) if n < LEAST_PERIODS else ()
    points = [_empty_point(at, int(counts[at]), float(size[at])) for at in range(size.size)]
    if not n:
        reason = Reason.NO_EXPOSURE if points else Reason.NO_DATA
        return ControlChart(None, unit, 0, tuple(points), method, flags, reason)
    c, e = counts[used], size[used]
    center = float(c.sum()) / float(e.sum())
    share = unit is Unit.RATE
    half = _SIGMAS * np.sqrt((center * (1 - center) if share else center) / e)
    low, high = np.maximum(0.0, center - half), center + half
    if share:
        high = np.minimum(1.0, high)
    statistic = c / e
    slack = _RELATIVE_TOLERANCE * center
    outside = (statistic > high + slack) | (statistic < low - slack)
    runs = set(run_positions(_sides(c, e)))
    for rank, at in enumerate(used.tolist()):
        signals = (Signal.OUTSIDE_LIMITS,) if outside[rank] else ()
        points[at] = replace(
            points[at],
            statistic=float(statistic[rank]),
            lcl=float(low[rank]),
            ucl=float(high[rank]),
            signals=(*signals, Signal.RUN) if rank + 1 in runs else signals,
            flags=size_flags(round(points[at].size)),
            reason=None,
        )
    return ControlChart(center, unit, n, tuple(points), method, flags, None)


def _empty_point(at: int, count: int, size: float) -> ChartPoint:
    return ChartPoint(at + 1, count, size, None, None, None, (), size_flags(0), Reason.NO_EXPOSURE)


def _sides(counts: IntArray, size: FloatArray) -> list[int]:
    """1 above the center, -1 below it, 0 on it."""
    # Compared as products: a period whose rate is the center may differ from it by rounding.
    own, common = counts * size.sum(), counts.sum() * size
    on_center = np.abs(own - common) <= _RELATIVE_TOLERANCE * (own + common)
    return [int(side) for side in np.where(on_center, 0.0, np.sign(own - common))]


def run_positions(sides: Sequence[int], length: int = RUN_LENGTH) -> tuple[int, ...]:
    """Positions (first = 1) at which a run on one side has lasted `length` or more.

    Parameters
    ----------
    sides : sequence of int
        1 above the center, -1 below it, 0 on it.
    length : int

    Examples
    --------
    >>> run_positions([1, 1, 1, 0, -1, -1, -1, -1], length=3)
    (3, 7, 8)
    """
    found, run, previous = [], 0, 0
    for position, side in enumerate(sides, start=1):
        run = run + 1 if side == previous else 1
        previous = side
        if side != 0 and run >= length:
            found.append(position)
    return tuple(found)
