import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.stats.change import Direction, mean_change, nps_change, proportion_change
from app.stats.difference import NOBODY, match_ids
from app.stats.trend import cochran_armitage, mann_kendall, trend
from app.stats.types import Flag, Reason, Scale

FIVE = Scale(1, 5)
varied = st.lists(st.integers(1, 5), min_size=3, max_size=30).filter(lambda x: len(set(x)) > 1)


@settings(max_examples=30, deadline=None)
@given(varied, varied)
def test_without_shared_customers_it_is_welch(old: list[int], new: list[int]) -> None:
    expected = stats.ttest_ind(new, old, equal_var=False)
    for overlap in (None, match_ids([NOBODY] * len(old), [NOBODY] * len(new))):
        test = mean_change(old, new, overlap).headline
        assert test.method == "welch"
        assert (test.t, test.df) == pytest.approx((expected.statistic, expected.df), abs=1e-9)
        assert test.p == pytest.approx(expected.pvalue)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=30))
def test_with_all_shared_it_is_the_paired_test(pairs: list[tuple[int, int]]) -> None:
    old, new = (np.array(wave, dtype=float) for wave in zip(*pairs, strict=True))
    rows = np.arange(len(pairs))
    change = mean_change(old, new, match_ids(rows, rows))
    if np.std(new - old) == 0:
        assert (change.paired.p, change.paired.reason) == (None, Reason.ZERO_VARIANCE)
        assert change.overlapping.p is None
        return
    expected = stats.ttest_rel(new, old)
    for test in (change.overlapping, change.paired):
        assert (test.t, test.df) == pytest.approx((expected.statistic, len(pairs) - 1), abs=1e-9)


def test_ids_match_in_any_order_and_repeats_are_flagged() -> None:
    shared = match_ids([5, 3, 5, NOBODY, 9], [9, NOBODY, 5])
    assert sorted(zip(shared.old.tolist(), shared.new.tolist(), strict=True)) == [(0, 2), (4, 0)]
    assert shared.repeated_ids
    assert Flag.REPEATED_IDS in mean_change([1, 2, 3, 4, 5], [1, 2, 3], shared).flags


def test_pairs_with_a_missing_answer_are_unshared() -> None:
    shared = match_ids([1, 2, 3], [1, 2, 3])
    change = mean_change([1, np.nan, 3], [2, 3, np.nan], shared)
    assert (change.n_overlap, change.n_old, change.overlapping) == (1, 2, None)


def test_directions() -> None:
    low, high = [1, 2, 1, 2, 2, 1], [5, 4, 5, 4, 4, 5]
    assert mean_change(low, high).direction() is Direction.RISE
    assert mean_change(high, low).direction() is Direction.FALL
    assert mean_change(low, high).direction(p=0.2) is Direction.NO_CHANGE
    assert mean_change(low, low).direction() is Direction.NO_CHANGE
    assert mean_change(low[:4], high).direction() is Direction.NOT_TESTED
    assert mean_change([2] * 6, [3] * 6).direction() is Direction.NOT_TESTED


def test_constant_shared_answers_fall_back_to_welch() -> None:
    shared = match_ids([0, 1, 2, 3], [0, 1, 9, 8])
    change = mean_change([3, 3, 1, 5], [4, 5, 4, 2], shared)
    assert change.overlapping.reason is Reason.ZERO_VARIANCE
    assert change.headline is change.independent


def test_nps_change_is_in_nps_points() -> None:
    change = nps_change([10, 10, 0, 0], [10, 10, 10, 8])
    assert (change.mean_old, change.mean_new, change.diff) == (0.0, 75.0, 75.0)


def test_proportions_choose_their_headline_by_what_is_shared() -> None:
    old, new = [1, 0, 0, 0, 1, 0], [1, 1, 1, 0, 1, 1]
    apart = proportion_change(old, new)
    assert (apart.headline_p, apart.headline_ci) == (apart.z_p, apart.newcombe)
    everyone = proportion_change(old, new, match_ids(range(6), range(6)))
    assert (everyone.gain, everyone.loss) == (3, 0)
    assert everyone.headline_p == everyone.mcnemar_p == 0.25
    partly = proportion_change(old, new, match_ids(range(6), range(3, 9)))
    assert partly.headline_p == partly.points.headline.p
    assert apart.direction() is Direction.NO_CHANGE


def test_proportions_without_variance() -> None:
    result = proportion_change([1, 1], [1, 1, 1], match_ids([1, 2], [1, 2, 3]))
    assert (result.z, result.reason, result.mcnemar_p) == (None, Reason.ZERO_VARIANCE, 1.0)
    assert result.newcombe.low < 0 < result.newcombe.high


def test_p_is_never_zero() -> None:
    p = mean_change([1, 2] * 5000, [4, 5] * 5000).headline.p
    assert 0 < p < 1e-100


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=5, max_size=9).filter(lambda x: len(set(x)) > 1))
def test_mann_kendall_agrees_with_kendalltau(values: list[int]) -> None:
    expected = stats.kendalltau(range(len(values)), values)
    got = mann_kendall([value / 7 for value in values])
    assert (got.tau, got.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_mann_kendall_needs_five_periods_and_variance() -> None:
    assert mann_kendall([1, 2, 3, 4]).reason is Reason.TOO_FEW_PERIODS
    assert mann_kendall([2] * 6).reason is Reason.ZERO_VARIANCE


def test_trend_of_a_line_has_a_slope_and_no_error() -> None:
    result = trend([1, 1, 2, 2, 3, 3], [0, 0, 1, 1, 2, 2], 3, FIVE, [1, 2, 1, 2, 1, 2])
    assert (result.slope, result.theil_sen, result.p_hc3) == (1.0, 1.0, None)
    assert result.kendall.reason is Reason.TOO_FEW_PERIODS


def test_trend_of_one_customer_has_no_clusters_to_compare() -> None:
    result = trend([1, 2, 2, 5], [0, 1, 2, 3], 4, FIVE, [7, 7, 7, 7])
    assert (result.se_cluster, result.p_cluster) == (None, None)
    assert result.p_hc3 is not None


def test_trend_in_proportions_without_variance() -> None:
    sizes = np.array([3, 3, 3])
    assert cochran_armitage(sizes, sizes, np.arange(3.0)) is None
    assert cochran_armitage(0 * sizes, 0 * sizes, np.arange(3.0)) is None
    assert math.isclose(cochran_armitage(np.array([0, 1, 3]), sizes, np.arange(3.0)), 6.075)
