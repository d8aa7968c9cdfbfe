"""From a frozen summary of complaints to what can be said about it."""

from app.queries.complaints.summary.model import Beside, Breakdown, ComplaintSummary
from app.queries.figures.model import Difference, Figure
from app.rules.complaint_findings import Facts, Measured, Month, Moved, Ranked, Shared, Timed
from app.rules.complaints import Kind
from app.rules.complaints.periods import Period, parse

SOLUTION = "customer"


def facts_of(summary: ComplaintSummary, period: Period) -> Facts:
    """The figures of a summary that has been counted (`summary.counted` is there)."""
    counted = summary.counted
    assert counted is not None
    deadline = next((one for one in summary.deadlines if one.clock == SOLUTION), None)
    solved = next((one for one in summary.durations if one.name == "resolve"), None)
    called, repeats = summary.callbacks, summary.repeats
    causes = summary.breakdown("cause")
    return Facts(
        count=counted.count,
        count_before=counted.count_before,
        rate=_measured(counted.rate.now),
        moved=_moved(counted.rate.before),
        cases=summary.kind == Kind.COMPLAINT,
        categories=_ranked(summary.breakdown("category")),
        causes=_ranked(causes) if causes else None,
        without_cause=causes.missing if causes else 0,
        units=_ranked(summary.breakdown("unit")),
        months=_months(summary, period),
        provisional=bool(summary.chart and summary.chart.provisional),
        kept=_shared(deadline.within, deadline.due, deadline.rate) if deadline else None,
        overdue=(deadline.overdue or 0) if deadline else 0,
        solved=Timed(solved.n, solved.open, solved.median.value, solved.ninety.value)
        if solved and solved.open is not None
        else None,
        satisfied=_shared(called.counts["satisfied"], called.asked, called.satisfied) if called else None,
        again=_shared(repeats.count, repeats.n, repeats.share) if repeats else None,
    )


def _measured(figure: Figure) -> Measured:
    return Measured(figure.value, figure.low, figure.high)


def _moved(change: Difference | None) -> Moved | None:
    return None if change is None else Moved(change.direction, change.diff, change.low, change.high)


def _shared(count: int, n: int, beside: Beside) -> Shared:
    return Shared(count, n, _measured(beside.now))


def _ranked(breakdown: Breakdown | None) -> tuple[Ranked, ...]:
    if breakdown is None:
        return ()
    return tuple(
        Ranked(
            group.key,
            group.count,
            group.vital,
            group.cumulated,
            group.change is not None and group.change.direction == "rise",
            _measured(group.rate),
            group.hidden,
        )
        for group in breakdown.groups
    )


def _months(summary: ComplaintSummary, period: Period) -> tuple[Month, ...] | None:
    """The months of the period that are on the chart."""
    chart = summary.chart
    if chart is None or chart.hidden:
        return None
    center = chart.center or 0.0
    return tuple(
        Month(month.code, month.signals, (month.rate or 0.0) >= center)
        for month in chart.months
        if month.rate is not None and period.first <= parse(month.code).first < period.end
    )
