import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.stats.handling import durations_at, handling_time
from app.stats.types import Flag, Reason, Unit

cases = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def columns(rows: list[tuple[int, bool]]) -> tuple[list[int], list[bool]]:
    return [row[0] for row in rows], [row[1] for row in rows]


def exact_quantile(rows: list[tuple[int, bool]], share: Fraction) -> float | None:
    """The rule in whole fractions: nothing rounds."""
    level, open_share, waiting = 1 - share, Fraction(1), None
    for time in sorted({time for time, closed in rows if closed}):
        if waiting is not None:
            return (waiting + time) / 2
        events = sum(closed for t, closed in rows if t == time)
        open_share *= 1 - Fraction(events, sum(t >= time for t, _ in rows))
        if open_share < level:
            return float(time)
        if open_share == level:
            waiting = time
    return None


@settings(max_examples=200, deadline=None)
@given(cases, st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(9, 10), Fraction(1, 3)]))
def test_quantiles_follow_the_rule_exactly(rows: list[tuple[int, bool]], share: Fraction) -> None:
    quantile = handling_time(*columns(rows), shares=[float(share)]).quantiles[0]
    assert quantile.value == exact_quantile(rows, share)
    assert quantile.reason is (Reason.NOT_REACHED if quantile.value is None else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_without_open_cases_the_median_is_the_usual_one(durations: list[int]) -> None:
    result = handling_time(durations, [1] * len(durations))
    assert result.quantiles[0].value == pytest.approx(float(np.median(durations)))


# The interval is undefined where the curve reaches 0, and scipy warns of it.
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@settings(max_examples=60, deadline=None)
@given(cases.filter(lambda rows: any(closed for _, closed in rows)))
def test_curve_and_interval_are_those_of_scipy(rows: list[tuple[int, bool]]) -> None:
    closed = [time for time, done in rows if done]
    still_open = [time for time, done in rows if not done]
    expected = stats.ecdf(stats.CensoredData(closed, right=still_open)).sf
    with np.errstate(all="ignore"):
        limits = expected.confidence_interval(method="log-log")
    result = handling_time(*columns(rows))
    for step in result.steps:
        assert step.open_share == pytest.approx(float(expected.evaluate(step.time)))
        if step.ci is None:
            assert step.open_share == 0
            continue
        assert step.ci.low == pytest.approx(float(limits.low.evaluate(step.time)))
        assert step.ci.high == pytest.approx(float(limits.high.evaluate(step.time)))
        assert 0 < step.ci.low < step.open_share < step.ci.high < 1


def test_worked_example() -> None:
    result = handling_time([2, 4, 6, 8], [1, 0, 1, 1])
    assert (result.n, result.events, result.censored, result.followed_to) == (4, 3, 1, 8.0)
    assert [step[:4] for step in result.steps] == [(2, 4, 1, 0.75), (6, 2, 1, 0.375), (8, 1, 1, 0.0)]
    assert (result.unit, result.flags) == (Unit.CALENDAR_HOURS, (Flag.SUPPRESS,))
    assert handling_time([2], [1], unit=Unit.WORKING_HOURS).quantiles[0].unit is Unit.WORKING_HOURS


def test_limits_of_the_median_are_read_off_their_curves() -> None:
    result = handling_time(list(range(1, 31)), [1] * 30)
    low, high = result.quantiles[0].ci
    assert result.quantiles[0].value == 15.5
    assert next(step.time for step in result.steps if step.ci.low < 0.5) == low
    assert next(step.time for step in result.steps if step.ci.high < 0.5) == high
    # Too few cases to say how long it may take at most.
    assert handling_time([2, 4, 6], [1, 1, 1]).quantiles[0].ci == (2.0, None)


def test_a_level_that_is_reached_and_never_left_has_no_middle() -> None:
    quantile = handling_time([2, 4], [1, 0]).quantiles[0]
    assert (quantile.value, quantile.reason) == (None, Reason.NOT_REACHED)


def test_all_open() -> None:
    result = handling_time([3, 9], [0, 0])
    assert (result.steps, result.events, result.censored, result.reason) == ((), 0, 2, None)
    assert [quantile.value for quantile in result.quantiles] == [None] * 3
    assert result.quantiles[0].ci == (None, None)
    assert result.closed_within(5).value == 0.0
    assert result.closed_within(10).reason is Reason.NOT_OBSERVED


def test_no_cases() -> None:
    result = handling_time([], [])
    assert (result.n, result.steps, result.followed_to, result.reason) == (0, (), None, Reason.NO_DATA)
    assert (result.quantiles[0].ci, result.quantiles[0].reason) == (None, Reason.NO_DATA)
    assert (result.closed_within(1).value, result.closed_within(1).reason) == (None, Reason.NO_DATA)


def test_one_case() -> None:
    result = handling_time([0], [1])
    assert [quantile.value for quantile in result.quantiles] == [0.0] * 3
    assert (result.closed_within(0).value, result.closed_within(0).ci) == (100.0, None)
    assert (result.quantiles[0].ci, result.closed_within(99).value) == ((None, None), 100.0)


def test_negative_and_unknown_durations_are_put_aside_and_counted() -> None:
    result = handling_time([-1, math.nan, 5, 7, 3], [1, 1, math.nan, 1, 0])
    assert (result.n, result.negative_durations, result.n_excluded) == (2, 1, 2)
    assert Flag.NEGATIVE_DURATIONS in result.flags
    assert [step.time for step in result.steps] == [7.0]


def test_the_curve_is_read_between_its_steps() -> None:
    result = handling_time([2, 4, 6, 8] * 10, [1, 0, 1, 1] * 10)
    assert [result.closed_within(t).value for t in (1, 2, 5.9, 6, 8)] == [0, 25, 25, 62.5, 100]
    still_open, closed = result.open_share(3), result.closed_within(3)
    assert closed.ci == pytest.approx((100 * (1 - still_open.ci.high), 100 * (1 - still_open.ci.low)))
    assert (closed.unit, still_open.unit, closed.n) == (Unit.PERCENT, Unit.RATE, 40)
    assert result.open_share(1).ci is None


def test_a_case_lasts_as_long_as_it_stood_at_the_snapshot() -> None:
    durations, finished = durations_at([0, 5, 9, 20, math.nan, 8], [4, math.nan, 12, 30, 3, 6], 10)
    assert durations.tolist()[:3] == [4, 5, 1]
    assert np.isnan(durations[3:5]).all()
    assert np.isnan(finished[3:5]).all()
    assert (durations[5], finished[5]) == (-2, 1)


@pytest.mark.parametrize("shares", [[0], [1], [0.5, math.nan]])
def test_shares_lie_between_nobody_and_everybody(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="bad_share"):
        handling_time([1], [1], shares=shares)


def test_columns_must_fit() -> None:
    with pytest.raises(ValueError, match="unequal_lengths"):
        handling_time([1, 2], [1])
    with pytest.raises(ValueError, match="unequal_lengths"):
        durations_at([1, 2], [1], 3)
