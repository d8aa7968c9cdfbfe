"""From rows to figures: counts and rates beside earlier ones, groups with Pareto, the control chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from app.queries.complaints.summary.asking import Asking, Stretch
from app.queries.complaints.summary.model import Beside, Breakdown, Chart, Counted, Group, Month
from app.queries.figures.differing import figure
from app.queries.figures.model import Difference, Figure
from app.queries.frames.chosen import Customers, Selection
from app.stats.adjust import benjamini_hochberg
from app.stats.change import Direction
from app.stats.control import u_chart
from app.stats.grouping import disclose
from app.stats.pareto import Bar, pareto
from app.stats.rates import RateComparison, compare_rates, event_rate
from app.stats.types import ALPHA, Flag

PER = 1000
HIDDEN = Figure(None, None, None, 0, "hidden")
_BRANCHES = text("SELECT id, parent_id, code FROM feedback_category")
_LAST = ("category.other", "cause.unknown")


@dataclass(frozen=True)
class Branches:
    """The two trees: of each entry the one at the top, and which of those come last in a chart."""

    top: Mapping[str, str]
    last: frozenset[str]

    @classmethod
    def read(cls, connection: Connection) -> "Branches":
        """As they are now."""
        rows = connection.execute(_BRANCHES).all()
        parents = {str(id_): None if parent is None else str(parent) for id_, parent, _code in rows}
        last = frozenset(str(id_) for id_, _parent, code in rows if code in _LAST)
        return cls({key: _top(key, parents) for key in parents}, last)


def _top(key: str, parents: Mapping[str, str | None]) -> str:
    seen = [key]
    while (parent := parents.get(seen[-1])) is not None and parent not in seen:
        seen.append(parent)
    return seen[-1]


@dataclass(frozen=True)
class Counting:
    """Counts what was received. `customers` are those among whom it was."""

    asking: Asking
    selection: Selection
    customers: Customers

    def _exposure(self, stretch: Stretch, units: tuple[int, ...] | None = None) -> int:
        scope = self.asking.scope
        return self.customers.by(stretch.last_day, units or scope.units or scope.own_units)

    def _count(self, stretch: Stretch) -> int:
        return int(self.selection.received(stretch).sum())

    def _shown(self, count: int, stretch: Stretch) -> int | None:
        """The count, unless this reader may not be shown so small a group, or the period is not on record."""
        if not self.selection.knows(stretch) or (self.asking.cautious and 0 < count < self.asking.least):
            return None
        return count

    def _earlier(self, count: int, stretch: Stretch) -> int | None:
        """An earlier count of one group. Beside the earlier total it could reveal a small one."""
        return None if self.asking.cautious else self._shown(count, stretch)

    def counted(self) -> Counted:
        """All of the period."""
        asking = self.asking
        count = self._count(asking.now)
        before, year_before = self._count(asking.before), self._count(asking.year_before)
        customers = self._exposure(asking.now)
        return Counted(
            count,
            self._shown(before, asking.before),
            self._shown(year_before, asking.year_before),
            customers,
            Beside(
                figure(event_rate(count, customers, per=PER)),
                self._against(asking.before, count, before),
                self._against(asking.year_before, count, year_before),
            ),
        )

    def _against(self, earlier: Stretch, count: int, count_earlier: int) -> Difference | None:
        if self._shown(count_earlier, earlier) is None:
            return None
        test = self._compared(earlier, count, count_earlier)
        return _difference(test, self._earlier_rate(earlier, count_earlier), test.p)

    def _earlier_rate(self, earlier: Stretch, count: int) -> Figure:
        return figure(event_rate(count, self._exposure(earlier), per=PER))

    def _compared(
        self, earlier: Stretch, count: int, count_earlier: int, units: tuple[int, ...] | None = None
    ) -> RateComparison:
        """Among customers and days: a month of 28 days is no improvement by itself."""
        now = self.asking.now
        exposure, exposure_earlier = self._exposure(now, units), self._exposure(earlier, units)
        return compare_rates(count, exposure * now.days, count_earlier, exposure_earlier * earlier.days)

    def breakdown(self, name: str, branches: Branches) -> Breakdown:
        """By category, unit, cause or channel; categories and causes by the top of their tree."""
        now, before, year_before = (
            self.selection.labels(name, self.selection.received(stretch))
            for stretch in (self.asking.now, self.asking.before, self.asking.year_before)
        )
        rolled = _rolled(branches) if name in ("category", "cause") else dict
        tops = [rolled(counts) for counts in (now, before, year_before)]
        missing = tops[0].pop("", 0)
        chart = pareto(tops[0], other=next((key for key in branches.last if key in tops[0]), None))
        groups = self._tested(name, [self._group(name, bar, tops[1], tops[2]) for bar in chart.bars], tops[1])
        if name in ("category", "cause"):
            groups = [replace(group, below=self._below(name, group, now, branches)) for group in groups]
        if self.asking.cautious and 0 < missing < self.asking.least:
            # How many have one would show how many have none: shares are shown of nothing.
            return Breakdown(name, chart.n + missing, 0, tuple(map(_hidden, groups)))
        return Breakdown(name, chart.n, missing, tuple(self._masked(groups, missing)))

    def _group(self, name: str, bar: Bar, before: Mapping[str, int], year_before: Mapping[str, int]) -> Group:
        return Group(
            bar.label,
            bar.count,
            self._earlier(before.get(bar.label, 0), self.asking.before),
            self._earlier(year_before.get(bar.label, 0), self.asking.year_before),
            figure(bar.share),
            bar.cum_pct,
            bar.vital,
            figure(event_rate(bar.count, self._exposure(self.asking.now, _units(name, bar.label)), per=PER)),
            None,
        )

    def _tested(self, name: str, groups: list[Group], before: Mapping[str, int]) -> list[Group]:
        """Read together, the changes against the period before are corrected together."""
        earlier = self.asking.before
        tests = [
            self._compared(earlier, group.count, before.get(group.key, 0), _units(name, group.key))
            for group in groups
        ]
        adjusted = benjamini_hochberg([test.p for test in tests])
        return [
            group
            if group.count_before is None
            else replace(group, change=_difference(test, figure(test.b), p))
            for group, test, p in zip(groups, tests, adjusted, strict=True)
        ]

    def _below(
        self, name: str, group: Group, now: Mapping[str, int], branches: Branches
    ) -> tuple[Group, ...]:
        """What the count of a branch is made of, if that is more than itself."""
        counts = {key: n for key, n in now.items() if key and branches.top.get(key, key) == group.key}
        if set(counts) <= {group.key}:
            return ()
        nothing: Mapping[str, int] = {}
        bars = pareto(counts).bars
        return tuple(self._masked([self._group(name, bar, nothing, nothing) for bar in bars], 0))

    def _masked(self, groups: list[Group], missing: int) -> list[Group]:
        if not self.asking.cautious:
            return groups
        states = disclose([*(group.count for group in groups), missing], least=self.asking.least)
        found = [
            _hidden(group) if state.hidden else group for group, state in zip(groups, states, strict=False)
        ]
        first = next((place for place, group in enumerate(found) if group.hidden), len(found))
        # Below a hidden group, what it is together with those above would show how large that is.
        return [*found[:first], *(replace(group, cumulated=None, vital=False) for group in found[first:])]

    def chart(self) -> Chart:
        """By month, as far as feedback was recorded throughout."""
        months = [month for month in self.asking.months if self.selection.knows(month)]
        counts = [self._count(month) for month in months]
        if any(self._shown(count, month) is None for count, month in zip(counts, months, strict=True)):
            return Chart((), None, provisional=False, hidden=True)
        customers = [self._exposure(month) for month in months]
        found = u_chart(counts, customers)
        points = tuple(
            Month(
                month.code,
                point.count,
                people,
                _per(point.statistic),
                _per(point.lcl),
                _per(point.ucl),
                tuple(signal.value for signal in point.signals),
            )
            for month, people, point in zip(months, customers, found.points, strict=True)
        )
        return Chart(points, _per(found.center), Flag.PROVISIONAL in found.flags)


def _hidden(group: Group) -> Group:
    return Group(group.key, 0, None, None, HIDDEN, None, False, HIDDEN, None, hidden=True)


def _rolled(branches: Branches) -> Callable[[Mapping[str, int]], dict[str, int]]:
    def roll(counts: Mapping[str, int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, count in counts.items():
            top = branches.top.get(key, key)
            found[top] = found.get(top, 0) + count
        return found

    return roll


def _units(name: str, key: str) -> tuple[int, ...] | None:
    """A unit's rate is among its own customers."""
    return (int(key),) if name == "unit" else None


def _per(rate: float | None) -> float | None:
    return None if rate is None else PER * rate


def _difference(test: RateComparison, previous: Figure, p_adjusted: float | None) -> Difference:
    """The ratio of two rates as a change in percent of the earlier one."""
    change, low, high = (
        None if ratio is None else 100 * (ratio - 1)
        for ratio in (test.ratio, test.ci.low if test.ci else None, test.ci.high if test.ci else None)
    )
    reasons = (str(test.reason.value),) if test.reason else ()
    return Difference(
        previous, change, low, high, test.p, p_adjusted, _direction(test, p_adjusted), 0, reasons
    )


def _direction(test: RateComparison, p: float | None) -> str:
    if p is None:
        return Direction.NOT_TESTED.value
    if p >= ALPHA or test.ratio == 1:
        return Direction.NO_CHANGE.value
    # Without an earlier case there is no ratio, but there is a rise.
    return (Direction.RISE if test.ratio is None or test.ratio > 1 else Direction.FALL).value
