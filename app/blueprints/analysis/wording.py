"""Sentences made from results: the one on top of the page, and the findings that title the figures."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.analysis.marks import is_small, listed
from app.queries.analysis.model import NodeFigure, QuestionFigure, SurveySummary
from app.queries.figures.model import Difference, Figure
from app.web.filters import number, percent
from app.web.i18n import in_language, page_language

_MOST_NAMED = 3


@dataclass(frozen=True)
class Moves:
    """Names of the dimensions that clearly rose and fell."""

    up: list[str]
    down: list[str]


def moves(summary: SurveySummary) -> Moves:
    """What clearly moved among the dimensions, the largest change first."""
    up = _moved(summary, "rise")
    down = _moved(summary, "fall")
    return Moves(up, down)


def _moved(summary: SurveySummary, direction: str) -> list[str]:
    found = [
        (abs(change.diff or 0), in_language(node.name))
        for node in summary.dimensions
        if (change := node.index.change) is not None and change.direction == direction
    ]
    return [name for _size, name in sorted(found, reverse=True)][:_MOST_NAMED]


def sentence(summary: SurveySummary, wave: str) -> str:
    """The result in words that a shop manager would use. `wave` names the earlier survey."""
    parts = [_opening(summary, wave)]
    singles = _single_questions(summary)
    if singles and (moves(summary) != Moves([], []) or not _holds_still(summary)):
        parts.append(singles)
    weakest = clearly_weakest(summary)
    if weakest is not None:
        parts.append(_("“%(part)s” is rated lowest.", part=in_language(weakest.name)))
    if is_small(summary.n):
        parts.append(
            ngettext(
                "With only %(num)s answer this is a first impression.",
                "With only %(num)s answers this is a first impression.",
                summary.n,
            )
        )
    return ("" if page_language() == "zh" else " ").join(parts)


def _opening(summary: SurveySummary, wave: str) -> str:
    index = summary.index
    if index is None or index.now.value is None:
        return _without_index(summary)
    if index.change is None or index.change.diff is None or index.change.direction == "not_tested":
        return _("Satisfaction stands at %(value)s out of 100.", value=number(index.now.value))
    return _compared(index.change, _told(summary), wave)


def _told(summary: SurveySummary) -> Moves:
    """What the first sentence names: dimensions, or single questions where nothing larger moved at all."""
    moved = moves(summary)
    if moved.up or moved.down or not _holds_still(summary):
        return moved
    return Moves(*(_quoted(moved_question(summary, direction)) for direction in ("rise", "fall")))


def _holds_still(summary: SurveySummary) -> bool:
    change = summary.index.change if summary.index else None
    return change is not None and change.diff is not None and change.direction == "no_significant_change"


def _quoted(question: QuestionFigure | None) -> list[str]:
    return [_("“%(question)s”", question=in_language(question.text))] if question else []


def _compared(change: Difference, moved: Moves, wave: str) -> str:
    points = number(abs(change.diff or 0))
    if change.direction == "rise":
        if moved.up:
            return _(
                "Satisfaction is %(points)s points higher than in %(wave)s, a real rise that comes mainly from %(parts)s.",
                points=points,
                wave=wave,
                parts=listed(moved.up),
            )
        return _(
            "Satisfaction is %(points)s points higher than in %(wave)s, a real rise.",
            points=points,
            wave=wave,
        )
    if change.direction == "fall":
        if moved.down:
            return _(
                "Satisfaction is %(points)s points lower than in %(wave)s, a real fall that comes mainly from %(parts)s.",
                points=points,
                wave=wave,
                parts=listed(moved.down),
            )
        return _(
            "Satisfaction is %(points)s points lower than in %(wave)s, a real fall.", points=points, wave=wave
        )
    return _unmoved(moved, wave)


def _unmoved(moved: Moves, wave: str) -> str:
    if moved.up and moved.down:
        return _(
            "Satisfaction as a whole has not clearly changed since %(wave)s, but %(up)s went up and %(down)s went down.",
            wave=wave,
            up=listed(moved.up),
            down=listed(moved.down),
        )
    if moved.up:
        return _(
            "Satisfaction as a whole has not clearly changed since %(wave)s, but %(up)s went up.",
            wave=wave,
            up=listed(moved.up),
        )
    if moved.down:
        return _(
            "Satisfaction as a whole has not clearly changed since %(wave)s, but %(down)s went down.",
            wave=wave,
            down=listed(moved.down),
        )
    return _(
        "Satisfaction has not clearly changed since %(wave)s, neither as a whole nor in any dimension.",
        wave=wave,
    )


def _without_index(summary: SurveySummary) -> str:
    overall = summary.question(summary.overall)
    if overall is not None and overall.top2.now.value is not None:
        return _("%(share)s of those who answered are satisfied.", share=percent(overall.top2.now.value, 0))
    if summary.nps is not None and summary.nps.score.now.value is not None:
        return _("The net promoter score is %(value)s.", value=number(summary.nps.score.now.value))
    return ngettext(
        "%(num)s complete answer. There is no score to show yet.",
        "%(num)s complete answers. There is no score to show yet.",
        summary.n,
    )


def _single_questions(summary: SurveySummary) -> str:
    """What moved among the questions without moving its whole dimension."""
    risen, fallen = moved_question(summary, "rise"), moved_question(summary, "fall")
    if risen and fallen:
        return _(
            "Among the single questions, “%(up)s” has clearly risen and “%(down)s” has clearly fallen.",
            up=in_language(risen.text),
            down=in_language(fallen.text),
        )
    if risen:
        return _("Among the single questions, “%(up)s” has clearly risen.", up=in_language(risen.text))
    if fallen:
        return _("Among the single questions, “%(down)s” has clearly fallen.", down=in_language(fallen.text))
    return ""


def moved_question(summary: SurveySummary, direction: str) -> QuestionFigure | None:
    """The question of the tree that rose or fell most, unless its dimension's move is told already."""
    told = {
        code
        for node in summary.dimensions
        if node.index.change is not None and node.index.change.direction == direction
        for code in node.items
    }
    moved = [
        (abs(change.diff or 0.0), question.code)
        for question in summary.questions
        if question.indicator and question.code not in told
        if (change := question.index.change) is not None and change.direction == direction
    ]
    return summary.question(max(moved)[1]) if moved else None


def clearly_weakest(summary: SurveySummary) -> NodeFigure | None:
    """The lowest dimension, if its interval lies below the index as a whole."""
    total = summary.index.now.value if summary.index else None
    scored = [node for node in summary.dimensions if node.index.now.value is not None]
    if total is None or len(scored) < 2:
        return None
    lowest = min(scored, key=lambda node: node.index.now.value or 0)
    high = lowest.index.now.high
    return lowest if high is not None and high < total else None


def dimensions_title(summary: SurveySummary) -> str:
    """The finding of the figure of dimensions."""
    moved = moves(summary)
    if moved.up and moved.down:
        return _("%(up)s rose clearly; %(down)s fell", up=listed(moved.up), down=listed(moved.down))
    if moved.up:
        return _("%(up)s rose clearly", up=listed(moved.up))
    if moved.down:
        return _("%(down)s fell clearly", down=listed(moved.down))
    if any(node.index.change and node.index.change.diff is not None for node in summary.dimensions):
        return _("No dimension has clearly changed")
    return _ranking([node for node in summary.dimensions if node.index.now.value is not None])


def _ranking(scored: list[NodeFigure]) -> str:
    """Which dimensions stand highest and lowest; those that print the same number share their place."""
    if len(scored) < 2:
        return _("The dimensions")
    printed = {node.code: number(node.index.now.value) for node in scored}
    ordered = sorted(scored, key=lambda node: node.index.now.value or 0)
    top = [node for node in scored if printed[node.code] == printed[ordered[-1].code]]
    bottom = [node for node in scored if printed[node.code] == printed[ordered[0].code]]
    best, worst = in_language(top[0].name), in_language(bottom[0].name)
    if len(top) == len(scored):
        return _("All dimensions are rated alike")
    if len(top) == len(bottom) == 1:
        return _("%(best)s is rated highest, %(worst)s lowest", best=best, worst=worst)
    if len(bottom) == 1:
        return _("%(count)s dimensions share the first place, %(worst)s is last", count=len(top), worst=worst)
    if len(top) == 1:
        return _(
            "%(best)s is rated highest, %(count)s dimensions share the last place",
            best=best,
            count=len(bottom),
        )
    return _(
        "%(count)s dimensions share the first place, %(others)s the last", count=len(top), others=len(bottom)
    )


def promoters_title(score: Figure) -> str:
    """The finding of the figure of recommendation: said only where the interval leaves no doubt."""
    if score.low is not None and score.low > 0:
        return _("More people recommend us than advise against us")
    if score.high is not None and score.high < 0:
        return _("More people advise against us than recommend us")
    return _("Neither clearly more promoters nor clearly more detractors")
