"""p-values of several tests read together."""

from collections.abc import Callable, Sequence

import numpy as np

from app.stats.types import FloatArray


def _over_known(
    p_values: Sequence[float | None], rule: Callable[[FloatArray], FloatArray]
) -> tuple[float | None, ...]:
    """Apply a rule to the tests that exist; a missing p stays missing and does not count."""
    known = [index for index, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    if known:
        values = np.array([p_values[index] for index in known], dtype=np.float64)
        for index, value in zip(known, rule(values), strict=True):
            adjusted[index] = float(value)
    return tuple(adjusted)


def _holm(p: FloatArray) -> FloatArray:
    order = np.argsort(p, kind="stable")
    steps = p[order] * (p.size - np.arange(p.size))
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return out


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    order = np.argsort(p, kind="stable")[::-1]
    steps = p[order] * p.size / (p.size - np.arange(p.size))
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, np.minimum.accumulate(steps))
    return out


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's step-down adjustment: family-wise error, for post-hoc comparisons.

    Parameters
    ----------
    p_values : sequence of float or None
        None for a test that could not be made; it stays None and is not counted.

    Returns
    -------
    tuple of float or None
        Adjusted p-values, same order.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure.
    *Scandinavian Journal of Statistics* 6, 65-70.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    return _over_known(p_values, _holm)


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Benjamini-Hochberg q-values: false discovery rate, for screens of many items.

    Parameters
    ----------
    p_values : sequence of float or None
        None for a test that could not be made; it stays None and is not counted.

    Returns
    -------
    tuple of float or None
        Adjusted p-values, same order.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate.
    *JRSS B* 57, 289-300.

    Examples
    --------
    >>> [round(p, 3) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    return _over_known(p_values, _benjamini_hochberg)
