"""The summary of a period, computed. Loads numpy: runs in the analyst's process only."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from app.queries.complaints.summary.asking import Asking, Stretch
from app.queries.complaints.summary.counting import Branches, Counting
from app.queries.complaints.summary.model import (
    Beside,
    Callbacks,
    ComplaintSummary,
    Deadline,
    Duration,
    Part,
)
from app.queries.figures.differing import Compared, figure, single
from app.queries.figures.model import Difference, Figure
from app.queries.frames.cases import SATISFACTIONS, current_cases, floats
from app.queries.frames.chosen import MINUTE, Customers, Selection, micros, within
from app.rules.clocks import Clock
from app.rules.complaints import Kind, Satisfaction
from app.stats.change import proportion_change
from app.stats.deadlines import WithinDeadline, within_deadline
from app.stats.handling import HandlingTime, Quantile, durations_at, handling_time
from app.stats.scores import mean_estimate, proportion
from app.stats.types import Estimate, FloatArray, Mask

Rows = Callable[[Stretch], FloatArray]
SHARES = (0.5, 0.9)
HOUR_MINUTES = 60.0


def summarise(connection: Connection, frames: Path, asking: Asking) -> ComplaintSummary:
    """All figures that were asked for; `frames` is the folder of the columnar copies."""
    frame = current_cases(connection, frames)
    selection = Selection(frame, asking.scope)
    n = int(selection.received(asking.now).sum())
    compared = all(selection.knows(stretch) for stretch in (asking.before, asking.year_before))
    shell = ComplaintSummary("shown", asking.scope.kind, asking.at, asking.least, compared)
    if asking.cautious and n < asking.least:
        return replace(shell, state="too_few")
    counting = Counting(asking, selection, Customers.read(connection))
    branches = Branches.read(connection)
    complaints = asking.scope.kind == Kind.COMPLAINT
    fields = ("category", "unit", "cause", "channel") if complaints else ("category", "unit", "channel")
    counted = replace(
        shell,
        state="shown" if frame.cases["id"].size else "empty",
        counted=counting.counted(),
        breakdowns=tuple(counting.breakdown(field, branches) for field in fields),
        chart=counting.chart(),
    )
    return _Cases(asking, selection).added_to(counted) if complaints else counted


class _Cases:
    """What only cases have: clocks, callbacks, repeats."""

    def __init__(self, asking: Asking, selection: Selection) -> None:
        self.asking, self.selection = asking, selection
        self.at = micros(asking.at)

    def added_to(self, summary: ComplaintSummary) -> ComplaintSummary:
        left_out = self.selection.chosen & self.selection.left_out
        round_ = self.selection.frame.cases["round"]
        return replace(
            summary,
            left_out=0
            if self.asking.cautious
            else int(self.selection.received(self.asking.now, left_out).sum()),
            deadlines=tuple(one for one in map(self._deadline, Clock) if one is not None),
            durations=(self._duration("acknowledge"), self._duration("resolve")),
            callbacks=self._callbacks(),
            reopened=self._part(round_ > 1),
            repeats=self._part(self.selection.repeats, self.selection.frame.cases["customer"] >= 0),
        )

    def _enough(self, n: int) -> bool:
        return not self.asking.cautious or n >= self.asking.least

    def _splits(self, *parts: int) -> bool:
        """Whether these parts of a whole may be told apart: none is small, or found by subtracting the others."""
        return not self.asking.cautious or all(not part or part >= self.asking.least for part in parts)

    def _share_is_safe(self, rows: FloatArray) -> bool:
        with_it = int(rows.sum())
        return self._splits(with_it, rows.size - with_it)

    def _runs_due(self, clock: Clock, stretch: Stretch) -> tuple[WithinDeadline, FloatArray]:
        """How the runs due in a period went, and for each that is due whether it was in time."""
        runs = self.selection.frame.tables["runs"]
        chosen = self.selection.runs_of(clock) & within(runs["due"], stretch)
        due, stopped = floats(runs["due"][chosen]), floats(runs["stopped"][chosen])
        judged = within_deadline(due, stopped, float(self.at), received=floats(runs["started"][chosen]))
        in_time = ((stopped <= due) & (stopped <= self.at))[due <= self.at]
        return judged, in_time.astype(float)

    def _deadline(self, clock: Clock) -> Deadline | None:
        judged, in_time = self._runs_due(clock, self.asking.now)
        if not judged.n or not self._enough(judged.due) or not self._share_is_safe(in_time):
            return None
        # What is not in time is shown as one where it falls into small parts.
        apart = self._splits(judged.closed_late, judged.open_overdue)
        before, year_before = (
            self._versus(stretch, in_time, *self._earlier_deadline(clock, stretch))
            for stretch in (self.asking.before, self.asking.year_before)
        )
        return Deadline(
            clock.value,
            Beside(figure(judged.rate), before, year_before),
            judged.due,
            judged.within,
            judged.closed_late if apart else None,
            judged.open_overdue if apart else None,
            judged.not_yet_due if self._splits(judged.not_yet_due) else None,
        )

    def _earlier_deadline(self, clock: Clock, stretch: Stretch) -> tuple[FloatArray, Estimate]:
        judged, in_time = self._runs_due(clock, stretch)
        return in_time, judged.rate

    def _versus(
        self, stretch: Stretch, now: FloatArray, earlier: FloatArray, previous: Estimate
    ) -> Difference | None:
        """The change of a share; None where there is nothing, or too little to be shown, to compare with."""
        if not (earlier.size and now.size and self._enough(earlier.size) and self.selection.knows(stretch)):
            return None
        if not (self._share_is_safe(earlier) and self._share_is_safe(now)):
            return None
        return single(Compared(figure(previous), proportion_change(earlier, now)))

    def _handling(self, name: str, stretch: Stretch) -> HandlingTime:
        mask = self.selection.received(stretch)
        times = self.selection.acknowledging if name == "acknowledge" else self.selection.resolving
        received, done = times(mask)
        durations, finished = durations_at(received, done, self.at // MINUTE)
        return handling_time(durations / HOUR_MINUTES, finished, shares=SHARES)

    def _duration(self, name: str) -> Duration:
        found = self._handling(name, self.asking.now)
        median, ninety = (_quantile(one) for one in found.quantiles)
        apart = self._splits(found.events, found.censored)
        return Duration(
            name,
            found.n,
            found.events if apart else None,
            found.censored if apart else None,
            found.negative_durations,
            median,
            ninety,
            self._earlier_median(name, self.asking.before),
            self._earlier_median(name, self.asking.year_before),
        )

    def _earlier_median(self, name: str, stretch: Stretch) -> Figure | None:
        found = self._handling(name, stretch)
        known = found.n and self._enough(found.n) and self.selection.knows(stretch)
        return _quantile(found.quantiles[0]) if known else None

    def _answers(self, stretch: Stretch) -> Mask:
        called = self.selection.frame.tables["callbacks"]["called"]
        return within(called, stretch) & (self.selection.callback_cases >= 0)

    def _satisfied(self, stretch: Stretch) -> FloatArray:
        said = self.selection.frame.tables["callbacks"]["satisfaction"][self._answers(stretch)]
        satisfied: FloatArray = (said == SATISFACTIONS.index(Satisfaction.SATISFIED)).astype(float)
        return satisfied

    def _callbacks(self) -> Callbacks | None:
        mask, table = self._answers(self.asking.now), self.selection.frame.tables["callbacks"]
        asked = int(mask.sum())
        if not asked or not self._enough(asked) or not self._share_is_safe(self._satisfied(self.asking.now)):
            return None
        said = table["satisfaction"][mask]
        counts = {one.value: int((said == place).sum()) for place, one in enumerate(SATISFACTIONS)}
        apart = self._splits(*counts.values())
        return Callbacks(
            asked,
            {name: count for name, count in counts.items() if apart or name == Satisfaction.SATISFIED},
            self._beside(self._satisfied, "satisfied"),
            self._score(floats(table["solution"][mask])),
            self._score(floats(table["handling"][mask])),
        )

    def _score(self, given: FloatArray) -> Figure:
        found = figure(mean_estimate(given))
        safe = self._enough(found.n) and self._splits(given.size - found.n)
        return found if safe else figure(mean_estimate(given[:0]))

    def _part(self, with_it: Mask, known: Mask | None = None) -> Part | None:
        def rows(stretch: Stretch) -> FloatArray:
            mask = self.selection.received(stretch)
            counted = mask if known is None else mask & known
            # Without those of whom it is known, the total would show the few others.
            return with_it[
                counted if self._splits(int(mask.sum() - counted.sum())) else counted & ~counted
            ].astype(float)

        now = rows(self.asking.now)
        if self.asking.cautious and not (self._enough(now.size) and self._share_is_safe(now)):
            return None
        return Part(int(now.sum()), now.size, self._beside(rows, "share_of_cases"))

    def _beside(self, rows: Rows, method: str) -> Beside:
        """A share of the period beside the two earlier ones; `rows` gives a 1 or 0 for each."""
        now, before, year_before = (
            rows(stretch) for stretch in (self.asking.now, self.asking.before, self.asking.year_before)
        )
        return Beside(
            figure(_share(now, method)),
            self._versus(self.asking.before, now, before, _share(before, method)),
            self._versus(self.asking.year_before, now, year_before, _share(year_before, method)),
        )


def _share(rows: FloatArray, method: str) -> Estimate:
    return proportion(int(rows.sum()), rows.size, method)


def _quantile(found: Quantile) -> Figure:
    ci = found.ci
    return Figure(
        found.value,
        ci.low if ci else None,
        ci.high if ci else None,
        found.n,
        found.reason.value if found.reason else None,
    )
