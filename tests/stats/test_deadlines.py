import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.deadlines import within_deadline
from app.stats.intervals import wilson
from app.stats.types import Flag, Reason

OPEN = math.nan
moments = st.integers(0, 20)


def test_each_case_has_one_place() -> None:
    deadline = [10, 10, 10, 10, 30, 30, 20]
    closed = [9, 10, 11, OPEN, 5, OPEN, 25]
    result = within_deadline(deadline, closed, snapshot=20)
    assert (result.n, result.due, result.not_yet_due) == (7, 5, 2)
    # Closed at 25 has not happened yet at 20: the case is open and due at this moment.
    assert (result.within, result.closed_late, result.open_overdue) == (2, 1, 2)
    assert result.rate.value == 40.0
    assert result.rate.ci == wilson(2, 5).scaled(100)
    assert (result.rate.n, result.rate.flags) == (5, (Flag.SMALL_N,))


def test_cases_that_came_later_or_have_no_deadline_are_left_out() -> None:
    result = within_deadline([5, 8, math.nan, 9], [2, 7, 1, 8], 9, received=[1, 10, 0, math.nan])
    assert (result.n, result.n_excluded, result.within) == (1, 3, 1)


def test_closed_before_it_came_is_counted_as_given_and_flagged() -> None:
    result = within_deadline([5, 8], [2, 7], 9, received=[3, 4])
    assert (result.within, result.negative_durations) == (2, 1)
    assert Flag.NEGATIVE_DURATIONS in result.rate.flags


def test_nothing_due_is_not_nothing() -> None:
    early = within_deadline([5, 6], [1, OPEN], 4)
    assert (early.rate.value, early.rate.ci, early.not_yet_due) == (None, None, 2)
    assert early.rate.reason is Reason.NOTHING_DUE
    empty = within_deadline([], [], 4)
    assert (empty.n, empty.rate.value, empty.rate.reason) == (0, None, Reason.NO_DATA)


def test_one_case() -> None:
    result = within_deadline([5], [5], 5)
    assert (result.rate.value, result.rate.flags) == (100.0, (Flag.SUPPRESS,))


def test_columns_must_fit() -> None:
    with pytest.raises(ValueError, match="unequal_lengths"):
        within_deadline([1, 2], [1], 3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(moments, moments, st.none() | moments), max_size=20),
    moments,
)
def test_the_places_add_up(cases: list[tuple[int, int, int | None]], snapshot: int) -> None:
    received = np.array([case[0] for case in cases], dtype=float)
    deadline = received + [case[1] for case in cases]
    closed = np.array([OPEN if case[2] is None else case[2] for case in cases], dtype=float)
    result = within_deadline(deadline, closed, snapshot, received)
    assert result.n == sum(case[0] <= snapshot for case in cases)
    assert result.n + result.n_excluded == len(cases)
    assert result.n == result.due + result.not_yet_due
    assert result.due == result.within + result.closed_late + result.open_overdue
    late = sum(
        case[0] + case[1] < case[2] <= snapshot
        for case in cases
        if case[2] is not None and case[0] <= snapshot
    )
    assert result.closed_late == late
