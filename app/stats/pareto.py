"""Pareto analysis (帕累托): which few categories make up most of the cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.stats.scores import proportion
from app.stats.status import scalar_key
from app.stats.types import Estimate, Flag, Reason, size_flags

VITAL_SHARE_PCT = 80.0
# Percentages that are equal as fractions must be equal here.
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """One category of a Pareto chart.

    Attributes
    ----------
    label : str
    count : int
    share : Estimate
        Percent of all cases, Wilson.
    cum_pct : float or None
        Share of this and all categories before it.
    vital : bool
        Whether it belongs to the vital few.
    """

    label: str
    count: int
    share: Estimate
    cum_pct: float | None
    vital: bool


@dataclass(frozen=True, slots=True)
class Pareto:
    """Categories in the order of a Pareto chart.

    Attributes
    ----------
    n : int
        Cases counted.
    bars : tuple of Bar
    threshold_pct : float
    method : str
    flags : tuple of Flag
    reason : Reason or None
    """

    n: int
    bars: tuple[Bar, ...]
    threshold_pct: float
    method: str
    flags: tuple[Flag, ...]
    reason: Reason | None

    @property
    def vital_few(self) -> tuple[str, ...]:
        """Labels of the vital few (关键少数), in order."""
        return tuple(bar.label for bar in self.bars if bar.vital)


def _by_label(labels: Iterable[str]) -> list[str]:
    """Labels by number if all are numbers, otherwise by code point."""
    named = [(scalar_key(label), label) for label in labels]
    numbers = [(key, label) for key, label in named if isinstance(key, float)]
    if len(numbers) == len(named):
        return [label for _, label in sorted(numbers)]
    return sorted(label for _, label in named)


def pareto(
    counts: Mapping[str, int], *, other: str | None = None, threshold_pct: float = VITAL_SHARE_PCT
) -> Pareto:
    """Order categories by their number of cases and mark the vital few.

    Parameters
    ----------
    counts : mapping of str to int
        Cases of each category.
    other : str, optional
        Category that comes last whatever its count (其他).
    threshold_pct : float
        Cumulative share that the vital few reach, above 0 and up to 100.

    Returns
    -------
    Pareto
        By falling count, equal counts by label. Without cases (`no_data`) the categories
        stand in order of their labels and none is vital.

    Raises
    ------
    ValueError
        ``negative_count`` or ``bad_threshold``.

    Notes
    -----
    The vital few are the shortest run of categories from the left whose cumulative share
    is at least the threshold; *other* belongs to them only if nothing less suffices.
    A case that has two categories counts in both; the shares are then of mentions. The
    order of categories with similar counts is chance: their intervals overlap.

    References
    ----------
    Juran, J. M. (1975). The non-Pareto principle; mea culpa. *Quality Progress* 8(5), 8-9.

    Examples
    --------
    >>> result = pareto({"a": 1, "b": 2, "other": 3}, other="other", threshold_pct=50)
    >>> [(bar.label, bar.count, round(bar.cum_pct, 3)) for bar in result.bars]
    [('b', 2, 33.333), ('a', 1, 50.0), ('other', 3, 100.0)]
    >>> result.vital_few
    ('b', 'a')
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("negative_count")
    if not 0 < threshold_pct <= 100:
        raise ValueError("bad_threshold")
    # Sorting is stable, so the labels decide between equal counts.
    order = sorted(_by_label(counts), key=lambda label: (label == other, -counts[label]))
    n = sum(counts.values())
    bars, before = [], 0
    for label in order:
        count = counts[label]
        after = before + count
        vital = count > 0 and 100 * before < (threshold_pct - _TOLERANCE) * n
        cumulative = 100 * after / n if n else None
        bars.append(Bar(label, count, proportion(count, n, "pareto"), cumulative, vital))
        before = after
    return Pareto(n, tuple(bars), threshold_pct, "pareto", size_flags(n), None if n else Reason.NO_DATA)
