import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.nps import net_promoter, nps_values
from app.stats.scores import csat, customer_effort, descriptive, mean_estimate
from app.stats.status import (
    ABSENT,
    DOCUMENT_CODES,
    Unanswered,
    fill_skipped,
    read_column,
    status_counts,
)
from app.stats.three_items import three_item_index
from app.stats.types import Flag, Reason, Scale, Unit

FIVE = Scale(1, 5)
nps_answers = st.lists(st.one_of(st.integers(0, 10), st.just(math.nan)), max_size=60)


def test_worked_example_of_a_question() -> None:
    result = descriptive([5, 4, 4, 3, 2], FIVE)
    assert result.mean.ci == pytest.approx((2.184, 5.016), abs=5e-4)
    assert result.top2.ci == pytest.approx((23.1, 88.2), abs=0.05)
    assert result.flags == (Flag.SMALL_N,)


def test_score_rate_and_index_differ() -> None:
    result = descriptive([4.0] * 40, FIVE)
    assert (result.score_rate.value, result.score_rate.unit) == (80.0, Unit.SCORE_RATE)
    assert (result.index.value, result.index.unit) == (75.0, Unit.INDEX)


def test_score_map_changes_scores_but_not_boxes() -> None:
    stars = Scale(1, 5, (0.0, 30.0, 60.0, 80.0, 100.0))
    result = descriptive([5, 4, 3], stars)
    assert result.mean.value == pytest.approx(80)
    assert result.score_rate.value == pytest.approx(80)
    assert result.top2_count == 2
    assert [share.count for share in result.distribution] == [0, 0, 1, 1, 1]


def test_three_point_scale_has_one_top_box() -> None:
    assert descriptive([3, 2, 2, 1], Scale(1, 3)).top2.value == 25.0


def test_csat_counts_the_points_it_is_told() -> None:
    assert csat([3, 2, 2, 1], Scale(1, 3)).value == 75.0
    assert csat([5, 4, 3, np.nan], FIVE, [3, 5]).value == pytest.approx(200 / 3)


def test_effort_turned_round_is_the_same_effort() -> None:
    easy_high = customer_effort([7, 6, 5, 2])
    easy_low = customer_effort([1, 2, 3, 6], easy_is_high=False)
    assert easy_high == easy_low


@pytest.mark.parametrize("weights", [[1, 1], [0, 0, 0], [1, -1, 1], [1, math.nan, 1]])
def test_index_of_three_items_refuses_bad_weights(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="bad_weights"):
        three_item_index([[5], [5], [5]], weights=weights)


def test_index_of_three_items_needs_every_item() -> None:
    result = three_item_index([[5, 6], [7, 8], [np.nan, np.nan]])
    assert (result.index.value, result.index.reason) == (None, Reason.NO_DATA)
    assert result.item_means == (5.5, 7.5, None)


def test_all_equal_answers_are_flagged_and_have_no_width() -> None:
    result = mean_estimate([0.1] * 50)
    assert (result.value, result.se, result.ci) == (0.1, 0.0, (0.1, 0.1))
    assert Flag.ZERO_VARIANCE in result.flags


def test_score_rate_needs_a_positive_full_score() -> None:
    result = descriptive([-2, -1], Scale(-3, 0))
    assert (result.score_rate.value, result.score_rate.reason) == (
        None,
        Reason.UNDEFINED_FOR_SCALE,
    )
    assert result.index.value == pytest.approx(50)


def test_tables_are_no_columns() -> None:
    with pytest.raises(ValueError, match="not_one_dimensional"):
        mean_estimate([[1.0, 2.0], [3.0, 4.0]])


def test_infinite_values_are_not_valid() -> None:
    assert mean_estimate([1.0, math.inf, 3.0]).value == 2.0


@pytest.mark.parametrize("scores", [(1.0, 2.0), (1.0, 1.0, 1.0), (1.0, math.nan, 2.0)])
def test_scale_refuses_scores_that_do_not_fit(scores: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="bad_scale"):
        Scale(1, 3, scores)


@settings(max_examples=30, deadline=None)
@given(nps_answers)
def test_nps_is_a_plain_recount(answers: list[float]) -> None:
    known = [answer for answer in answers if answer == answer]
    result = net_promoter(answers)
    up, down = sum(a >= 9 for a in known), sum(a <= 6 for a in known)
    assert (result.promoters, result.detractors, result.n) == (up, down, len(known))
    if not known:
        assert (result.nps.value, result.nps.reason) == (None, Reason.NO_DATA)
        return
    assert result.nps.value == pytest.approx(100 * (up - down) / len(known))
    assert result.nps.value == pytest.approx(float(np.nanmean(nps_values(answers))))
    assert -100 <= result.nps.ci.low < result.nps.ci.high <= 100


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.integers(1, 5), st.just(math.nan)), max_size=60))
def test_counts_add_up(answers: list[float]) -> None:
    result = descriptive(answers, FIVE)
    assert sum(share.count for share in result.distribution) == result.n
    assert result.n + result.n_excluded == len(answers)
    if result.n:
        assert sum(share.pct for share in result.distribution) == pytest.approx(100)


def test_states_of_an_answer() -> None:
    cells = [5, "4", " ３ ", None, "", -8, "-9", 6, 2.5, "x", "nan", True, float("nan"), "1e999"]
    column = read_column(cells, FIVE)
    counts = status_counts(column)
    assert (counts.valid, counts.skipped, counts.not_applicable, counts.not_shown) == (3, 2, 1, 1)
    assert (counts.invalid, counts.shown) == (7, 13)
    assert np.isnan(column.values).sum() == 11


def test_truth_values_are_not_ones() -> None:
    assert list(read_column([True, 1, [1], 10**400], FIVE).status) == [4, 0, 4, 4]


def test_answer_documents_tell_skipped_from_not_shown() -> None:
    documents = [{"q": 4}, {"q": None}, {"q": "na"}, {}, {"q": -8}]
    cells = [document.get("q", ABSENT) for document in documents]
    counts = status_counts(read_column(cells, FIVE, DOCUMENT_CODES))
    assert (counts.valid, counts.skipped, counts.not_applicable, counts.not_shown) == (1, 1, 1, 1)
    assert counts.invalid == 1


def test_declared_rule_for_skipped_items_fills_only_those() -> None:
    column = read_column([4, None, -8, -9, 7], FIVE)
    assert np.nansum(fill_skipped(column, Unanswered.ZERO, FIVE)) == 4
    assert descriptive(fill_skipped(column, Unanswered.ZERO, FIVE), FIVE).mean.value == 2.0
    assert fill_skipped(column, Unanswered.EXCLUDE, FIVE) is column.values
