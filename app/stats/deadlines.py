"""Cases within their deadline (按时办结率), judged at one moment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.stats.scores import proportion
from app.stats.types import Estimate, Flag, Reason, as_floats


@dataclass(frozen=True, slots=True)
class WithinDeadline:
    """Cases by deadline at the moment of the snapshot.

    Attributes
    ----------
    n : int
        Cases received by then that have a deadline.
    n_excluded : int
        All other rows: without deadline, unreadable, or received later.
    not_yet_due : int
        Deadline after the snapshot, closed or not (未到期).
    due : int
        All others: the base of the rate.
    within : int
        Due and closed by the deadline.
    closed_late : int
        Due and closed after it.
    open_overdue : int
        Due and still open (超期未结).
    negative_durations : int
        Cases closed before they were received: errors of the record, counted as given.
    rate : Estimate
        100 × within ÷ due, Wilson.
    """

    n: int
    n_excluded: int
    not_yet_due: int
    due: int
    within: int
    closed_late: int
    open_overdue: int
    negative_durations: int
    rate: Estimate


def within_deadline(
    deadline: Iterable[float],
    closed: Iterable[float],
    snapshot: float,
    received: Iterable[float] | None = None,
) -> WithinDeadline:
    """Share of the cases due by a moment that were closed in time.

    Parameters
    ----------
    deadline : (n,) float array
        When each case had to be closed; NaN leaves a row out. All times count in one
        unit from one origin; in whole seconds or minutes they compare exactly.
    closed : (n,) float array
        When it was closed, NaN while open.
    snapshot : float
        The moment of judgement: what happened later has not happened yet.
    received : (n,) float array, optional
        When each case came in. Cases that came after the snapshot, or with NaN, are left
        out, and cases closed before they came are counted.

    Returns
    -------
    WithinDeadline
        Rate None with `nothing_due` while no deadline has passed, `no_data` without cases.

    Raises
    ------
    ValueError
        ``unequal_lengths``.

    Notes
    -----
    Only cases whose deadline has passed (deadline ≤ snapshot) are judged. Counting the
    others would praise a case that was closed early and forgive one that is still open;
    a case that is open past its deadline counts as late. Closed exactly at the deadline
    is in time. The interval takes cases as independent.

    Examples
    --------
    >>> result = within_deadline([24, 48, 240], [12, np.nan, np.nan], snapshot=216)
    >>> result.rate.value, result.due, result.open_overdue, result.not_yet_due
    (50.0, 2, 1, 1)
    """
    due_at, shut = as_floats(deadline), as_floats(closed)
    came = np.full(due_at.shape, -np.inf) if received is None else as_floats(received)
    if not due_at.shape == shut.shape == came.shape:
        raise ValueError("unequal_lengths")
    known = ~np.isnan(due_at) & (came <= snapshot)
    due_at, shut, came = due_at[known], shut[known], came[known]
    done = shut <= snapshot
    due = due_at <= snapshot
    within = _count(due & done & (shut <= due_at))
    negative = _count(done & (shut < came))
    return WithinDeadline(
        n=due_at.size,
        n_excluded=known.size - due_at.size,
        not_yet_due=_count(~due),
        due=_count(due),
        within=within,
        closed_late=_count(due & done) - within,
        open_overdue=_count(due & ~done),
        negative_durations=negative,
        rate=_rate(within, _count(due), due_at.size, negative),
    )


def _count(rows: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(rows))


def _rate(within: int, due: int, n: int, negative: int) -> Estimate:
    rate = proportion(within, due, "within_deadline")
    if n and not due:
        rate = replace(rate, reason=Reason.NOTHING_DUE)
    return replace(rate, flags=(*rate.flags, Flag.NEGATIVE_DURATIONS)) if negative else rate
