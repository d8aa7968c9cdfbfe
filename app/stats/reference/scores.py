"""Measures of scores, response status and response rates."""

from collections.abc import Callable, Mapping
from typing import Any

from app.stats.index import LeafScore, weighted_index
from app.stats.nps import net_promoter
from app.stats.reference.inputs import Inputs
from app.stats.reference.rows import CaseError
from app.stats.response import Dispositions, response_rates
from app.stats.scores import csat, customer_effort, descriptive
from app.stats.status import status_counts
from app.stats.three_items import three_item_index
from app.stats.tree import Leaf, Node, leaf_weights
from app.stats.types import Estimate

Result = dict[str, Any]


def notes(estimate: Estimate) -> Result:
    """Method, flags and, where something is missing, the reason."""
    found: Result = {"method": estimate.method, "flags": list(estimate.flags)}
    if estimate.reason is not None:
        found["reason"] = estimate.reason
    return found


def run_descriptive(inputs: Inputs) -> Result:
    scale = inputs.required_scale()
    result = descriptive(inputs.values(inputs.column_name(), scale), scale)
    inputs.check_reversed()
    return {
        "n": result.n,
        "n_excluded": result.n_excluded,
        "mean": result.mean.value,
        "sd": result.sd,
        "median": result.median,
        "mean_ci": result.mean.ci,
        "score_rate_pct": result.score_rate.value,
        "index_0_100": result.index.value,
        "top2_count": result.top2_count,
        "top2_pct": result.top2.value,
        "top2_ci_pct": result.top2.ci,
        "bottom2_pct": result.bottom2.value,
        "counts": {share.point: share.count for share in result.distribution},
        "pct": {share.point: share.pct for share in result.distribution},
        **notes(result.mean),
    }


def run_csat(inputs: Inputs) -> Result:
    scale = inputs.required_scale()
    satisfied = inputs.numbers("satisfied_values", None)
    result = csat(inputs.values(inputs.column_name(), scale, turned=False), scale, satisfied)
    return {"n": result.n, "csat_pct": result.value, "ci_pct": result.ci, **notes(result)}


def run_ces(inputs: Inputs) -> Result:
    scale = inputs.required_scale([1, 7])
    easy = inputs.boolean("easy_is_high", True)
    column = inputs.values(inputs.column_name(), scale, turned=False)
    result = customer_effort(column, scale, easy_is_high=easy)
    return {
        "n": result.n,
        "mean": result.mean.value,
        "mean_ci": result.mean.ci,
        "top3_pct": result.top3.value,
        "top3_ci_pct": result.top3.ci,
        **notes(result.mean),
    }


def run_nps(inputs: Inputs) -> Result:
    scale = inputs.required_scale([0, 10])
    result = net_promoter(inputs.values(inputs.column_name(), scale, turned=False))
    return {
        "n": result.n,
        "promoters": result.promoters,
        "passives": result.passives,
        "detractors": result.detractors,
        "promoter_pct": result.promoter_pct,
        "passive_pct": result.passive_pct,
        "detractor_pct": result.detractor_pct,
        "nps": result.nps.value,
        "se_wald": result.se_wald,
        "ci_wald": result.ci_wald,
        "nps_adjusted": result.adjusted,
        "se_adjusted": result.se_adjusted,
        "ci_adjusted_wald": result.nps.ci,
        **notes(result.nps),
    }


def run_acsi(inputs: Inputs) -> Result:
    scale = inputs.required_scale([1, 10])
    names = inputs.column_names()
    items = [inputs.values(name, scale, turned=False) for name in names]
    result = three_item_index(items, scale, inputs.numbers("weights", None))
    return {
        "item_means": result.item_means,
        "n": result.n,
        "acsi": result.index.value,
        **notes(result.index),
    }


def _tree(raw: object) -> tuple[Node | Leaf, ...]:
    if not isinstance(raw, list) or not raw:
        raise CaseError("bad_key: tree")
    return tuple(_branch(child) for child in raw)


def _branch(raw: object) -> Node | Leaf:
    if not isinstance(raw, dict):
        raise CaseError("bad_key: tree")
    weight, leaf = raw.get("weight"), "column" in raw
    keys = {"column", "weight"} if leaf else {"name", "weight", "children"}
    name = raw.get("column" if leaf else "name")
    number = isinstance(weight, int | float) and not isinstance(weight, bool)
    if set(raw) != keys or not number or not isinstance(name, str):
        raise CaseError("bad_key: tree")
    share = float(weight)  # type: ignore[arg-type]
    return Leaf(name, share) if leaf else Node(name, share, _tree(raw["children"]))


def run_weighted_index(inputs: Inputs) -> Result:
    tree, scale = _tree(inputs.get("tree")), inputs.required_scale()
    chosen = inputs.choice("leaf", ("score_rate", "index_0_100"), "score_rate")
    leaf: LeafScore = "score_rate" if chosen == "score_rate" else "index_0_100"
    least = inputs.number("min_weight_pct", 50)
    columns = {name: inputs.values(name, scale) for name in leaf_weights(tree)}
    inputs.check_reversed()
    result = weighted_index(columns, tree, scale, leaf=leaf, min_weight_pct=least)
    return {
        "n": result.total.n,
        "leaf": {name: found.value for name, found in result.leaves.items()},
        "node": {name: found.value for name, found in result.nodes.items()},
        "total": result.total.value,
        "total_se": result.total.se,
        "total_ci": result.total.ci,
        "respondent_level_n": result.respondent_n,
        "respondent_level_mean": result.respondent_mean,
        "respondent_level_sd": result.respondent_sd,
        **notes(result.total),
    }


def run_response_status(inputs: Inputs) -> Result:
    scale = inputs.scale(default=None)
    status = {}
    for name in inputs.column_names():
        counts = status_counts(inputs.cleaned(name, scale))
        status[name] = {field: getattr(counts, field) for field in counts.__slots__}
    return {"status": status}


def run_response_rate(inputs: Inputs) -> Result:
    keys = ("I", "P", "R", "NC", "O", "UH", "UO", "ineligible")
    result = response_rates(Dispositions(*(inputs.whole(key) for key in keys)))
    names = ("rr1", "rr2", "rr3", "rr4", "rr5", "rr6", "coop1", "refusal1", "contact1")
    rates = {name: getattr(result, name) for name in names}
    found = {
        "e": result.e,
        **{name: rate.value for name, rate in rates.items()},
        **{f"{name}_ci": rate.ci for name, rate in rates.items()},
    }
    reasons = [rate.reason for rate in rates.values() if rate.reason is not None]
    return {**found, "reason": reasons[0]} if reasons else found


MEASURES: Mapping[str, Callable[[Inputs], Result]] = {
    "descriptive": run_descriptive,
    "csat": run_csat,
    "ces": run_ces,
    "nps": run_nps,
    "acsi": run_acsi,
    "weighted_index": run_weighted_index,
    "response_status": run_response_status,
    "response_rate": run_response_rate,
}
