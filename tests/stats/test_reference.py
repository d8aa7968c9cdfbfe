"""The case runner: its vocabulary is closed, and a bad case is reported, never raised."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.reference import MEASURES, run_case, run_file

HERE = Path(__file__).parent
CSAT = {"inline": {"q": [5, 4, 4, 3, 2]}, "column": "q", "scale": [1, 5]}
YOY = {
    "inline": {"s": [1, 2, 3, 4], "w": [1, 1, 2, 2]},
    "column": "s",
    "period": "w",
    "old": 1,
    "new": "2",
}

KM = {
    "inline": {"in": ["2025-01-01 08:00"], "out": [None]},
    "received": "in",
    "closed": "out",
    "snapshot": "2025-01-02 08:00",
}
RATE = {"count": 3, "exposure_thousands": 1.5}


def run(measure: str, inputs: Any, **case: Any) -> dict[str, Any]:
    return run_case({"measure": measure, "inputs": inputs, **case}, HERE)


@pytest.mark.parametrize(
    ("measure", "inputs", "error"),
    [
        ("chi", {}, "unknown_measure: chi"),
        ("csat", None, "bad_key: inputs"),
        ("csat", {**CSAT, "satisfied": [5]}, "unknown_key: satisfied"),
        ("csat", {"inline": {"q": [1]}, "column": "q"}, "missing_key: scale"),
        ("csat", {**CSAT, "scale": [5, 1]}, "bad_key: scale"),
        ("csat", {**CSAT, "scale": [1, 5.5]}, "bad_key: scale"),
        ("csat", {**CSAT, "column": "x"}, "unknown_column: x"),
        ("csat", {**CSAT, "inline": {"q": [1], "r": []}}, "bad_key: inline (unequal lengths)"),
        ("csat", {**CSAT, "codes": {"blank": [1]}}, "bad_key: codes"),
        ("csat", {**CSAT, "reverse": ["q"]}, "unknown_key: reverse"),
        ("csat", {"column": "q", "scale": [1, 5]}, "bad_data: None"),
        ("descriptive", {**CSAT, "reverse": ["z"]}, "bad_key: reverse (z)"),
        ("yoy_mean", {**YOY, "reverse": ["s"]}, "missing_key: scale"),
        ("yoy_mean", {**YOY, "old": [1]}, "bad_key: old"),
        ("ces", {**CSAT, "easy_is_high": 1}, "bad_key: easy_is_high"),
        ("response_rate", {"I": 1.5}, "bad_key: I"),
        ("acsi", {**CSAT, "column": "q"}, "missing_key: items"),
        ("acsi", {**CSAT, "items": []}, "bad_key: items"),
        ("acsi", {**CSAT, "items": ["q"], "weights": 3}, "bad_key: weights"),
        ("acsi", {**CSAT, "items": ["q"], "weights": [True]}, "bad_key: weights"),
        ("csat", {**CSAT, "inline": {"q": 3}}, "bad_key: inline"),
        ("csat", {**CSAT, "codes": {"skipped": 9}}, "bad_key: codes"),
        ("csat", {**CSAT, "column": 7}, "bad_key: column"),
        ("csat", {**CSAT, "scale": None}, "bad_key: scale"),
        ("csat", {**CSAT, "scale": 5}, "bad_key: scale"),
        ("descriptive", {**CSAT, "reverse": "q"}, "bad_key: reverse"),
        ("weighted_index", {**CSAT, "tree": {}}, "bad_key: tree"),
        ("weighted_index", {**CSAT, "tree": [7]}, "bad_key: tree"),
        ("weighted_index", {**CSAT, "tree": [{"column": "q"}]}, "bad_key: tree"),
        (
            "weighted_index",
            {**CSAT, "tree": [{"column": "q", "weight": 1}], "leaf": "mean"},
            "bad_key: leaf",
        ),
        ("yoy_proportion", {**YOY, "condition": "s"}, "bad_key: condition"),
        (
            "yoy_proportion",
            {**YOY, "condition": {"column": "s", "op": "~", "value": 1}},
            "bad_key: condition",
        ),
        (
            "yoy_proportion",
            {**YOY, "condition": {"column": "s", "op": "==", "value": None}},
            "bad_key: condition",
        ),
        ("trend", {**YOY, "scale": [1, 5], "order": [1, "1"]}, "bad_key: order"),
        ("trend", {**YOY, "scale": [1, 5], "order": 1}, "bad_key: order"),
        ("response_rate", {"I": 10**400}, "bad_key: I"),
        ("pareto", {**CSAT, "other_last": ["x"]}, "bad_key: other_last"),
        ("pareto", {"inline": {"q": ["a"]}, "column": "q", "threshold_pct": 0}, "bad_input: bad_threshold"),
        ("within_deadline", KM, "missing_key: deadline_hours"),
        ("handling_time_km", {**KM, "snapshot": "2025-01-02"}, "bad_key: snapshot"),
        ("handling_time_km", {**KM, "at": 3}, "bad_key: at"),
        ("handling_time_km", {**KM, "unit": 3}, "bad_key: unit"),
        ("handling_time_km", {**KM, "time": "in"}, "missing_key: event"),
        (
            "handling_time_km",
            {**KM, "time": "in", "event": {"column": "out", "op": "==", "value": 1}},
            "unknown_key: closed, received, snapshot",
        ),
        ("handling_time_km", {**KM, "time": "in", "event": "out"}, "bad_key: condition"),
        ("u_chart", {"counts": [1, -2], "exposure": [1, 2]}, "bad_key: counts"),
        ("u_chart", {"counts": [1], "exposure": [1, 2]}, "bad_input: unequal_lengths"),
        ("u_chart", {"counts": 7, "exposure": [1]}, "bad_key: counts"),
        ("p_chart", {"counts": [3], "sizes": [2]}, "bad_input: bad_count"),
        ("p_chart", {"counts": [3], "sizes": [2.5]}, "bad_key: sizes"),
        ("complaint_rate", {**RATE, "exposure_thousands": -1}, "bad_input: bad_exposure"),
        ("complaint_rate", {**RATE, "compare": [1, 2]}, "bad_key: compare"),
        ("complaint_rate", {**RATE, "compare": {"counts": [1, 2]}}, "missing_key: exposure_thousands"),
        (
            "complaint_rate",
            {**RATE, "compare": {"counts": [1], "exposure_thousands": [1, 2]}},
            "bad_key: compare",
        ),
        (
            "complaint_rate",
            {**RATE, "compare": {"counts": [1, 2], "exposure_thousands": [1, 2], "n": 2}},
            "unknown_key: n",
        ),
    ],
)
def test_bad_inputs_are_named(measure: str, inputs: Any, error: str) -> None:
    assert run(measure, inputs) == {"error": error}


@pytest.mark.parametrize("name", ["../golden/waves.csv", "", "nowhere.csv", 7])
def test_data_lies_beside_the_file(name: object) -> None:
    result = run("csat", {"column": "q", "scale": [1, 5]}, data=name)
    assert result["error"].split(":")[0] in ("bad_data", "unreadable_data")


def test_tree_weights_must_sum_to_one() -> None:
    tree = [{"column": "q", "weight": 0.7}]
    result = run("weighted_index", {"inline": {"q": [1]}, "tree": tree, "scale": [1, 5]})
    assert result == {"error": "bad_input: weights_not_one"}


def test_one_bad_case_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\ufeff'q',q\n1,５\n2\n", encoding="utf-8")
    inputs = {"column": "q", "scale": [1, 5]}
    cases = [7, {"id": "good", "measure": "csat", "inputs": inputs, "data": "a.csv"}]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    results = run_file(path)
    assert results["#1"] == {"error": "bad_case: not an object"}
    assert (results["good"]["n"], results["good"]["csat_pct"]) == (1, 100.0)


def test_labels_compare_as_numbers_if_both_are_numbers() -> None:
    assert run("yoy_mean", YOY)["diff"] == 2.0


def test_condition_leaves_out_what_is_not_valid() -> None:
    inline = {"w": [1, 1, 1, 2, 2, 2], "s": ["open", "shut", None, "shut", "shut", -9]}
    inputs = {
        "inline": inline,
        "condition": {"column": "s", "op": "in", "value": ["shut"]},
        "period": "w",
        "old": 1,
        "new": 2,
    }
    result = run("yoy_proportion", inputs)
    assert (result["n_old"], result["n_new"], result["diff"]) == (2, 2, 50.0)


@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_condition_operators(op: str) -> None:
    inputs = {
        "inline": {"w": [1, 1, 1, 2], "s": [3, 4, "x", 4]},
        "condition": {"column": "s", "op": op, "value": 4},
        "period": "w",
        "old": 1,
        "new": 2,
    }
    result = run("yoy_proportion", inputs)
    assert (result["n_old"], result["mean_new"]) == (2, 100.0 if "=" in op and op != "!=" else 0.0)


def test_trend_in_a_given_order_names_empty_periods() -> None:
    inline = {"p": ["q1", "q2", "q3", "q3"], "s": [1, 2, 3, 5]}
    inputs = {
        "inline": inline,
        "column": "s",
        "scale": [1, 5],
        "period": "p",
        "order": ["q3", "q1", "q4"],
    }
    result = run("trend", inputs)
    assert result["period_means"] == {"q3": 4.0, "q1": 1.0, "q4": None}
    assert (result["slope"], result["reason"]) == (None, "too_few_periods")


def test_labels_that_are_not_all_numbers_are_ordered_by_code_point() -> None:
    inline = {"p": ["b", 2.0, "a", 10], "s": [1, 2, 3, 5]}
    result = run("trend", {"inline": inline, "column": "s", "scale": [1, 5], "period": "p"})
    assert list(result["period_means"]) == ["10", "2", "a", "b"]


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="no_cases"):
        run_file(path)


def test_text_is_ordered_as_text() -> None:
    condition = {"column": "s", "op": ">=", "value": "b"}
    inline = {"w": [1, 1, 2, 2], "s": ["a", "b", "c", "7"]}
    inputs = {"inline": inline, "condition": condition, "period": "w", "old": 1, "new": 2}
    result = run("yoy_proportion", inputs)
    assert (result["mean_old"], result["mean_new"]) == (50.0, 50.0)


def test_paired_mean_without_shared_customers_says_so() -> None:
    inline = {**YOY["inline"], "c": ["a", "b", "c", "a"]}
    one = run("paired_mean", {**YOY, "inline": inline, "id": "c"})
    assert (one["n"], one["t"], one["reason"]) == (1, None, "too_few_cases")


def test_pareto_orders_ties_and_knows_other_in_any_spelling() -> None:
    inline = {"k": ["10", 9, "９", None, -8, " 其他 ", "其他", "其他", "10", "b"]}
    result = run("pareto", {"inline": inline, "column": "k", "other_last": "其他"})
    assert (result["order"], result["counts"]) == (["10", "9", "b", "其他"], [2, 2, 1, 3])
    numbers = run("pareto", {"inline": {"k": [10, 9, 2.5]}, "column": "k", "other_last": "none"})
    assert (numbers["order"], numbers["vital_few"]) == (["2.5", "9", "10"], ["2.5", "9", "10"])
    empty = run("pareto", {"inline": {"k": [None, ""]}, "column": "k"})
    assert (empty["order"], empty["reason"]) == ([], "no_data")


def test_deadlines_in_parts_of_hours_compare_exactly() -> None:
    inline = {
        "in": ["2025-01-01 08:00"] * 5,
        "h": [1.1, 1.1, 24, "soon", 24],
        "out": ["2025-01-01 09:06", "2025-01-01 09:07", "2025-01-03 08:00", None, "never"],
    }
    columns = {"received": "in", "deadline_hours": "h", "closed": "out"}
    inputs = {"inline": inline, **columns, "snapshot": "2025-01-02 08:00"}
    result = run("within_deadline", inputs)
    assert (result["n"], result["n_excluded"], result["denominator"]) == (3, 2, 3)
    assert (result["within_deadline"], result["closed_late"], result["open_overdue"]) == (1, 1, 1)
    early = run("within_deadline", {**inputs, "snapshot": "2025-01-01 09:00"})
    assert (early["within_deadline_pct"], early["reason"]) == (None, "nothing_due")


def test_handling_time_at_a_snapshot() -> None:
    inline = {
        "in": ["2025-01-01 08:00"] * 4 + ["2025-01-09 08:00", "2025-01-02 08:00", "tomorrow"],
        "out": ["2025-01-01 10:30", "2025-01-05 08:00", None, "?", None, "2025-01-01 08:00", None],
    }
    inputs = {**KM, "inline": inline, "snapshot": "2025-01-04 08:00", "at": [2.5, 24, 100]}
    result = run("handling_time_km", inputs)
    assert (result["n"], result["events"], result["censored"]) == (3, 1, 2)
    assert (result["negative_durations"], result["n_excluded"]) == (1, 3)
    assert result["surv_at"] == {"2.5": pytest.approx(2 / 3), "24": pytest.approx(2 / 3), "100": None}
    assert (result["median"], result["reason"]) == (None, "not_reached")
    assert result["median_ci"] == [2.5, None]


def test_handling_time_from_durations_and_a_state_in_words() -> None:
    inline = {"t": [2, 4, 6, 8, 5, -3], "state": ["done", "open", "done", "done", None, "done"]}
    inputs = {
        "inline": inline,
        "time": "t",
        "event": {"column": "state", "op": "==", "value": "done"},
        "unit": "days",
    }
    result = run("handling_time_km", inputs)
    assert (result["median"], result["unit"], result["n_excluded"]) == (6.0, "days", 1)
    assert (result["negative_durations"], result["flags"]) == (1, ["suppress", "negative_durations"])
    assert "surv_at" not in result


def test_rates_and_charts_without_customers() -> None:
    compare = {"counts": [5, 0], "exposure_thousands": [1, 1]}
    result = run("complaint_rate", {"count": 3, "exposure_thousands": 0, "compare": compare})
    assert (result["rate_per_1000"], result["ci"], result["reason"]) == (None, None, "no_exposure")
    assert (result["rate_ratio"], result["rate_ratio_ci"][1], result["rate_ratio_p"]) == (None, None, 0.0625)
    chart = run("u_chart", {"counts": [1, 2], "exposure": [0, 100]})
    assert (chart["center"], chart["ucl"][0], chart["reason"]) == (0.02, None, "no_exposure")
    assert "provisional" in chart["flags"]


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 11) | st.floats() | st.sampled_from(["q", "w", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["q", "w", "column", "weight", "op"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = (
    *("column", "scale", "items", "tree", "condition", "period", "old", "new", "id", "codes"),
    *("counts", "exposure", "sizes", "count", "exposure_thousands", "compare", "time", "event", "at"),
)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(MEASURES)), st.dictionaries(st.sampled_from(KEYS), junk))
def test_any_inputs_give_json(measure: str, inputs: dict[str, Any]) -> None:
    result = run(measure, {"inline": {"q": [1, None, 5], "w": [1, 1, 2]}, **inputs})
    json.dumps(result, allow_nan=False)
