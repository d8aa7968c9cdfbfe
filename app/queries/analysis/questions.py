"""Figures of single questions."""

from app.queries.analysis.model import ChoiceFigure, OptionFigure, Point, QuestionFigure
from app.queries.analysis.waves import Wave, turned_labels
from app.queries.figures.differing import NOTHING, Compared, family, figure
from app.queries.figures.model import Difference, Figure, Measure
from app.rules.questionnaire import ScoredItem, comparable
from app.stats.adjust import benjamini_hochberg
from app.stats.counted import counted_descriptive, counted_mean_change, counted_proportion_change
from app.stats.difference import Overlap
from app.stats.scores import Descriptive, proportion
from app.stats.types import Unit


def item_reasons(new: Wave, old: Wave, code: str, least: int, *, cautious: bool) -> tuple[str, ...]:
    """Why an item is not compared with the earlier wave; empty when it is."""
    former = old.plan.items.get(code)
    if former is None:
        return ("new",)
    reasons = comparable(former, new.plan.items[code])
    if reasons:
        return tuple(reason.value for reason in reasons)
    return ("too_few",) if old.hidden((code,), least, cautious=cautious) else ()


class Questions:
    """All scored questions of a wave, compared with the wave before where there is one."""

    def __init__(
        self, new: Wave, old: Wave | None, overlap: Overlap | None, *, least: int, cautious: bool
    ) -> None:
        self.new, self.old, self.overlap = new, old, overlap
        self.hidden = {code: new.hidden((code,), least, cautious=cautious) for code in new.plan.items}
        shown = [code for code, why in self.hidden.items() if why is None]
        self.now = {code: counted_descriptive(new.counts(code), new.scale(code)) for code in shown}
        self.then: dict[str, Descriptive] = {}
        indices: dict[str, Compared] = {}
        tops: dict[str, Compared] = {}
        for code in shown if old else ():
            assert old is not None
            reasons = item_reasons(new, old, code, least, cautious=cautious)
            if reasons:
                indices[code] = tops[code] = Compared(NOTHING, None, reasons)
            else:
                indices[code], tops[code] = self._compared(old, code)
        self.index_changes = family(indices, benjamini_hochberg)
        self.top_changes = family(tops, benjamini_hochberg)

    def _compared(self, old: Wave, code: str) -> tuple[Compared, Compared]:
        assert self.overlap is not None
        counted, scale = self.new.counted(code, old, self.overlap), self.new.scale(code)
        then = self.then[code] = counted_descriptive(counted.old, scale)
        points = scale.point_values
        on_index = (points - scale.low) * (100 / (scale.high - scale.low))
        index = counted_mean_change(counted, on_index, Unit.INDEX)
        top = counted_proportion_change(counted, points >= scale.top_box)
        return Compared(figure(then.index), index), Compared(figure(then.top2), top)

    def figures(self) -> tuple[QuestionFigure, ...]:
        """One per scored item, in reading order."""
        return tuple(self._figure(code, item) for code, item in self.new.plan.items.items())

    def _figure(self, code: str, item: ScoredItem) -> QuestionFigure:
        labels, low_text, high_text = turned_labels(item)
        found = self.now.get(code)
        return QuestionFigure(
            code=code,
            type=item.type,
            text=dict(item.text),
            stem=dict(item.stem),
            low=item.min,
            high=item.max,
            labels=tuple(dict(label) for label in labels),
            low_text=dict(low_text),
            high_text=dict(high_text),
            indicator=item.indicator,
            reverse=item.reverse,
            hidden=self.hidden[code],
            n=found.n if found else 0,
            statuses=dict(self.new.tally(code).statuses) if found else {},
            mean=figure(found.mean) if found else NOTHING,
            sd=found.sd if found else None,
            median=found.median if found else None,
            score_rate=figure(found.score_rate) if found else NOTHING,
            index=_measure(figure(found.index) if found else None, self.index_changes.get(code)),
            top2=_measure(figure(found.top2) if found else None, self.top_changes.get(code)),
            distribution=_points(found, self.then.get(code)),
        )


def _measure(now: Figure | None, change: Difference | None) -> Measure:
    return Measure(now or NOTHING, change)


def _points(now: Descriptive | None, then: Descriptive | None) -> tuple[Point, ...]:
    if now is None:
        return ()
    before = {share.point: share.pct for share in then.distribution} if then else {}
    return tuple(
        Point(share.point, share.count, share.pct, before.get(share.point)) for share in now.distribution
    )


def choice_figures(wave: Wave, *, least: int, cautious: bool) -> tuple[ChoiceFigure, ...]:
    """One per choice question, in reading order."""
    found = []
    for code, question in wave.plan.choices.items():
        picked = wave.frame.choice(code, len(question.options), wave.mask)
        n = picked.statuses["valid"]
        others = wave.frame.choice(code, 0, ~wave.mask).statuses["valid"]
        hidden = "too_few" if n < least else "would_reveal" if cautious and 0 < others < least else None
        options = tuple(
            OptionFigure(dict(option.text), count, figure(proportion(count, n, "share_wilson")))
            for option, count in zip(question.options, picked.counts, strict=True)
        )
        found.append(
            ChoiceFigure(
                code,
                question.type,
                dict(question.text),
                hidden,
                0 if hidden else n,
                {} if hidden else dict(picked.statuses),
                () if hidden else options,
            )
        )
    return tuple(found)
