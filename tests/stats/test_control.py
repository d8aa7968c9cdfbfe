import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.control import ControlChart, Signal, p_chart, run_positions, u_chart
from app.stats.types import Flag, Reason, Unit

COUNTS = [12, 15, 9, 14, 11, 18, 13, 10, 16, 12, 35, 14]


def outside(chart: ControlChart) -> tuple[int, ...]:
    return chart.with_signal(Signal.OUTSIDE_LIMITS)


def test_u_chart_finds_the_outlier_and_says_that_it_is_provisional() -> None:
    chart = u_chart(COUNTS, [8700] * 12)
    assert (outside(chart), chart.with_signal(Signal.RUN)) == ((11,), ())
    assert chart.center == pytest.approx(sum(COUNTS) / (12 * 8700))
    assert (chart.flags, chart.unit, chart.n) == ((Flag.PROVISIONAL,), Unit.PER_EXPOSURE, 12)
    assert chart.points[0].ucl == pytest.approx(chart.center + 3 * math.sqrt(chart.center / 8700))
    assert u_chart(COUNTS * 2, [8700] * 24).flags == ()


def test_a_run_is_eight_points_on_one_side() -> None:
    chart = u_chart([9] * 8 + [11] * 9, [100] * 17)
    assert chart.with_signal(Signal.RUN) == (8, 16, 17)
    assert outside(chart) == ()
    assert u_chart([9] * 7 + [11] * 7, [100] * 14).with_signal(Signal.RUN) == ()


def test_points_on_the_center_make_no_run() -> None:
    # 9/0.3 is 30 ten times, but ten times 0.3 do not add up to 3: the center is 30.000000000000004.
    level = u_chart([9] * 10, [0.3] * 10)
    assert level.center > level.points[0].statistic
    assert level.with_signal(Signal.RUN) == ()


def test_a_point_on_the_center_ends_a_run() -> None:
    assert u_chart([11] * 8 + [6, 6], [10] * 10).with_signal(Signal.RUN) == (8,)
    broken = u_chart([11] * 4 + [10] + [11] * 4 + [6, 6], [10] * 11)
    assert (broken.center, broken.with_signal(Signal.RUN)) == (1.0, ())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=40))
def test_runs_are_what_the_last_eight_say(sides: list[int]) -> None:
    expected = tuple(at for at in range(8, len(sides) + 1) if abs(sum(sides[at - 8 : at])) == 8)
    assert run_positions(sides) == expected


def test_a_period_without_customers_is_passed_over() -> None:
    chart = u_chart([9] * 4 + [3] + [9] * 4 + [30], [100] * 4 + [0] + [100] * 4 + [100])
    empty = chart.points[4]
    assert (empty.statistic, empty.lcl, empty.ucl, empty.signals) == (None, None, None, ())
    assert (empty.reason, empty.count) == (Reason.NO_EXPOSURE, 3)
    assert chart.center == pytest.approx((8 * 9 + 30) / 900)
    assert (chart.n, chart.with_signal(Signal.RUN), outside(chart)) == (9, (9,), (10,))
    assert u_chart([1, 2], [10, math.nan]).n == 1


def test_limits_stay_where_a_rate_and_a_share_can_be() -> None:
    low = u_chart([0, 1, 0], [10, 10, 10])
    assert [point.lcl for point in low.points] == [0.0] * 3
    high = p_chart([9, 10, 10], [10, 10, 10])
    assert [point.ucl for point in high.points] == [1.0] * 3
    assert u_chart([30, 20], [10, 10]).points[0].ucl > 1


def test_all_or_nobody_is_on_the_center() -> None:
    for chart in (p_chart([5] * 9, [5] * 9), p_chart([0] * 9, [5] * 9), u_chart([0] * 9, [5] * 9)):
        assert all(point.signals == () for point in chart.points)
        assert chart.points[0].lcl == chart.points[0].ucl == chart.center


def test_p_chart_signals_below_too() -> None:
    chart = p_chart([50] * 10 + [10], [100] * 11)
    assert (outside(chart), chart.unit) == ((11,), Unit.RATE)
    assert chart.points[10].statistic < chart.points[10].lcl


@pytest.mark.parametrize("chart", [u_chart, p_chart])
def test_no_chart_without_data(chart: object) -> None:
    nothing = chart([], [])
    assert (nothing.center, nothing.points, nothing.reason) == (None, (), Reason.NO_DATA)
    unused = chart([0, 0], [0, 0])
    assert (unused.center, unused.n, unused.reason) == (None, 0, Reason.NO_EXPOSURE)
    assert [point.statistic for point in unused.points] == [None, None]
    one = chart([2], [3])
    assert (one.center, one.points[0].signals, one.points[0].flags) == (2 / 3, (), (Flag.SUPPRESS,))


@pytest.mark.parametrize(
    ("counts", "sizes", "error"),
    [
        ([1, 2], [10], "unequal_lengths"),
        ([-1], [10], "negative_count"),
        ([1], [-10], "negative_exposure"),
        ([3], [2], "bad_count"),
    ],
)
def test_bad_numbers_are_refused(counts: list[int], sizes: list[int], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        p_chart(counts, sizes)
