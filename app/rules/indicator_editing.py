"""Operations on an indicator tree: a tree in, a new one out. Shapes and checks are in `indicators`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from app.rules.indicators import Indicator, walk

Tree = tuple[Indicator, ...]
MAX_NODES = 200


def add(tree: Sequence[Indicator], parent: str | None, *, reserved: Collection[str] = ()) -> tuple[Tree, str]:
    """A new nameless node at the end of `parent` (None: top level), and its code.

    Its weight is what is missing to 1, so that adding to a full group changes nothing yet.
    Codes in `reserved` are not given again. Raises `KeyError` for an unknown parent and
    `OverflowError` when the tree is full.
    """
    codes = {node.code for node in walk(tree)} | set(reserved)
    if len(codes) >= MAX_NODES + len(reserved):
        raise OverflowError(MAX_NODES)
    number = 1
    while (code := f"indicator_{number}") in codes:
        number += 1

    def append(siblings: Tree) -> Tree:
        rest = max(0.0, 1 - sum(node.weight for node in siblings))
        return (*siblings, Indicator(code, {}, round(rest, 6)))

    return _within(tuple(tree), parent, append), code


def remove(tree: Sequence[Indicator], code: str) -> Tree:
    """Without the node and everything below it."""
    return tuple(replace(node, children=remove(node.children, code)) for node in tree if node.code != code)


def move(tree: Sequence[Indicator], code: str, direction: str) -> Tree:
    """The node one place `up` or `down` among its siblings; at the edge nothing changes."""
    nodes = list(tree)
    at = next((place for place, node in enumerate(nodes) if node.code == code), None)
    if at is None:
        return tuple(replace(node, children=move(node.children, code, direction)) for node in nodes)
    to = at - 1 if direction == "up" else at + 1
    if 0 <= to < len(nodes):
        nodes.insert(to, nodes.pop(at))
    return tuple(nodes)


def rewrite(
    tree: Sequence[Indicator],
    names: Mapping[str, Mapping[str, str]],
    weights: Mapping[str, float],
) -> Tree:
    """Other names and weights, by code; nodes that are not named keep theirs."""
    return tuple(
        Indicator(
            node.code,
            {**node.name, **names.get(node.code, {})},
            weights.get(node.code, node.weight),
            rewrite(node.children, names, weights),
        )
        for node in tree
    )


def _within(tree: Tree, parent: str | None, change: Callable[[Tree], Tree]) -> Tree:
    """The tree with `change` done to the children of `parent`."""
    if parent is None:
        return change(tree)
    if parent not in {node.code for node in walk(tree)}:
        raise KeyError(parent)
    return tuple(
        replace(node, children=change(node.children))
        if node.code == parent
        else replace(node, children=_within_if(node.children, parent, change))
        for node in tree
    )


def _within_if(tree: Tree, parent: str, change: Callable[[Tree], Tree]) -> Tree:
    return _within(tree, parent, change) if parent in {node.code for node in walk(tree)} else tree
