"""Empty, one, all equal, all missing: never NaN, never infinite, never an exception."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from app.stats.change import index_change, mean_change, nps_change, proportion_change
from app.stats.control import p_chart, u_chart
from app.stats.deadlines import within_deadline
from app.stats.difference import match_ids, paired_t, welch
from app.stats.handling import durations_at, handling_time
from app.stats.index import index_influence, weighted_index
from app.stats.nps import net_promoter
from app.stats.pareto import pareto
from app.stats.rates import compare_rates
from app.stats.scores import csat, customer_effort, descriptive
from app.stats.three_items import three_item_index
from app.stats.tree import Leaf, Node
from app.stats.trend import trend
from app.stats.types import Scale

FIVE = Scale(1, 5)
TREE = (Node("d", 0.5, (Leaf("a", 1.0),)), Leaf("b", 0.5))
COLUMNS = {
    "empty": [],
    "one": [3.0],
    "equal": [3.0] * 7,
    "missing": [math.nan] * 7,
    "one of many": [math.nan, 4.0, math.nan],
    "two": [1.0, 5.0],
    "opposite": [1.0, 5.0] * 20,
}


def numbers(value: Any) -> Iterator[float]:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float | int | np.floating):
        yield float(value)


def assert_finite(value: Any) -> None:
    assert all(map(math.isfinite, numbers(value)))


@pytest.mark.parametrize("x", COLUMNS.values(), ids=COLUMNS)
def test_one_wave(x: list[float]) -> None:
    array = np.array(x)
    results = [
        descriptive(array, FIVE),
        csat(array, FIVE),
        customer_effort(array),
        net_promoter(array),
        three_item_index([array] * 3),
        weighted_index({"a": array, "b": array}, TREE, FIVE),
        trend(array, np.arange(array.size) % 3, 3, FIVE, np.arange(array.size) % 2),
    ]
    assert_finite(results)
    if np.isnan(array).all():
        assert descriptive(array, FIVE).mean.reason == "no_data"
        assert weighted_index({"a": array, "b": array}, TREE, FIVE).total.reason == "no_data"


@pytest.mark.parametrize("new", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("old", COLUMNS.values(), ids=COLUMNS)
def test_two_waves(old: list[float], new: list[float]) -> None:
    x, y = np.array(old), np.array(new)
    for shared in (None, match_ids(np.arange(x.size), np.arange(y.size))):
        before, after = (index_influence({"a": w, "b": w}, TREE, FIVE) for w in (x, y))
        results = [
            mean_change(x, y, shared),
            nps_change(x, y, shared),
            proportion_change(1.0 * (x > 3), 1.0 * (y > 3), shared),
            index_change(before.total, after.total, shared),
            index_change(before.nodes["d"], after.nodes["d"], shared),
            welch(x, y),
        ]
        assert_finite(results)
        for change in (results[0], results[3]):
            assert change.headline.p is not None or change.headline.reason is not None
    same = min(x.size, y.size)
    assert_finite(paired_t(x[:same], y[:same]))


@pytest.mark.parametrize("closed", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("snapshot", [0.0, 3.0, 9.0])
def test_times_of_complaints(closed: list[float], snapshot: float) -> None:
    x = np.array(closed)
    for received in (np.full(x.size, 2.0), np.full(x.size, math.nan), x):
        durations, finished = durations_at(received, x, snapshot)
        times = handling_time(durations, finished)
        deadlines = within_deadline(received + 1, x, snapshot, received)
        assert_finite([times, deadlines, times.open_share(2), times.closed_within(snapshot)])
        assert times.n + times.n_excluded + times.negative_durations == x.size
        for quantile in times.quantiles:
            assert (quantile.value is None) == (quantile.reason is not None)
        assert (deadlines.rate.value is None) == (deadlines.rate.reason is not None)


@pytest.mark.parametrize("counts", [[], [0], [7], [0, 0, 0], [7, 7, 7], [0, 5, 900]])
def test_counts_of_complaints(counts: list[int]) -> None:
    for size in (0, 1000):
        sizes = [size] * len(counts)
        charts = [u_chart(counts, sizes)] if size == 0 else [u_chart(counts, sizes), p_chart(counts, sizes)]
        pairs = [compare_rates(a, size, b, 10) for a in counts for b in counts]
        assert_finite([charts, pairs])
        for chart in charts:
            assert (chart.center is None) == (chart.reason is not None)
        for pair in pairs:
            assert (pair.ratio is None) == (pair.reason is not None)
    assert_finite(pareto({str(at): count for at, count in enumerate(counts)}, other="0"))
