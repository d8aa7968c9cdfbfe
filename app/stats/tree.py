"""Indicator tree (指标体系): dimensions, indicators and the items that measure them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WEIGHT_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Leaf:
    """One scored item; `weight` among its siblings."""

    column: str
    weight: float


@dataclass(frozen=True, slots=True)
class Node:
    """A dimension or indicator; `weight` among its siblings. Without children it has no score."""

    name: str
    weight: float
    children: tuple["Node | Leaf", ...]


Tree = Sequence[Node | Leaf]


def tree_from_indicators(
    indicators: Sequence[Mapping[str, Any]], items: Mapping[str, Sequence[str]]
) -> tuple[Node, ...]:
    """Tree of a stored indicator system.

    Parameters
    ----------
    indicators : sequence of mapping
        ``{"code", "weight", "children"}`` at every level.
    items : mapping of str to sequence of str
        Columns that measure each lowest indicator; several count equally.

    Returns
    -------
    tuple of Node
        Named by code. An indicator without items has no score.

    Examples
    --------
    >>> system = [{"code": "speed", "weight": 1.0, "children": []}]
    >>> tree_from_indicators(system, {"speed": ["q1", "q2"]})[0].children
    (Leaf(column='q1', weight=0.5), Leaf(column='q2', weight=0.5))
    """
    nodes = []
    for indicator in indicators:
        below = indicator.get("children") or ()
        columns = items.get(indicator["code"], ())
        children: tuple[Node | Leaf, ...] = (
            tree_from_indicators(below, items)
            if below
            else tuple(Leaf(column, 1 / len(columns)) for column in columns)
        )
        nodes.append(Node(indicator["code"], float(indicator["weight"]), children))
    return tuple(nodes)


def check_tree(tree: Tree) -> None:
    """Raise if the tree cannot be scored.

    Raises
    ------
    ValueError
        ``weights_not_one`` if the weights of siblings do not sum to 1 (within 1e-6),
        ``negative_weight``, ``duplicate_name`` for two nodes of one name.
    """
    names: set[str] = set()
    _check_siblings(tree)
    for node in nodes_of(tree):
        if node.name in names:
            raise ValueError("duplicate_name")
        names.add(node.name)
        if node.children:
            _check_siblings(node.children)


def _check_siblings(siblings: Tree) -> None:
    weights = [child.weight for child in siblings]
    if any(not w >= 0 for w in weights):
        raise ValueError("negative_weight")
    if not abs(math.fsum(weights) - 1) <= _WEIGHT_SLACK:
        raise ValueError("weights_not_one")


def nodes_of(tree: Tree) -> Iterator[Node]:
    """Every node of a tree, parents before children."""
    for child in tree:
        if isinstance(child, Node):
            yield child
            yield from nodes_of(child.children)


def leaf_weights(tree: Tree, factor: float = 1.0) -> dict[str, float]:
    """Weight product from the root to each leaf; a column used twice adds up.

    Examples
    --------
    >>> leaf_weights([Node("staff", 0.6, (Leaf("a", 1.0),)), Leaf("b", 0.4)])
    {'a': 0.6, 'b': 0.4}
    """
    weights: dict[str, float] = {}
    for child in tree:
        if isinstance(child, Leaf):
            found = {child.column: factor * child.weight}
        else:
            found = leaf_weights(child.children, factor * child.weight)
        for column, weight in found.items():
            weights[column] = weights.get(column, 0.0) + weight
    return weights
