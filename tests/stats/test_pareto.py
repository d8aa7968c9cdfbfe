import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.pareto import pareto
from app.stats.types import Flag, Reason


def order(result: object) -> list[str]:
    return [bar.label for bar in result.bars]


def test_other_is_last_and_ties_go_by_label() -> None:
    result = pareto({"其他": 90, "c": 2, "b": 5, "a": 2}, other="其他")
    assert order(result) == ["b", "a", "c", "其他"]
    assert result.vital_few == ("b", "a", "c", "其他")


def test_number_labels_tie_as_numbers_and_mixed_ones_as_text() -> None:
    assert order(pareto({"10": 1, "9": 1, "2": 1})) == ["2", "9", "10"]
    assert order(pareto({"10": 1, "9": 1, "x": 1})) == ["10", "9", "x"]


def test_exactly_the_threshold_is_enough() -> None:
    assert pareto({"a": 4, "b": 1}).vital_few == ("a",)
    assert pareto({"a": 3, "b": 1, "c": 1}).vital_few == ("a", "b")
    # 100 · 7/30 is no binary fraction: the share must still reach itself.
    assert pareto({"a": 7, **{f"b{i}": 1 for i in range(23)}}, threshold_pct=100 * 7 / 30).vital_few == ("a",)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 9), max_size=8), st.integers(1, 100))
def test_vital_few_are_the_smallest_set(counts: dict[str, int], threshold: int) -> None:
    result = pareto(counts, threshold_pct=threshold)
    total = sum(counts.values())
    assert (result.n, sorted(order(result))) == (total, sorted(counts))
    if not total:
        assert (result.reason, result.vital_few) == (Reason.NO_DATA, ())
        return
    reached = sum(counts[label] for label in result.vital_few)
    least = counts[result.vital_few[-1]]
    assert 100 * reached >= threshold * total > 100 * (reached - least)
    assert result.bars[-1].cum_pct == pytest.approx(100)
    assert sum(bar.share.value for bar in result.bars) == pytest.approx(100)


def test_categories_without_cases_stay_but_are_never_vital() -> None:
    result = pareto({"a": 3, "b": 0}, threshold_pct=100)
    assert (order(result), result.vital_few) == (["a", "b"], ("a",))
    assert result.flags == (Flag.SUPPRESS,)


def test_nothing_to_order() -> None:
    for counts in ({}, {"b": 0, "a": 0}):
        result = pareto(counts, other="b")
        assert (result.n, order(result), result.reason) == (0, sorted(counts), Reason.NO_DATA)
        assert all(bar.cum_pct is None and bar.share.value is None for bar in result.bars)


def test_one_case() -> None:
    result = pareto({"other": 1}, other="other")
    assert (result.vital_few, result.bars[0].cum_pct) == (("other",), 100.0)


@pytest.mark.parametrize("threshold", [0, -5, 100.5, float("nan")])
def test_threshold_must_be_a_share(threshold: float) -> None:
    with pytest.raises(ValueError, match="bad_threshold"):
        pareto({"a": 1}, threshold_pct=threshold)


def test_counts_are_not_negative() -> None:
    with pytest.raises(ValueError, match="negative_count"):
        pareto({"a": -1})
