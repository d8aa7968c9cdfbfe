"""The weighted satisfaction index, its dimensions and indicators, and their changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.queries.analysis.model import NodeFigure
from app.queries.analysis.questions import item_reasons
from app.queries.analysis.waves import Wave
from app.queries.figures.differing import NOTHING, Compared, family, figure, single
from app.queries.figures.model import Difference, Measure
from app.stats.adjust import benjamini_hochberg, holm
from app.stats.change import index_change
from app.stats.difference import Overlap
from app.stats.index import (
    IndexInfluence,
    Influence,
    LeafScore,
    WeightedIndex,
    index_influence,
    influence_estimate,
    weighted_index,
)
from app.stats.scores import mean_estimate
from app.stats.tree import Node, Tree, leaf_weights, nodes_of, tree_from_indicators
from app.stats.types import FloatArray, Scale, as_floats

# Scales of different length are compared on 0–100 only, so the tree is built on it.
LEAF: LeafScore = "index_0_100"


@dataclass(frozen=True)
class Indices:
    """Result for the page."""

    total: Measure | None
    score_rate: float | None
    dimensions: tuple[NodeFigure, ...]


def indices(new: Wave, old: Wave | None, overlap: Overlap | None, *, least: int, cautious: bool) -> Indices:
    """Index of the wave by its own tree; the earlier wave is weighed by the same tree, question by question."""
    tree = tree_from_indicators(new.plan.indicators, new.plan.measured_by)
    if not leaf_weights(tree):
        return Indices(None, None, ())
    scales = {code: new.scale(code) for code in leaf_weights(tree)}
    scored = index_influence(_columns(new, scales), tree, scales, leaf=LEAF)
    rates = _score_rates(new, tree, scales)
    hidden = {
        node.name: new.hidden(leaf_weights(node.children), least, cautious=cautious)
        for node in nodes_of(tree)
    }
    changes: Mapping[str, Difference] = {}
    total: Difference | None = None
    if old is not None:
        comparison = _Comparison(new, old, overlap, tree, scored, least=least, cautious=cautious)
        total = single(comparison.total())
        changes = comparison.nodes(hidden)
    build = _Builder(scored, rates, hidden, changes)
    return Indices(
        Measure(figure(influence_estimate(scored.total)), total),
        rates.total.value,
        tuple(build.nodes(new.plan.indicators, tree, 1.0)),
    )


def _columns(wave: Wave, codes: Mapping[str, Any]) -> dict[str, FloatArray]:
    return {code: wave.values(code) for code in codes}


def _score_rates(wave: Wave, tree: Tree, scales: Mapping[str, Scale]) -> WeightedIndex:
    """The tree of score rates. It is linear in the items' means, so one row of means gives the same values."""
    means = {code: mean_estimate(wave.values(code)).value for code in scales}
    row = {code: as_floats([mean]) for code, mean in means.items() if mean is not None}
    return weighted_index(row, tree, scales, leaf="score_rate")


class _Comparison:
    """The same questions in both waves, weighed by the newer tree."""

    def __init__(
        self,
        new: Wave,
        old: Wave,
        overlap: Overlap | None,
        tree: Sequence[Node],
        scored: IndexInfluence,
        *,
        least: int,
        cautious: bool,
    ) -> None:
        self.tree, self.overlap = tree, overlap
        self.reasons = {
            code: item_reasons(new, old, code, least, cautious=cautious) for code in leaf_weights(tree)
        }
        self.same = {
            code: new.scale(code)
            for code, reasons in self.reasons.items()
            if not reasons and new.has_answers(code)
        }
        whole = len(self.same) == len(self.reasons)
        scales = {code: new.scale(code) for code in self.reasons}
        self.new = scored if whole else index_influence(_columns(new, self.same), tree, scales, leaf=LEAF)
        self.old = index_influence(_columns(old, self.same), tree, scales, leaf=LEAF)

    def total(self) -> Compared:
        return self._compared(self.tree, self.old.total, self.new.total)

    def nodes(self, hidden: Mapping[str, str | None]) -> dict[str, Difference]:
        """Dimensions corrected by Holm, everything below them by Benjamini–Hochberg."""
        top = {node.name for node in self.tree}
        open_nodes = [node for node in nodes_of(self.tree) if hidden[node.name] is None]
        compared = {node.name: self._node(node) for node in open_nodes}
        dimensions = {name: one for name, one in compared.items() if name in top}
        below = {name: one for name, one in compared.items() if name not in top}
        return family(dimensions, holm) | family(below, benjamini_hochberg)

    def _node(self, node: Node) -> Compared:
        return self._compared(node.children, self.old.nodes[node.name], self.new.nodes[node.name])

    def _compared(self, children: Tree, old: Influence, new: Influence) -> Compared:
        codes = leaf_weights(children)
        why = {reason for code in codes for reason in self.reasons[code]}
        if old.value is None or new.value is None:
            return Compared(NOTHING, None, tuple(sorted(why or {"too_few"})))
        partial = any(code not in self.same for code in codes)
        change = index_change(old, new, self.overlap)
        return Compared(figure(influence_estimate(old)), change, tuple(sorted(why)), partial)


@dataclass(frozen=True)
class _Builder:
    scored: IndexInfluence
    rates: WeightedIndex
    hidden: Mapping[str, str | None]
    changes: Mapping[str, Difference]

    def nodes(
        self, indicators: Sequence[Mapping[str, Any]], tree: Sequence[Node], share: float
    ) -> Iterator[NodeFigure]:
        for stored, node in zip(indicators, tree, strict=True):
            below = stored.get("children") or ()
            why = self.hidden[node.name]
            children = [child for child in node.children if isinstance(child, Node)]
            yield NodeFigure(
                code=node.name,
                name=dict(stored["name"]),
                weight=node.weight,
                share=share * node.weight,
                index=Measure(
                    NOTHING if why else figure(influence_estimate(self.scored.nodes[node.name])),
                    self.changes.get(node.name),
                ),
                score_rate=None if why else self.rates.nodes[node.name].value,
                items=tuple(leaf_weights(node.children)),
                children=tuple(self.nodes(below, children, share * node.weight)),
                hidden=why,
            )
