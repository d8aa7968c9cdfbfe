"""Every golden case, through the same runner that reads public case files."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.stats.reference import run_case, run_file

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = ("scores_and_change.json", "complaints.json", "worked_examples.json")
CASES = [case for name in FILES for case in json.loads((GOLDEN / name).read_text(encoding="utf-8"))["cases"]]


def differences(got: Any, expected: Any, case: dict[str, Any], path: str = "") -> list[str]:
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return [f"{path}: {got!r} is no object"]
        return [
            line
            for key, value in expected.items()
            for line in differences(got.get(key, "missing"), value, case, f"{path}.{key}")
        ]
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return [f"{path}: {got!r} is not {expected!r}"]
        return [
            line
            for at, value in enumerate(expected)
            for line in differences(got[at], value, case, f"{path}.{at}")
        ]
    return [] if close(got, expected, case, path) else [f"{path}: {got!r} is not {expected!r}"]


def close(got: Any, expected: Any, case: dict[str, Any], path: str) -> bool:
    if not (isinstance(expected, int | float) and isinstance(got, int | float)):
        return bool(got == expected)
    for field, allowed in case.get("field_tolerance", {}).items():
        if field in path.split("."):
            return abs(got - expected) <= allowed
    tolerance = case["tolerance"]
    return abs(got - expected) <= max(tolerance["abs"], tolerance["rel"] * abs(expected))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden_case(case: dict[str, Any]) -> None:
    got = run_case(case, GOLDEN)
    assert differences(got, case["expected"], case) == []
    json.dumps(got, allow_nan=False)


def test_a_file_is_run_by_case_id() -> None:
    results = run_file(GOLDEN / FILES[0])
    assert results["P24"]["rr1"] == pytest.approx(3 / 7)
    assert not any("error" in result for result in results.values())


def test_the_comparison_itself_notices_a_wrong_figure() -> None:
    case = {"tolerance": {"abs": 1e-6, "rel": 1e-6}, "field_tolerance": {"p": 0.1}}
    assert differences({"a": {"p": 0.3}, "x": 1.00001}, {"a": {"p": 0.25}, "x": 1}, case) == [
        ".x: 1.00001 is not 1"
    ]
