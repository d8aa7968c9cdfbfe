"""Intervals, several tests at once, disclosure, response rates."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from app.stats.adjust import benjamini_hochberg, holm
from app.stats.grouping import Disclosure, disclose
from app.stats.intervals import logit_t, newcombe, t_p_value, wilson, z_p_value
from app.stats.response import Completion, Dispositions, completion, response_rates
from app.stats.types import Interval, Reason

probabilities = st.lists(st.floats(1e-9, 1), min_size=1, max_size=12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 50), st.integers(1, 50))
def test_wilson_is_the_library_interval(count: int, n: int) -> None:
    count = min(count, n)
    expected = stats.binomtest(count, n).proportion_ci(method="wilson")
    assert wilson(count, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_intervals_without_data() -> None:
    assert wilson(0, 0) is None
    assert newcombe(0, 0, 1, 2) is None
    assert logit_t(0.5, 0.1, 0, 10) is None


def test_design_proportion_at_its_ends_is_wilson() -> None:
    assert logit_t(1.0, 0.0, 30, 25) == wilson(25, 25)
    assert logit_t(0.0, 0.0, 30, 25) == wilson(0, 25)


def test_intervals_are_clipped_only_for_display() -> None:
    assert Interval(-3.0, 104.0).clip(0, 100) == (0, 100)


def test_p_values_do_not_underflow() -> None:
    assert z_p_value(60) > 0
    assert t_p_value(1e9, 1e6) > 0
    assert (z_p_value(0), t_p_value(0, 3)) == (1.0, 1.0)


@settings(max_examples=30, deadline=None)
@given(probabilities)
def test_benjamini_hochberg_is_the_library_rule(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(tuple(stats.false_discovery_control(p)))


@settings(max_examples=30, deadline=None)
@given(probabilities)
def test_holm_lies_between_p_and_bonferroni(p: list[float]) -> None:
    for raw, adjusted in zip(p, holm(p), strict=True):
        assert raw <= adjusted <= min(1.0, len(p) * raw) + 1e-15


def test_missing_tests_do_not_count() -> None:
    assert holm([None, 0.02, None]) == (None, 0.02, None)
    assert benjamini_hochberg([]) == ()


def test_one_hidden_group_takes_the_next_smallest_with_it() -> None:
    states = disclose([50, 4, 30, 6, 6])
    assert states[1] is Disclosure.SUPPRESS
    assert states[3] is Disclosure.SUPPRESS_SECONDARY
    assert states[4] is Disclosure.SMALL_N
    assert not states[0].hidden


def test_hidden_groups_that_are_tiny_together_take_another() -> None:
    assert sum(state.hidden for state in disclose([1, 2, 40, 50])) == 3
    assert sum(state.hidden for state in disclose([3, 2, 40, 50])) == 2


def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="negative_count"):
        disclose([3, -1])
    with pytest.raises(ValueError, match="negative_count"):
        response_rates(Dispositions(-1))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 60), max_size=8))
def test_subtraction_never_finds_fewer_than_five(ns: list[int]) -> None:
    states = disclose(ns)
    hidden = [n for n, state in zip(ns, states, strict=True) if state.hidden]
    if hidden and any(n and not state.hidden for n, state in zip(ns, states, strict=True)):
        assert len(hidden) > 1
        assert sum(hidden) >= 5
    assert all(state.hidden for n, state in zip(ns, states, strict=True) if 0 < n < 5)


def test_response_rates_without_cases_or_eligibility() -> None:
    empty = response_rates(Dispositions(0))
    assert (empty.e, empty.rr1.value, empty.rr1.reason) == (None, None, Reason.NO_DATA)
    unknown = response_rates(Dispositions(0, unknown_other=7))
    assert (unknown.rr1.value, unknown.rr3.value) == (0.0, None)


def test_response_rates_have_intervals() -> None:
    rates = response_rates(Dispositions(50, 10, 20, 15, 0, 0, 5, 5))
    assert rates.rr1.ci == wilson(50, 100)
    assert rates.rr3.ci == wilson(50, 95 + 0.95 * 5)
    assert math.isclose(rates.coop1.value, 0.625)


@pytest.mark.parametrize(
    ("answered", "shown", "state"),
    [(4, 5, "complete"), (79, 100, "partial"), (1, 2, "partial"), (49, 100, "break_off")],
)
def test_completion(answered: int, shown: int, state: str) -> None:
    assert completion(answered, shown) is Completion(state)
