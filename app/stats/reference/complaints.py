"""Measures of complaints."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.stats.control import ControlChart, Signal, p_chart, u_chart
from app.stats.deadlines import within_deadline
from app.stats.handling import HandlingTime, durations_at, handling_time
from app.stats.pareto import VITAL_SHARE_PCT, pareto
from app.stats.rates import compare_rates, event_rate
from app.stats.reference.inputs import Inputs
from app.stats.reference.rows import CaseError, label_text
from app.stats.reference.scores import notes
from app.stats.reference.times import SECONDS_PER_HOUR
from app.stats.types import FloatArray

Result = dict[str, Any]


def run_pareto(inputs: Inputs) -> Result:
    labels = inputs.labels("column")
    counts = np.bincount(labels.codes[labels.codes >= 0], minlength=len(labels.keys)).tolist()
    other = inputs.optional_scalar("other_last")
    last = labels.texts[labels.keys.index(other)] if other in labels.keys else None
    threshold = inputs.number("threshold_pct", VITAL_SHARE_PCT)
    result = pareto(dict(zip(labels.texts, counts, strict=True)), other=last, threshold_pct=threshold)
    found: Result = {
        "n": result.n,
        "order": [bar.label for bar in result.bars],
        "counts": [bar.count for bar in result.bars],
        "pct": [bar.share.value for bar in result.bars],
        "cum_pct": [bar.cum_pct for bar in result.bars],
        "vital_few": result.vital_few,
        "method": result.method,
        "flags": list(result.flags),
    }
    return found if result.reason is None else {**found, "reason": result.reason}


def run_within_deadline(inputs: Inputs) -> Result:
    received, _ = inputs.times("received")
    closed, still_open = inputs.times("closed")
    hours = inputs.cleaned(inputs.column_name("deadline_hours"), None).values
    # Whole seconds compare exactly; rounding takes away what a fraction of an hour leaves over.
    deadline = received + np.rint(hours * SECONDS_PER_HOUR)
    deadline[np.isnan(closed) & ~still_open] = np.nan
    result = within_deadline(deadline, closed, inputs.time("snapshot"), received)
    return {
        "n": result.n,
        "n_excluded": result.n_excluded,
        "not_yet_due": result.not_yet_due,
        "denominator": result.due,
        "within_deadline": result.within,
        "closed_late": result.closed_late,
        "open_overdue": result.open_overdue,
        "negative_durations": result.negative_durations,
        "within_deadline_pct": result.rate.value,
        "ci_pct": result.rate.ci,
        **notes(result.rate),
    }


def _durations(inputs: Inputs) -> tuple[FloatArray, FloatArray]:
    """Durations and whether they ended, from two times or as the case gives them."""
    if inputs.has("time") or inputs.has("event"):
        durations = inputs.cleaned(inputs.column_name("time"), None).values
        return durations, inputs.condition_values(None, "event")
    received, _ = inputs.times("received")
    closed, still_open = inputs.times("closed")
    received[np.isnan(closed) & ~still_open] = np.nan
    seconds, finished = durations_at(received, closed, inputs.time("snapshot"))
    return seconds / SECONDS_PER_HOUR, finished


def run_handling_time_km(inputs: Inputs) -> Result:
    unit = inputs.text("unit", "hours")
    result = handling_time(*_durations(inputs))
    median, p80, p90 = result.quantiles
    found: Result = {
        "n": result.n,
        "n_excluded": result.n_excluded,
        "negative_durations": result.negative_durations,
        "events": result.events,
        "censored": result.censored,
        "median": median.value,
        "median_ci": median.ci,
        "p80": p80.value,
        "p80_ci": p80.ci,
        "p90": p90.value,
        "p90_ci": p90.ci,
        "unit": unit,
        "method": result.method,
        "flags": list(result.flags),
        **_readings(result, inputs.numbers("at", None) or []),
    }
    reason = next((quantile.reason for quantile in result.quantiles if quantile.reason), None)
    return found if reason is None else {**found, "reason": reason}


def _readings(result: HandlingTime, at: list[float]) -> Result:
    if not at:
        return {}
    return {
        "surv_at": {label_text(t): result.open_share(t).value for t in at},
        "closed_within_pct": {label_text(t): result.closed_within(t).value for t in at},
        "closed_within_ci_pct": {label_text(t): result.closed_within(t).ci for t in at},
    }


def _chart(chart: ControlChart) -> Result:
    found: Result = {
        "center": chart.center,
        "statistics": [point.statistic for point in chart.points],
        "lcl": [point.lcl for point in chart.points],
        "ucl": [point.ucl for point in chart.points],
        "out_of_limits": chart.with_signal(Signal.OUTSIDE_LIMITS),
        "run_of_8_at": chart.with_signal(Signal.RUN),
        "n": chart.n,
        "method": chart.method,
        "flags": list(chart.flags),
    }
    reason = chart.reason or next((point.reason for point in chart.points if point.reason), None)
    return found if reason is None else {**found, "reason": reason}


def run_u_chart(inputs: Inputs) -> Result:
    return _chart(u_chart(inputs.wholes("counts"), inputs.required_numbers("exposure")))


def run_p_chart(inputs: Inputs) -> Result:
    return _chart(p_chart(inputs.wholes("counts"), inputs.wholes("sizes")))


def run_complaint_rate(inputs: Inputs) -> Result:
    rate = event_rate(inputs.whole("count"), 1000 * inputs.number("exposure_thousands"))
    found: Result = {"rate_per_1000": rate.value, "ci": rate.ci, "n": rate.n, **notes(rate)}
    compared = inputs.part("compare")
    if compared is None:
        return found
    counts, thousands = compared.wholes("counts"), compared.required_numbers("exposure_thousands")
    if len(counts) != 2 or len(thousands) != 2:
        raise CaseError("bad_key: compare")
    compared.check_all_used()
    result = compare_rates(counts[0], 1000 * thousands[0], counts[1], 1000 * thousands[1])
    ratio: Result = {
        "rate_ratio": result.ratio,
        "rate_ratio_ci": result.ci,
        "rate_ratio_p": result.p,
        "rate_ratio_method": result.method,
    }
    reason = rate.reason or result.reason
    return {**found, **ratio} if reason is None else {**found, **ratio, "reason": reason}


MEASURES: Mapping[str, Callable[[Inputs], Result]] = {
    "pareto": run_pareto,
    "within_deadline": run_within_deadline,
    "handling_time_km": run_handling_time_km,
    "u_chart": run_u_chart,
    "p_chart": run_p_chart,
    "complaint_rate": run_complaint_rate,
}
