"""The indicator tree: dimensions, their indicators, and how much each weighs.

The tree outlives questionnaires; a scored question points at a leaf. Scores over the tree are
computed in `stats`; here is only its shape. JSON shape of a node:
`{"code", "name": {lang: str}, "weight": float, "children": [node, …]}`.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

TOLERANCE = 1e-6
MAX_DEPTH = 6
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class IndicatorError(ValueError):
    """The tree has the wrong shape: `code` says how, `path` where."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(f"{code} at {path or '/'}")
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True)
class Indicator:
    """A node of the tree. Weights of siblings sum to 1; questions point at leaves."""

    code: str
    name: Mapping[str, str]
    weight: float
    children: tuple["Indicator", ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """An indicator that questions measure; `weight` is its share of the whole tree (0..1)."""

    code: str
    name: Mapping[str, str]
    weight: float
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeProblem:
    """`weights_sum` (params: sum), `negative_weight`, `duplicate_code`, `missing_name` (params: lang)."""

    code: str
    indicator: str | None
    params: Mapping[str, Any]


def parse(raw: Any, path: str = "") -> tuple[Indicator, ...]:
    """Read a list of nodes; raises `IndicatorError` when its shape is wrong."""
    if not isinstance(raw, list):
        raise IndicatorError("not_a_list", path)
    if path.count("/") > MAX_DEPTH * 2:
        raise IndicatorError("too_deep", path)
    return tuple(_node(node, f"{path}/{at}") for at, node in enumerate(raw))


def _node(raw: Any, path: str) -> Indicator:
    if not isinstance(raw, dict):
        raise IndicatorError("not_an_object", path)
    code, name = raw.get("code"), raw.get("name", {})
    weight: Any = raw.get("weight")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise IndicatorError("bad_code", f"{path}/code")
    if not isinstance(name, dict) or not all(isinstance(one, str) for pair in name.items() for one in pair):
        raise IndicatorError("not_a_text", f"{path}/name")
    if type(weight) not in (int, float) or not math.isfinite(float(weight)):
        raise IndicatorError("not_a_number", f"{path}/weight")
    children = parse(raw.get("children") or [], f"{path}/children")
    return Indicator(code, dict(name), float(weight), children)


def to_json(tree: Sequence[Indicator]) -> list[dict[str, Any]]:
    """The tree as plain lists and dicts, as it is stored."""
    return [
        {
            "code": node.code,
            "name": dict(node.name),
            "weight": node.weight,
            "children": to_json(node.children),
        }
        for node in tree
    ]


def walk(tree: Sequence[Indicator]) -> Iterator[Indicator]:
    """Every node, parents before children."""
    for node in tree:
        yield node
        yield from walk(node.children)


def leaves(tree: Sequence[Indicator]) -> tuple[Leaf, ...]:
    """The leaves in order, each with the product of the weights from the root."""
    return tuple(_leaves(tree, 1.0, ()))


def _leaves(tree: Sequence[Indicator], share: float, parents: tuple[str, ...]) -> Iterator[Leaf]:
    for node in tree:
        weight = share * node.weight
        if node.children:
            yield from _leaves(node.children, weight, (*parents, node.code))
        else:
            yield Leaf(node.code, node.name, weight, parents)


def check(tree: Sequence[Indicator], languages: Sequence[str] = ()) -> list[TreeProblem]:
    """What keeps the tree from being used; empty when siblings sum to 1 and codes are unique."""
    problems = _check_siblings(tree, None)
    seen: set[str] = set()
    for node in walk(tree):
        if node.code in seen:
            problems.append(TreeProblem("duplicate_code", node.code, {}))
        seen.add(node.code)
        problems.extend(
            TreeProblem("missing_name", node.code, {"lang": lang})
            for lang in languages
            if not node.name.get(lang, "").strip()
        )
    return problems


def _check_siblings(siblings: Sequence[Indicator], parent: str | None) -> list[TreeProblem]:
    if not siblings:
        return []
    problems = [TreeProblem("negative_weight", node.code, {}) for node in siblings if node.weight < 0]
    total = math.fsum(node.weight for node in siblings)
    if abs(total - 1) > TOLERANCE:
        problems.append(TreeProblem("weights_sum", parent, {"sum": total}))
    for node in siblings:
        problems.extend(_check_siblings(node.children, node.code))
    return problems


def normalise(tree: Sequence[Indicator]) -> tuple[Indicator, ...]:
    """The same tree with every group of siblings scaled to sum 1.

    Negative weights count as 0; a group without any weight is shared out equally.
    """
    weights = [max(node.weight, 0.0) for node in tree]
    largest = max(weights, default=0.0)
    # Dividing by the largest first keeps the sum finite and the smallest weights from vanishing.
    parts = [one / largest for one in weights] if largest > 0 else [1.0] * len(weights)
    total = math.fsum(parts)
    return tuple(
        replace(node, weight=part / total, children=normalise(node.children))
        for node, part in zip(tree, parts, strict=True)
    )
