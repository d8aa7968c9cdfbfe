"""What the templates draw: rows, bars and points made of a summary, each with the address of its cases."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.complaint_summary import words
from app.blueprints.complaint_summary.choosing import Choice
from app.models import Unit
from app.queries.complaints.summary.listing import NONE
from app.queries.complaints.summary.model import (
    Beside,
    Breakdown,
    ComplaintSummary,
    Deadline,
    Duration,
    Group,
    Month,
)
from app.queries.complaints.trees import Tree
from app.queries.figures.model import Difference, Figure
from app.rules.complaints.periods import Period, parse
from app.web.filters import number, percent, signed, span
from app.web.i18n import page_language

MOST_BARS = 12
_TICKS = 4
_SMALL = 30
# Where more is worse.
_WORSE_UP = {"rise": "worse", "fall": "better"}
_BETTER_UP = {"rise": "better", "fall": "worse"}


@dataclass(frozen=True)
class Change:
    """A change in words; `direction`: better or worse where it is clear. `reason`: why there is none."""

    text: str
    direction: str | None = None
    rising: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One figure beside the two earlier periods."""

    name: str
    value: str
    interval: str
    n: str
    before: str
    change: Change | None
    year_before: str
    change_year: Change | None
    url: str
    url_before: str
    url_year_before: str


class Views:
    """A summary as one reader sees it. `links` is whether he may open single cases."""

    def __init__(
        self, summary: ComplaintSummary, choice: Choice, tree: Tree, units: Mapping[int, Unit]
    ) -> None:
        self.summary, self.choice, self.tree, self.units = summary, choice, tree, units
        self.links = not choice.reader.cautious
        self.lang = page_language()
        self.periods = (choice.period, *choice.earlier())
        self.names = [words.period_name(period) for period in self.periods]
        # The year before is the period before a year.
        self.two_earlier = self.periods[1] != self.periods[2]

    def url(self, figure: str, value: str = "", *, period: Period | None = None) -> str:
        """The list of the cases of a figure; "" for who may not open it."""
        if not self.links:
            return ""
        more = {"figure": figure} | ({"value": value} if value else {})
        if period is not None:
            more["period"] = period.code
        return url_for("complaint_summary.cases", **self.choice.address(**more, at=self.summary.at))

    def label(self, field: str, key: str) -> str:
        """What a group is called."""
        if field == "channel":
            return str(words.CHANNELS.get(key, key))
        if field == "unit":
            unit = self.units.get(int(key))
            return unit.name_in(self.lang) if unit else key
        branch = self.tree.by_id.get(int(key))
        return branch.name_in(self.lang) if branch else key

    @property
    def as_of(self) -> datetime:
        """When what is open was judged."""
        return datetime.fromisoformat(self.summary.at)

    # The figures in one table

    def rows(self) -> list[Row]:
        """Every figure that has an earlier one."""
        return list(self._rows())

    def _rows(self) -> Iterator[Row]:
        summary = self.summary
        counted = summary.counted
        if counted is None:
            return
        n = _("%(n)s customers", n=number(counted.customers, 0))
        yield Row(
            str(words.KINDS[summary.kind]), number(counted.count, 0), "", "", number(counted.count_before, 0), None,
            number(counted.count_year_before, 0), None, *self._urls("received"),
        )  # fmt: skip
        yield self._row(_("Per 1,000 customers"), counted.rate, n, _WORSE_UP, number, "", relative=True)
        for deadline in summary.deadlines:
            name = _("%(clock)s in time", clock=words.CLOCKS[deadline.clock])
            due = _("%(n)s due", n=number(deadline.due, 0))
            figure = f"deadline.{deadline.clock}"
            yield self._row(name, deadline.rate, due, _BETTER_UP, percent, figure, "due")
        for duration in summary.durations:
            yield self._time_row(duration)
        if summary.callbacks is not None:
            asked = _("%(n)s asked", n=number(summary.callbacks.asked, 0))
            yield self._row(
                _("Satisfied when called back"), summary.callbacks.satisfied, asked, _BETTER_UP, percent,
                "callback", "satisfied",
            )  # fmt: skip
        for title, part, figure in (
            (_("Opened again"), summary.reopened, "reopened"),
            (_("Complained again within 90 days"), summary.repeats, "repeats"),
        ):
            if part is not None:
                among = _("%(count)s of %(n)s", count=number(part.count, 0), n=number(part.n, 0))
                yield self._row(title, part.share, among, _WORSE_UP, percent, figure)

    def _row(
        self,
        name: str,
        beside: Beside,
        n: str,
        directions: Mapping[str, str],
        shown: Callable[[float | None], str],
        figure: str,
        value: str = "",
        *,
        relative: bool = False,
    ) -> Row:
        now = beside.now
        return Row(
            name,
            shown(now.value) if now.value is not None else words.reason(now.reason) or "–",
            span(now.low, now.high),
            n,
            _earlier(beside.before, shown),
            change_of(beside.before, directions, relative=relative),
            _earlier(beside.year_before, shown),
            change_of(beside.year_before, directions, relative=relative),
            *self._urls(figure, value),
        )

    def _urls(self, figure: str, value: str = "") -> list[str]:
        """The cases of a figure in the period and in the two earlier ones."""
        if not figure:
            return ["", "", ""]
        return [self.url(figure, value, period=period) for period in self.periods]

    def _time_row(self, duration: Duration) -> Row:
        name = _("%(what)s, median", what=words.DURATIONS[duration.name])
        median = duration.median
        unit = words.unit_of(median.value)
        return Row(
            name,
            _time(median),
            words.between(median.low, median.high, unit),
            _("%(done)s done, %(open)s open", done=number(duration.done, 0), open=number(duration.open, 0))
            if duration.open is not None
            else "",
            _time(duration.median_before, unit),
            None,
            _time(duration.median_year_before, unit),
            None,
            *self._urls(duration.name, "all"),
        )

    # Groups

    def bars(self, breakdown: Breakdown) -> list[dict[str, Any]]:
        """The bars of a Pareto chart, with their own and their cumulated share."""
        shown = [group for group in breakdown.groups if group.count and not group.hidden]
        return [
            {
                "label": self.label(breakdown.name, group.key),
                "value": group.count,
                "text": number(group.count, 0),
                "note": _(
                    "%(share)s, together %(cumulated)s",
                    share=percent(group.share.value),
                    cumulated=percent(group.cumulated),
                )
                if group.cumulated is not None
                else percent(group.share.value),
                "url": self.url(breakdown.name, group.key) or None,
            }
            for group in shown[:MOST_BARS]
        ]

    def vital(self, breakdown: Breakdown) -> int:
        """How many of the bars are the vital few."""
        return sum(group.vital for group in breakdown.groups)

    def table(self, breakdown: Breakdown) -> list[tuple[str, Group, int, str]]:
        """Every group and what it is made of: name, group, depth, address of its cases."""
        found = []
        for group in breakdown.groups:
            name = self.label(breakdown.name, group.key)
            found.append((name, group, 0, self.url(breakdown.name, group.key)))
            for one in group.below:
                own = one.key == group.key
                name = _("without a closer one") if own else self.label(breakdown.name, one.key)
                found.append((name, one, 1, self.url(f"{breakdown.name}_only", one.key)))
        return found

    def missing(self, breakdown: Breakdown) -> str:
        """The address of the cases that are in no group."""
        return self.url(breakdown.name, NONE)

    # Time

    def points(self) -> list[dict[str, Any]]:
        """The months of the control chart, as the template draws them."""
        chart = self.summary.chart
        return [] if chart is None else [self._point(month) for month in chart.months]

    def _point(self, month: Month) -> dict[str, Any]:
        period = parse(month.code)
        return {
            "month": month,
            "label": words.month_name(period.first),
            "short": month.code,
            "now": period.first <= self.choice.period.last < period.end,
            "url": self.url("received", period=period),
            "signals": ", ".join(str(words.SIGNALS[signal]) for signal in month.signals),
        }

    def chart_top(self) -> float:
        """The upper end of the chart's axis."""
        months = self.summary.chart.months if self.summary.chart else ()
        highest = max((max(month.rate or 0, month.high or 0) for month in months), default=0)
        step = self._step(highest)
        return step * math.ceil(highest / step) if highest else 1.0

    def chart_ticks(self) -> list[tuple[float, str]]:
        """Values of the axis above its zero."""
        top = self.chart_top()
        step = self._step(top)
        digits = max(0, -math.floor(math.log10(step)))
        return [(step * place, number(step * place, digits)) for place in range(1, round(top / step) + 1)]

    @staticmethod
    def _step(highest: float) -> float:
        """The distance of two values of an axis: 1, 2 or 5 of whatever power of ten."""
        rough = (highest or 1.0) / _TICKS
        power: float = 10 ** math.floor(math.log10(rough))
        return power * next(one for one in (1, 2, 5, 10) if one * power >= rough)

    def rate_change(self) -> Change | None:
        """How the rate has changed since the period before."""
        counted = self.summary.counted
        return change_of(counted.rate.before, _WORSE_UP, relative=True) if counted else None

    def share_change(self, change: Difference | None) -> Change | None:
        """How a share has changed of which more is better."""
        return change_of(change, _BETTER_UP)

    def deadline_cells(self, deadline: Deadline) -> list[tuple[str, str, str]]:
        """The five numbers of a clock with the addresses of their cases."""
        values = (
            ("due", deadline.due),
            ("within", deadline.within),
            ("late", deadline.late),
            ("overdue", deadline.overdue),
            ("not_yet", deadline.not_yet),
        )
        figure = f"deadline.{deadline.clock}"
        return [
            (str(words.JUDGED[name]), number(count, 0), self.url(figure, name) if count else "")
            for name, count in values
        ]

    def satisfaction(self) -> list[dict[str, Any]]:
        """Segments of the bar of callbacks, from the worst answer to the best."""
        callbacks = self.summary.callbacks
        if callbacks is None or len(callbacks.counts) < len(words.SATISFACTIONS):
            return []
        return [
            {
                "label": str(words.SATISFACTIONS[name]),
                "share": callbacks.counts[name] / callbacks.asked,
                "text": number(callbacks.counts[name], 0),
                "url": self.url("callback", name),
            }
            for name in ("not", "partly", "satisfied")
        ]

    def clock(self, name: str) -> Deadline | None:
        """How one clock went."""
        return next((one for one in self.summary.deadlines if one.clock == name), None)

    def notes(self) -> list[str]:
        """What to know before relying on the figures."""
        summary, counted = self.summary, self.summary.counted
        found = []
        if not self.links:
            found.append(
                _(
                    "Figures that would show a group of fewer than %(least)s are left out.",
                    least=summary.least,
                )
            )
        if counted is not None and 0 < counted.count < _SMALL:
            found.append(_("Small numbers: intervals are wide, and most changes can be chance."))
        if counted is not None and not counted.customers:
            found.append(_("No customer is on record for this choice, so there are no rates."))
        if not summary.compared:
            found.append(
                _("An earlier period in which feedback was not recorded throughout is not compared.")
            )
        if summary.left_out:
            found.append(
                ngettext(
                    "%(num)s complaint counts nowhere, because it was not accepted as one or was merged.",
                    "%(num)s complaints count nowhere, because they were not accepted as such or were merged.",
                    summary.left_out,
                )
            )
        if summary.chart is not None and summary.chart.provisional and summary.chart.months:
            found.append(_("The control chart has fewer than 20 months, so its limits are provisional."))
        return found


def _time(figure: Figure | None, unit: str = "") -> str:
    if figure is None:
        return "–"
    return words.duration(figure.value, unit) if figure.value is not None else words.reason(figure.reason)


def _earlier(change: Difference | None, shown: Callable[[float | None], str]) -> str:
    return "–" if change is None else shown(change.previous.value)


def change_of(
    change: Difference | None, directions: Mapping[str, str], *, relative: bool = False
) -> Change | None:
    """A change in words: of a rate in percent, of a share in points."""
    if change is None:
        return None
    rising = change.direction == "rise" or (change.diff or 0) > 0
    direction = directions.get(change.direction)
    if change.diff is None:
        if direction is not None:
            return Change(_("none then"), direction, rising)
        return Change("", reason=words.reason(change.reasons[0] if change.reasons else None))
    size = signed(change.diff, 0 if relative else 1)
    text = f"{size}%" if relative else _("%(points)s points", points=size)
    if change.direction == "not_tested":
        return Change("", reason=_("%(change)s, not tested", change=text))
    return Change(text, direction, rising)


def group_change(group: Group) -> Change | None:
    """How a group has changed since the period before."""
    return change_of(group.change, _WORSE_UP, relative=True)
