"""What the figures of a summary of complaints support saying: codes with numbers, worded elsewhere.

Nothing is said that the figures do not carry: a change is one only where it was tested and is clear; a ranking is
silent about ties and about handfuls; units are set apart only where their intervals are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST = 8
# A ranking of fewer cases would rank chance.
FEWEST_RANKED = 5
MOST_NAMED = 3


@dataclass(frozen=True)
class Measured:
    """A value with its 95 % interval; `value` None when there is nothing to divide by."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Moved:
    """A change against the period before, in percent of it; `direction` as in the summary."""

    direction: str
    percent: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Ranked:
    """One category, cause or unit; `hidden` when this reader must not see it."""

    key: str
    count: int
    vital: bool = False
    cumulated: float | None = None
    rises: bool = False
    rate: Measured = Measured(None)
    hidden: bool = False


@dataclass(frozen=True)
class Month:
    """A month of the period on the control chart."""

    code: str
    signals: tuple[str, ...]
    above: bool


@dataclass(frozen=True)
class Timed:
    """How long solutions took, in hours; `open` of `n` are not solved yet."""

    n: int
    open: int
    median: float | None
    ninety: float | None


@dataclass(frozen=True)
class Shared:
    """`count` of `n`, in percent."""

    count: int
    n: int
    share: Measured


@dataclass(frozen=True)
class Facts:
    """The figures that can be spoken of. What is None was not counted, or is not shown to this reader."""

    count: int
    count_before: int | None
    rate: Measured
    moved: Moved | None
    cases: bool = True  # complaints have clocks and causes; praise and suggestions do not
    categories: tuple[Ranked, ...] = ()
    causes: tuple[Ranked, ...] | None = None
    without_cause: int = 0
    units: tuple[Ranked, ...] = ()
    months: tuple[Month, ...] | None = None
    provisional: bool = False
    kept: Shared | None = None
    overdue: int = 0
    solved: Timed | None = None
    satisfied: Shared | None = None
    again: Shared | None = None


@dataclass(frozen=True)
class Finding:
    """One sentence to be. `weight`: of more than can be said, the lightest are left out."""

    code: str
    weight: int
    numbers: dict[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


def situation(facts: Facts) -> list[Finding]:
    """Two to eight findings about the period, in the order of reading."""
    found = [_received(facts), _change(facts)]
    if facts.count:
        found += [
            *ranking(facts.categories, "category"), *_rising(facts), *_chart(facts), *_kept(facts),
            *_solved(facts), *_satisfied(facts), *_again(facts), *_apart(facts),
        ]  # fmt: skip
    elif facts.kept is not None:
        # Deadlines of earlier complaints may fall into a quiet period.
        found += _kept(facts)
    heaviest = sorted(found, key=lambda one: -one.weight)[:MOST]
    return [one for one in found if one in heaviest]


def causes(facts: Facts) -> list[Finding]:
    """What is said about root causes: none where there is nothing to be said."""
    if facts.causes is None or not facts.count:
        return []
    stated = sum(one.count for one in facts.causes)
    found = ranking(facts.causes, "cause") if stated else []
    if facts.without_cause:
        numbers = {"count": facts.without_cause, "n": facts.without_cause + stated}
        found.append(Finding("cause_missing", 5, numbers))
    return found


def _received(facts: Facts) -> Finding:
    if not facts.count:
        return Finding("none_received", 10)
    numbers = {"count": facts.count, "rate": facts.rate.value, "low": facts.rate.low, "high": facts.rate.high}
    return Finding("received" if facts.rate.value is not None else "received_only", 10, numbers)


def _change(facts: Facts) -> Finding:
    moved = facts.moved
    if moved is None or facts.count_before is None:
        return Finding("not_compared", 9)
    numbers = {"before": facts.count_before, "percent": moved.percent, "low": moved.low, "high": moved.high}
    if not facts.count_before:
        code = "both_none" if not facts.count else "none_before"
        return Finding(code if moved.direction != "rise" else "none_before_clear", 9, numbers)
    if moved.direction in ("rise", "fall"):
        return Finding("more" if moved.direction == "rise" else "fewer", 9, numbers)
    if moved.direction == "no_significant_change" and moved.percent is not None:
        return Finding("chance", 9, numbers)
    return Finding("not_tested", 9, numbers)


def ranking(groups: tuple[Ranked, ...], name: str) -> list[Finding]:
    """What stands out of a ranking: the vital few, the first, or nothing. `name` begins the codes."""
    shown = [one for one in groups if one.count and not one.hidden]
    n = sum(one.count for one in shown)
    if not shown or any(one.hidden for one in groups):
        return []
    if n < FEWEST_RANKED:
        return [Finding(f"{name}_few", 4, {"n": n})]
    if len(shown) == 1:
        return [Finding(f"{name}_one", 8, {"n": n}, (shown[0].key,))]
    vital = [one for one in shown if one.vital]
    if _clear_cut(vital, shown):
        numbers = {"share": vital[-1].cumulated, "count": sum(one.count for one in vital), "n": n}
        return [Finding(f"{name}_vital", 8, numbers, tuple(one.key for one in vital))]
    top = max(one.count for one in shown)
    first = [one.key for one in shown if one.count == top]
    if len(first) > MOST_NAMED or len(first) == len(shown):
        return [Finding(f"{name}_even", 6, {"n": n, "groups": len(shown)})]
    numbers = {"count": top, "n": n, "share": 100 * top / n}
    return [Finding(f"{name}_top" if len(first) == 1 else f"{name}_tied", 8, numbers, tuple(first))]


def _clear_cut(vital: list[Ranked], shown: list[Ranked]) -> bool:
    """Whether the vital few are few, and the next one does not have as many as the last of them."""
    rest = [one for one in shown if not one.vital]
    few = 0 < len(vital) <= MOST_NAMED and rest and vital[-1].cumulated is not None
    return bool(few) and vital[-1].count > max(one.count for one in rest)


def _rising(facts: Facts) -> Iterator[Finding]:
    keys = tuple(one.key for one in facts.categories if one.rises and not one.hidden)
    if keys:
        yield Finding("rising", 8, {"groups": len(keys)}, keys[:MOST_NAMED])


def _chart(facts: Facts) -> Iterator[Finding]:
    if not facts.months:
        return
    numbers = {"months": len(facts.months), "provisional": facts.provisional}
    told = False
    for code, wanted in (("signal_high", True), ("signal_low", False)):
        out = [one.code for one in facts.months if "outside_limits" in one.signals and one.above is wanted]
        if out:
            told = True
            yield Finding(code, 8, numbers | {"out": len(out)}, tuple(out))
    run = [one for one in facts.months if "run_of_8" in one.signals]
    if run:
        told = True
        yield Finding("run_above" if run[-1].above else "run_below", 7, numbers)
    if not told:
        yield Finding("no_signal", 2, numbers)


def _kept(facts: Facts) -> Iterator[Finding]:
    if not facts.cases:
        return
    kept = facts.kept
    if kept is None or not kept.n:
        yield Finding("nothing_due", 3)
        return
    numbers = {"count": kept.count, "n": kept.n, "overdue": facts.overdue} | _interval(kept.share)
    yield Finding("kept_overdue" if facts.overdue else "kept", 8, numbers)


def _solved(facts: Facts) -> Iterator[Finding]:
    solved = facts.solved
    if solved is None or not solved.n:
        return
    numbers = {"median": solved.median, "ninety": solved.ninety, "open": solved.open, "n": solved.n}
    if not solved.open and solved.median is not None and solved.ninety is not None:
        yield Finding("solved_all", 6, numbers)
    elif solved.median is None:
        yield Finding("median_not_reached", 6, numbers)
    elif solved.ninety is None:
        yield Finding("solved_median", 6, numbers)
    else:
        yield Finding("solved", 6, numbers)


def _satisfied(facts: Facts) -> Iterator[Finding]:
    asked = facts.satisfied
    if asked is not None and asked.n:
        yield Finding("satisfied", 7, {"count": asked.count, "n": asked.n} | _interval(asked.share))


def _again(facts: Facts) -> Iterator[Finding]:
    again = facts.again
    if again is not None and again.n:
        yield Finding(
            "repeats" if again.count else "no_repeats",
            5 if again.count else 1,
            {"count": again.count, "n": again.n},
        )


def _apart(facts: Facts) -> Iterator[Finding]:
    """Units whose own interval lies wholly above that of all: not just whichever has the highest number."""
    known = [one for one in facts.units if one.rate.value is not None and not one.hidden]
    ceiling = facts.rate.high
    if len(known) < 2 or ceiling is None or any(one.hidden for one in facts.units):
        return
    above = [
        one
        for one in known
        if one.rate.low is not None and one.rate.low > ceiling and one.count >= FEWEST_RANKED
    ]
    if above:
        yield Finding("units_above", 7, {"units": len(above)}, tuple(one.key for one in above[:MOST_NAMED]))
    else:
        yield Finding("units_alike", 3, {"units": len(known)})


def _interval(share: Measured) -> dict[str, float | None]:
    return {"share": share.value, "low": share.low, "high": share.high}
