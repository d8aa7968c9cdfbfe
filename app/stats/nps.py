"""Net promoter score (净推荐值) with an interval that is honest for small samples."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.stats.intervals import z_quantile
from app.stats.types import (
    Estimate,
    FloatArray,
    Interval,
    Reason,
    Unit,
    as_floats,
    size_flags,
    valid_part,
)

PROMOTER_FROM = 9
DETRACTOR_TO = 6
_ADDED_CASES = 3.0
_ADDED_EACH_END = 0.75


@dataclass(frozen=True, slots=True)
class NetPromoter:
    """Net promoter score.

    Attributes
    ----------
    n, promoters, passives, detractors : int
    promoter_pct, passive_pct, detractor_pct : float or None
    nps : Estimate
        The raw score, -100 to 100, with the adjusted Wald interval: the headline.
    se_wald : float or None
    ci_wald : Interval or None
        Plain Wald interval, unclipped, for comparison only.
    adjusted : float or None
        Centre of the adjusted interval.
    se_adjusted : float or None
    """

    n: int
    promoters: int
    passives: int
    detractors: int
    promoter_pct: float | None
    passive_pct: float | None
    detractor_pct: float | None
    nps: Estimate
    se_wald: float | None
    ci_wald: Interval | None
    adjusted: float | None
    se_adjusted: float | None


def nps_values(values: Iterable[float]) -> FloatArray:
    """Recode answers 0-10 to -100, 0 and 100, so that their mean is the NPS.

    Examples
    --------
    >>> nps_values([10, 9, 8, 6, np.nan])
    array([ 100.,  100.,    0., -100.,   nan])
    """
    x = as_floats(values)
    recoded = 100.0 * ((x >= PROMOTER_FROM).astype(np.float64) - (x <= DETRACTOR_TO))
    return np.where(np.isnan(x), np.nan, recoded)


def _score_and_se(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    net = (promoters - detractors) / n
    return 100 * net, 100 * math.sqrt(max(0.0, (promoters + detractors) / n - net**2) / n)


def net_promoter_from_counts(promoters: int, passives: int, detractors: int) -> NetPromoter:
    """Net promoter score from the three counts; see :func:`net_promoter`.

    Examples
    --------
    >>> result = net_promoter_from_counts(12, 5, 3)
    >>> result.nps.value, [round(limit, 2) for limit in result.nps.ci]
    (45.0, [8.43, 69.83])
    """
    n = promoters + passives + detractors
    method = "nps_adjusted_wald"
    if n == 0:
        empty = Estimate(None, Unit.NPS, 0, method, flags=size_flags(0), reason=Reason.NO_DATA)
        return NetPromoter(0, 0, 0, 0, None, None, None, empty, None, None, None, None)
    z = z_quantile()
    score, se = _score_and_se(promoters, detractors, n)
    adjusted, se_adjusted = _score_and_se(
        promoters + _ADDED_EACH_END, detractors + _ADDED_EACH_END, n + _ADDED_CASES
    )
    ci = Interval(adjusted - z * se_adjusted, adjusted + z * se_adjusted).clip(-100.0, 100.0)
    return NetPromoter(
        n,
        promoters,
        passives,
        detractors,
        100 * promoters / n,
        100 * passives / n,
        100 * detractors / n,
        Estimate(score, Unit.NPS, n, method, se=se, ci=ci, flags=size_flags(n)),
        se,
        Interval(score - z * se, score + z * se),
        adjusted,
        se_adjusted,
    )


def net_promoter(values: Iterable[float]) -> NetPromoter:
    """Net promoter score of answers 0-10.

    Parameters
    ----------
    values : (n,) float array
        Cleaned answers; 9-10 promote, 0-6 detract.

    Returns
    -------
    NetPromoter
        All None with reason `no_data` when there is no valid answer.

    Notes
    -----
    With shares p and d the score is 100(p - d), its standard error
    100 sqrt[(p + d - (p - d)^2) / n]. The headline interval adds 3 cases, three
    quarters of one to each end, then takes +/- z SE and clips to +/-100; the point
    stays raw. Where everybody promotes the plain interval has zero width, the
    adjusted one does not. Answers are taken as independent.

    References
    ----------
    Rocks, B. (2016). Interval estimation for the net promoter score. *The American
    Statistician* 70, 365-372.

    Examples
    --------
    >>> result = net_promoter([10] * 20)
    >>> result.nps.value, round(result.nps.ci.low, 1), result.nps.ci.high
    (100.0, 69.7, 100.0)
    """
    valid = valid_part(values)
    promoters = int(np.count_nonzero(valid >= PROMOTER_FROM))
    detractors = int(np.count_nonzero(valid <= DETRACTOR_TO))
    return net_promoter_from_counts(promoters, valid.size - promoters - detractors, detractors)
