import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.stats.intervals import odds_exact, poisson_exact
from app.stats.rates import binomial_p, compare_rates, event_rate
from app.stats.types import Flag, Reason, Unit

counts = st.integers(0, 80)


def test_worked_example_of_a_rate() -> None:
    result = event_rate(9, 1200)
    assert (result.value, result.unit, result.n) == (7.5, Unit.PER_1000, 1200)
    assert result.ci == pytest.approx((3.43, 14.24), abs=5e-3)
    ten_thousand = event_rate(9, 1200, per=10_000)
    assert (ten_thousand.value, ten_thousand.unit) == (75.0, Unit.PER_10000)
    assert ten_thousand.ci == pytest.approx(result.ci.scaled(10))


@settings(max_examples=30, deadline=None)
@given(counts)
def test_the_poisson_interval_is_the_chi_square_one(count: int) -> None:
    low, high = poisson_exact(count)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 200), st.integers(0, 200))
def test_the_odds_are_those_of_clopper_and_pearson(count: int, rest: int) -> None:
    low, high = odds_exact(count, count + rest)
    if count + rest == 0:
        assert (low, high) == (0.0, None)
        return
    p = stats.binomtest(count, count + rest).proportion_ci(method="exact")
    assert low == pytest.approx(p.low / (1 - p.low))
    assert high == (None if rest == 0 else pytest.approx(p.high / (1 - p.high)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 3000), st.sampled_from([0.5, 0.25, 0.9, 1 / 3, 0.013]))
def test_the_binomial_p_is_that_of_scipy(a: int, b: int, p: float) -> None:
    expected = stats.binomtest(a, a + b, p).pvalue if a + b else 1.0
    assert binomial_p(a, a + b, p) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 25), st.integers(0, 25), st.sampled_from([0.5, 0.25, 0.8, 0.1]))
def test_the_binomial_p_is_the_sum_of_what_is_no_likelier(a: int, b: int, p: float) -> None:
    n = a + b
    likely = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    expected = sum(value for value in likely if value <= likely[a] * (1 + 1e-7))
    assert binomial_p(a, n, p) == pytest.approx(expected)


def test_comparison_turned_round() -> None:
    forth, back = compare_rates(49, 18_500, 36, 16_200), compare_rates(36, 16_200, 49, 18_500)
    assert forth.p == pytest.approx(back.p)
    assert forth.ratio == pytest.approx(1 / back.ratio)
    assert forth.ci == pytest.approx((1 / back.ci.high, 1 / back.ci.low))
    assert (forth.n, forth.unit, forth.flags) == (85, Unit.RATIO, ())


def test_no_events_on_one_side_or_both() -> None:
    none_in_b = compare_rates(5, 1000, 0, 1000)
    assert (none_in_b.ratio, none_in_b.reason) == (None, Reason.ZERO_COUNT)
    assert none_in_b.ci.high is None
    least = 0.025 ** (1 / 5)
    assert none_in_b.ci.low == pytest.approx(least / (1 - least))
    assert none_in_b.p == pytest.approx(2 * 0.5**5)
    none_in_a = compare_rates(0, 1000, 5, 1000)
    assert (none_in_a.ratio, none_in_a.ci.low, none_in_a.reason) == (0.0, 0.0, None)
    assert none_in_a.ci.high == pytest.approx(1 / none_in_b.ci.low)
    nowhere = compare_rates(0, 1000, 0, 10)
    assert (nowhere.p, nowhere.ci, nowhere.reason) == (1.0, (0.0, None), Reason.ZERO_COUNT)


def test_without_customers_there_is_no_rate() -> None:
    empty = event_rate(3, 0)
    assert (empty.value, empty.ci, empty.n, empty.reason) == (None, None, 0, Reason.NO_EXPOSURE)
    result = compare_rates(3, 0, 4, 100)
    assert (result.ratio, result.ci, result.p) == (None, None, None)
    assert (result.reason, result.flags) == (Reason.NO_EXPOSURE, (Flag.SUPPRESS,))


def test_no_complaint_is_a_rate_of_zero_and_not_certain() -> None:
    result = event_rate(0, 1200)
    assert (result.value, result.ci.low, result.reason, result.flags) == (0.0, 0.0, None, ())
    assert result.ci.high == pytest.approx(3.074, abs=1e-3)


def test_very_different_rates_keep_a_p_above_zero() -> None:
    assert 0 < compare_rates(1_000_000, 10_000, 1, 10_000).p < 1e-200


@pytest.mark.parametrize(
    ("count", "exposure", "per", "error"),
    [
        (-1, 10, 1000, "bad_count"),
        (1, -10, 1000, "bad_exposure"),
        (1, math.inf, 1000, "bad_exposure"),
        (1, math.nan, 1000, "bad_exposure"),
        (1, 1e-9, 1000, "bad_exposure"),
        (1, 10, 100, "bad_per"),
    ],
)
def test_bad_numbers_are_refused(count: int, exposure: float, per: int, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        event_rate(count, exposure, per=per)
