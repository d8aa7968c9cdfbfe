"""What the figures of a summary support saying, at their borders."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from app.rules.complaint_findings import (
    MOST,
    Facts,
    Measured,
    Month,
    Moved,
    Ranked,
    Shared,
    Timed,
    causes,
    situation,
)

RATE = Measured(40.0, 30.0, 52.0)
SAME = Moved("no_significant_change", 12.0, -20.0, 60.0)
MANY = Facts(count=40, count_before=35, rate=RATE, moved=SAME)


def codes(facts: Facts) -> list[str]:
    return [one.code for one in situation(facts)]


def ranked(*counts: int, vital: int = 0, **more: Any) -> tuple[Ranked, ...]:
    total, so_far, found = sum(counts), 0, []
    for place, count in enumerate(counts):
        so_far += count
        found.append(Ranked(f"g{place}", count, place < vital, 100 * so_far / total, **more))
    return tuple(found)


@pytest.mark.parametrize(
    ("count", "before", "moved", "code"),
    [
        (40, 35, Moved("rise", 60.0, 20.0, 110.0), "more"),
        (40, 35, Moved("fall", -60.0, -80.0, -20.0), "fewer"),
        (40, 35, SAME, "chance"),
        (40, 35, Moved("not_tested", 5.0, None, None), "not_tested"),
        (40, 35, Moved("no_significant_change", None, None, None), "not_tested"),
        (40, 0, Moved("rise", None, None, None), "none_before_clear"),
        (1, 0, Moved("no_significant_change", None, None, None), "none_before"),
        (0, 0, Moved("not_tested", None, None, None), "both_none"),
        (0, 12, Moved("fall", -100.0, -100.0, -60.0), "fewer"),
        (40, None, SAME, "not_compared"),
        (40, 35, None, "not_compared"),
    ],
)
def test_the_change_is_said_as_far_as_it_was_tested(
    count: int, before: int | None, moved: Moved | None, code: str
) -> None:
    assert codes(replace(MANY, count=count, count_before=before, moved=moved))[1] == code


def test_nothing_received_says_so_and_no_more() -> None:
    nothing = Facts(0, None, Measured(0.0, 0.0, 3.0), None)
    assert codes(nothing) == ["none_received", "not_compared"]


def test_without_customers_there_is_no_rate() -> None:
    assert codes(replace(MANY, rate=Measured(None)))[0] == "received_only"


@pytest.mark.parametrize(
    ("groups", "code", "keys"),
    [
        ((), None, ()),
        (ranked(2, 2), "category_few", ()),
        (ranked(7), "category_one", ("g0",)),
        (ranked(12, 6, 2, vital=2), "category_vital", ("g0", "g1")),
        # The next one has as many as the last of the vital few: which belongs to them would be chance.
        (ranked(12, 4, 4, vital=2), "category_top", ("g0",)),
        (ranked(6, 6, 2, 1), "category_tied", ("g0", "g1")),
        (ranked(3, 3, 3), "category_even", ()),
        (ranked(4, 4, 4, 4, 1), "category_even", ()),
        (ranked(5, 4, 4, 4, 4, 4, vital=5), "category_top", ("g0",)),
    ],
)
def test_a_ranking_names_only_what_stands_out(
    groups: tuple[Ranked, ...], code: str | None, keys: tuple[str, ...]
) -> None:
    found = [one for one in situation(replace(MANY, categories=groups)) if one.code.startswith("category")]
    assert [one.code for one in found] == ([code] if code else [])
    if code:
        assert found[0].keys == keys


def test_a_ranking_with_hidden_groups_is_not_spoken_of() -> None:
    groups = (*ranked(12, 6), Ranked("g9", 0, hidden=True))
    assert not any(code.startswith("category") for code in codes(replace(MANY, categories=groups)))


def test_categories_that_clearly_rise_are_named() -> None:
    groups = (Ranked("a", 20, rises=True), Ranked("b", 5), Ranked("c", 1, rises=True, hidden=False))
    rising = next(one for one in situation(replace(MANY, categories=groups)) if one.code == "rising")
    assert rising.keys == ("a", "c")


@pytest.mark.parametrize(
    ("months", "code"),
    [
        ((Month("2026-09", (), True),), "no_signal"),
        ((Month("2026-09", ("outside_limits",), True),), "signal_high"),
        ((Month("2026-09", ("outside_limits",), False),), "signal_low"),
        ((Month("2026-09", ("run_of_8",), True),), "run_above"),
        ((Month("2026-09", ("run_of_8",), False),), "run_below"),
        ((), None),
        (None, None),
    ],
)
def test_signals_of_the_control_chart(months: tuple[Month, ...] | None, code: str | None) -> None:
    known = {"no_signal", "signal_high", "signal_low", "run_above", "run_below"}
    assert known & set(codes(replace(MANY, months=months))) == ({code} if code else set())


def test_deadlines_count_also_when_nothing_was_received() -> None:
    kept = Shared(3, 4, Measured(75.0, 30.0, 95.0))
    assert codes(replace(MANY, count=0, kept=kept))[2:] == ["kept"]
    assert "kept_overdue" in codes(replace(MANY, kept=kept, overdue=1))
    assert "nothing_due" in codes(MANY)
    assert "nothing_due" not in codes(replace(MANY, cases=False))


@pytest.mark.parametrize(
    ("solved", "code"),
    [
        (Timed(20, 0, 48.0, 90.0), "solved_all"),
        (Timed(20, 3, 48.0, 90.0), "solved"),
        (Timed(20, 8, 48.0, None), "solved_median"),
        (Timed(20, 15, None, None), "median_not_reached"),
        (Timed(0, 0, None, None), None),
    ],
)
def test_times_with_open_cases(solved: Timed, code: str | None) -> None:
    found = {one for one in codes(replace(MANY, solved=solved)) if "solved" in one or "median" in one}
    assert found == ({code} if code else set())


def test_units_stand_apart_only_where_their_interval_does() -> None:
    high = Ranked("a", 20, rate=Measured(90.0, 60.0, 130.0))
    wide = Ranked("b", 4, rate=Measured(95.0, 53.0, 160.0))
    usual = Ranked("c", 16, rate=Measured(38.0, 25.0, 60.0))
    apart = [one for one in situation(replace(MANY, units=(high, usual))) if one.code == "units_above"]
    assert apart[0].keys == ("a",)
    # Four cases are too few to point at a unit, however high its rate.
    assert "units_alike" in codes(replace(MANY, units=(wide, usual)))
    assert not {"units_alike", "units_above"} & set(codes(replace(MANY, units=(high,))))


def test_two_to_eight_whatever_the_figures() -> None:
    kept, share = Shared(30, 36, Measured(83.0, 68.0, 92.0)), Shared(5, 30, Measured(17.0, 7.0, 34.0))
    choices: dict[str, tuple[Any, ...]] = {
        "count": (0, 1, 40),
        "moved": (None, SAME),
        "categories": ((), (Ranked("a", 20, rises=True), Ranked("b", 20))),
        "months": (
            None,
            (
                Month("2026-08", ("outside_limits",), True),
                Month("2026-09", ("run_of_8", "outside_limits"), False),
            ),
        ),
        "kept": (None, kept),
        "solved": (None, Timed(40, 3, 48.0, 90.0)),
        "satisfied": (None, share),
        "again": (None, share),
        "units": ((), (Ranked("a", 20, rate=Measured(90.0, 60.0, 130.0)), Ranked("b", 9, rate=RATE))),
    }
    for chosen in product(*choices.values()):
        found = situation(replace(MANY, **dict(zip(choices, chosen, strict=True))))
        assert 2 <= len(found) <= MOST
        assert found[0].code in ("received", "none_received")


def test_causes() -> None:
    assert causes(MANY) == []
    assert causes(replace(MANY, causes=(), without_cause=0)) == []
    missing = causes(replace(MANY, causes=(), without_cause=4))
    assert [(one.code, one.numbers) for one in missing] == [("cause_missing", {"count": 4, "n": 4})]
    both = causes(replace(MANY, causes=ranked(9, 2, vital=1), without_cause=4))
    assert [one.code for one in both] == ["cause_vital", "cause_missing"]
    assert both[1].numbers == {"count": 4, "n": 15}
