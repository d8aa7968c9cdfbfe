"""Measures of change over time."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from app.stats.change import Change, mean_change, nps_change, proportion_change
from app.stats.difference import DifferenceTest
from app.stats.reference.inputs import Inputs
from app.stats.reference.rows import CaseError
from app.stats.trend import trend
from app.stats.types import Reason

Result = dict[str, Any]


def _test(test: DifferenceTest | None, *, with_diff: bool = False) -> Result | None:
    if test is None:
        return None
    found: Result = {"t": test.t, "df": test.df, "p": test.p, "ci": test.ci}
    if with_diff:
        found["diff"] = test.diff
    if test.reason is not None:
        found["reason"] = test.reason
    return found


def _change(change: Change) -> Result:
    found: Result = {
        "n_old": change.n_old,
        "n_new": change.n_new,
        "n_overlap": change.n_overlap,
        "mean_old": change.mean_old,
        "mean_new": change.mean_new,
        "diff": change.diff,
        "overlapping": _test(change.overlapping),
        "paired_only_overlap": _test(change.paired, with_diff=True),
        "flags": list(change.flags),
        "direction": change.direction(),
    }
    if change.reason is not None:
        found["reason"] = change.reason
    return found


def run_yoy_mean(inputs: Inputs) -> Result:
    values = inputs.values(inputs.column_name(), inputs.scale(default=None))
    inputs.check_reversed()
    change = mean_change(*inputs.waves(values))
    return {**_change(change), "independent_welch": _test(change.independent)}


def run_yoy_nps(inputs: Inputs) -> Result:
    values = inputs.values(inputs.column_name(), inputs.required_scale([0, 10]))
    inputs.check_reversed()
    change = nps_change(*inputs.waves(values))
    return {**_change(change), "independent_welch": _test(change.independent)}


def run_yoy_proportion(inputs: Inputs) -> Result:
    values = inputs.condition_values(inputs.scale(default=None))
    result = proportion_change(*inputs.waves(values))
    independent: Result = {"z": result.z, "p": result.z_p, "ci_newcombe_pct": result.newcombe}
    if result.reason is not None:
        independent["reason"] = result.reason
    mcnemar = None
    if result.mcnemar_p is not None:
        mcnemar = {"gain": result.gain, "loss": result.loss, "p": result.mcnemar_p}
    return {
        **_change(result.points),
        "direction": result.direction(),
        "independent_z": independent,
        "mcnemar_exact": mcnemar,
    }


def run_paired_mean(inputs: Inputs) -> Result:
    values = inputs.values(inputs.column_name(), inputs.scale(default=None), turned=False)
    inputs.column_name("id")
    old, new, overlap = inputs.waves(values)
    change = mean_change(old, new, overlap)
    too_few = Reason.TOO_FEW_CASES if change.n_overlap else Reason.NO_SHARED_CASES
    test = change.paired or DifferenceTest(None, reason=too_few)
    d_z = None if test.t is None else test.t / math.sqrt(change.n_overlap)
    return {"n": change.n_overlap, **(_test(test, with_diff=True) or {}), "cohens_dz": d_z}


def run_trend(inputs: Inputs) -> Result:
    scale, name = inputs.required_scale(), inputs.column_name()
    values = inputs.values(name, scale, turned=False)
    period = inputs.labels("period")
    wanted = inputs.scalars("order")
    order = list(period.keys) if wanted is None else wanted
    if len(set(order)) < len(order):
        raise CaseError("bad_key: order")
    at = {key: position for position, key in enumerate(order)}
    positions = np.array([at.get(key, -1) for key in period.keys] + [-1], dtype=np.int64)
    result = trend(values, positions[period.codes], len(order), scale, inputs.ids())
    texts = dict(zip(period.keys, period.texts, strict=True))
    names = [texts.get(key, f"{key:g}" if isinstance(key, float) else key) for key in order]
    found: Result = {
        "n": result.n,
        "period_means": dict(zip(names, result.period_means, strict=True)),
        "slope": result.slope,
        "se_hc3": result.se_hc3,
        "se_cluster_id": result.se_cluster,
        "p_cluster": result.p_cluster,
        "mann_kendall_tau": result.kendall.tau,
        "mann_kendall_p": result.kendall.p,
        "theil_sen_slope": result.theil_sen,
        "top2_trend_chi2": result.top2_chi2,
        "top2_trend_p": result.top2_p,
    }
    reason = result.reason or result.kendall.reason
    return {**found, "reason": reason} if reason is not None else found


MEASURES: Mapping[str, Callable[[Inputs], Result]] = {
    "yoy_mean": run_yoy_mean,
    "yoy_nps": run_yoy_nps,
    "yoy_proportion": run_yoy_proportion,
    "paired_mean": run_paired_mean,
    "trend": run_trend,
}
