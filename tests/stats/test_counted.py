"""Figures made from counted answers are those made from the answers one by one."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from app.stats.change import mean_change, proportion_change
from app.stats.counted import Counted, counted_descriptive, counted_mean_change, counted_proportion_change
from app.stats.difference import match_ids
from app.stats.scores import descriptive
from app.stats.types import FloatArray, IntArray, Scale

SCALE = Scale(1, 5)
POINTS = np.arange(1.0, 6.0)


def counts(answers: FloatArray) -> IntArray:
    return np.array([np.count_nonzero(answers == point) for point in POINTS])


def numbers(value: Any) -> list[Any]:
    """All leaves of a result, in order."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in numbers(part)]
    if isinstance(value, list | tuple):
        return [leaf for part in value for leaf in numbers(part)]
    return [value]


def assert_same(one: Any, other: Any) -> None:
    for left, right in zip(numbers(asdict(one)), numbers(asdict(other)), strict=True):
        assert (left == pytest.approx(right, rel=1e-9)) if isinstance(left, float) else left == right


def waves(seed: int) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Answers of two waves, some missing, with the customers' numbers: from nobody shared to everybody."""
    rng = np.random.default_rng(seed)
    n_old, n_new = rng.integers(0, 40, 2)
    old, new = (rng.choice([*POINTS, np.nan], n) for n in (n_old, n_new))
    if seed % 5 == 0:
        old[:], new[:] = 4.0, 4.0
    first = int(rng.integers(0, 50))
    return old, new, np.arange(n_old), np.arange(first, first + n_new)


@pytest.mark.parametrize("seed", range(60))
def test_changes_of_counts_are_changes_of_answers(seed: int) -> None:
    old, new, old_ids, new_ids = waves(seed)
    overlap = match_ids(old_ids, new_ids)
    table = np.zeros((5, 5), dtype=np.int64)
    for before, now in zip(old[overlap.old], new[overlap.new], strict=True):
        if not np.isnan(before + now):
            table[int(before) - 1, int(now) - 1] += 1
    counted = Counted(counts(old), counts(new), table, overlap.repeated_ids)
    assert_same(counted_mean_change(counted, POINTS), mean_change(old, new, overlap))
    true = np.greater_equal(POINTS, SCALE.top_box)
    one, other = ((wave >= SCALE.top_box) + 0.0 * wave for wave in (old, new))
    assert_same(counted_proportion_change(counted, true), proportion_change(one, other, overlap))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("scale", [SCALE, Scale(1, 5, (0.0, 30.0, 60.0, 80.0, 100.0))])
def test_descriptives_of_counts_are_those_of_answers(seed: int, scale: Scale) -> None:
    answers = waves(seed)[0]
    excluded = int(np.isnan(answers).sum())
    assert_same(counted_descriptive(counts(answers), scale, excluded), descriptive(answers, scale))
