"""What the templates draw: rows, bars and notes made of a summary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.analysis import marks
from app.blueprints.analysis.marks import Axis, Change, Mark
from app.queries.analysis.model import ChoiceFigure, NodeFigure, Point, QuestionFigure, SurveySummary
from app.queries.figures.model import Measure
from app.web.filters import number, percent
from app.web.i18n import in_language

_LOW_RESPONSE = 20.0
_MANY_UNANSWERED = 5.0
_LISTED = 3


@dataclass(frozen=True)
class Headline:
    """One of the figures on top."""

    id: str
    name: str
    term: str
    value: str
    unit: str
    change: Change | None
    mark: Mark | None
    axis: Axis
    note: str


@dataclass(frozen=True)
class Row:
    """A dimension, indicator or question with its mark; `hidden` says why there is none."""

    code: str
    name: str
    note: str
    value: str
    mark: Mark | None
    change: Change | None
    hidden: str
    n: int
    n_note: str


def headlines(summary: SurveySummary) -> list[Headline]:
    """Index, recommendation, response: those that this questionnaire has."""
    found = [_index(summary), _recommendation(summary), _response(summary)]
    return [one for one in found if one is not None]


def _index(summary: SurveySummary) -> Headline | None:
    if summary.index is None or summary.index.now.value is None:
        return _satisfied(summary)
    note = _(
        "95%% interval %(span)s · n = %(n)s",
        span=marks.interval(summary.index.now, 0, 100),
        n=_count(summary.index.now.n),
    )
    return _headline(
        "index", _("Overall satisfaction"), _("weighted index"), summary.index, (0, 100), "/ 100", note
    )


def _satisfied(summary: SurveySummary) -> Headline | None:
    """Without a tree of indicators the one general question stands in for the index."""
    question = summary.question(summary.overall)
    if question is None or question.index.now.value is None:
        return None
    figure = question.index.now
    note = _("95%% interval %(span)s · n = %(n)s", span=marks.interval(figure, 0, 100), n=_count(figure.n))
    return _headline(
        "index", _("Overall satisfaction"), _("one question, 0–100"), question.index, (0, 100), "/ 100", note
    )


def _recommendation(summary: SurveySummary) -> Headline | None:
    if summary.nps is None:
        return None
    figure = summary.nps.score.now
    note = _("95%% interval %(span)s · n = %(n)s", span=marks.interval(figure, -100, 100), n=_count(figure.n))
    return _headline(
        "nps", _("Would recommend us"), _("net promoter score"), summary.nps.score, (-100, 100), "", note
    )


def _response(summary: SurveySummary) -> Headline | None:
    response = summary.response
    if response is None:
        return None
    note = _(
        "%(answered)s / %(invited)s · interval %(span)s%%",
        answered=_count(response.answered),
        invited=_count(response.invited),
        span=marks.interval(response.rate.now, 0, 100),
    )
    return _headline(
        "response", _("Response rate"), _("finished of all invited"), response.rate, (0, 100), "%", note
    )


def _headline(
    id_: str, name: str, term: str, measure: Measure, ends: tuple[float, float], unit: str, note: str
) -> Headline:
    axis_unit = "%" if unit == "%" else ""
    return Headline(
        id=id_,
        name=name,
        term=term,
        value=number(measure.now.value),
        unit=unit,
        change=marks.change(measure.change, interval=True),
        mark=marks.mark(measure, name, *ends),
        axis=marks.axis([measure], *ends, most_ticks=4, unit=axis_unit),
        note=note,
    )


def _count(n: int) -> str:
    return number(n, 0)


def dimension_rows(summary: SurveySummary) -> tuple[list[Row], Axis]:
    """Dimensions from the highest to the lowest, on one axis."""
    ordered = sorted(
        summary.dimensions,
        key=lambda node: -1.0 if node.index.now.value is None else node.index.now.value,
        reverse=True,
    )
    axis = marks.axis([node.index for node in ordered if not node.hidden], 0, 100)
    return [node_row(node, summary) for node in ordered], axis


def node_row(node: NodeFigure, summary: SurveySummary) -> Row:
    """One dimension or indicator."""
    name = in_language(node.name)
    few = node.index.now.n < 0.5 * summary.n or marks.is_small(node.index.now.n)
    return Row(
        code=node.code,
        name=name,
        note=_("weight %(share)s", share=percent(100 * node.share, 0)),
        value=number(node.index.now.value),
        mark=marks.mark(node.index, name, 0, 100),
        change=marks.change(node.index.change),
        hidden=marks.hidden_words(node.hidden, summary.least) if node.hidden else "",
        n=node.index.now.n,
        n_note=_("n = %(n)s", n=_count(node.index.now.n)) if few else "",
    )


def routed_note(summary: SurveySummary) -> str:
    """Which dimensions rest on fewer people."""
    few = [
        node
        for node in summary.dimensions
        if node.index.now.value is not None and node.index.now.n < 0.5 * summary.n
    ]
    if not few:
        return _("n = %(n)s", n=_count(summary.n))
    node = min(few, key=lambda one: one.index.now.n)
    return _(
        "“%(part)s” was asked only where it applied: n = %(n)s, so its interval is wide",
        part=in_language(node.name),
        n=_count(node.index.now.n),
    )


def lowest_questions(summary: SurveySummary) -> list[Row]:
    """The lowest-rated questions of the tree."""
    rated = [q for q in summary.questions if q.indicator and q.index.now.value is not None]
    rated.sort(key=lambda question: question.index.now.value or 0.0)
    return [question_row(question, summary) for question in rated[:_LISTED]] if len(rated) > _LISTED else []


def question_row(question: QuestionFigure, summary: SurveySummary) -> Row:
    """A question with its index 0–100."""
    name = in_language(question.text)
    return Row(
        code=question.code,
        name=name,
        note=in_language(question.stem),
        value=number(question.index.now.value),
        mark=marks.mark(question.index, name, 0, 100),
        change=marks.change(question.index.change),
        hidden=marks.hidden_words(question.hidden, summary.least) if question.hidden else "",
        n=question.n,
        n_note=_("n = %(n)s", n=_count(question.n)),
    )


def bar_items(question: QuestionFigure, *, previous: bool = False) -> list[dict[str, Any]]:
    """Segments of a stacked bar, from the worst answer to the best."""
    return [
        {"label": point_label(question, point.point), "share": (share or 0) / 100, "text": percent(share, 0)}
        for point in question.distribution
        for share in [_share(point, previous)]
    ]


def _share(point: Point, previous: bool) -> float | None:
    return point.previous_pct if previous else point.pct


def has_previous(question: QuestionFigure) -> bool:
    """Whether the earlier distribution is known."""
    return any(point.previous_pct is not None for point in question.distribution)


def point_label(question: QuestionFigure, point: int) -> str:
    """The words of an answer: its own label, the words of its end, or the number."""
    if question.labels:
        return in_language(question.labels[point - question.low]) or str(point)
    words = (
        question.low_text if point == question.low else question.high_text if point == question.high else {}
    )
    text = in_language(words)
    return f"{point} {text}" if text else str(point)


def promoter_items(summary: SurveySummary) -> list[dict[str, Any]]:
    """Segments of the bar of recommendation."""
    nps = summary.nps
    if nps is None or not nps.score.now.n:
        return []
    groups = (
        (_("0–6, detractors"), nps.detractors),
        (_("7–8"), nps.passives),
        (_("9–10, promoters"), nps.promoters),
    )
    n = nps.score.now.n
    return [
        {"label": label, "share": count / n, "text": percent(100 * count / n, 0)} for label, count in groups
    ]


def option_rows(choice: ChoiceFigure) -> list[dict[str, Any]]:
    """Bars of a choice question, in the order of the questionnaire."""
    return [
        {
            "label": in_language(option.text),
            "value": option.share.value or 0.0,
            "text": percent(option.share.value, 0),
            "note": f"n = {_count(option.count)}",
        }
        for option in choice.options
    ]


def grouped_questions(summary: SurveySummary) -> Iterator[tuple[str, Row | None, list[QuestionFigure]]]:
    """Questions by dimension, each with the dimension's row; those outside the tree come first."""
    inside = {code for node in summary.dimensions for code in node.items}
    outside = [question for question in summary.questions if question.code not in inside]
    if outside:
        yield _("Questions on the whole"), None, outside
    for node in summary.dimensions:
        mine = [question for question in summary.questions if question.code in node.items]
        if mine:
            yield in_language(node.name), node_row(node, summary), mine


@dataclass(frozen=True)
class Note:
    """The note on the data: its heading, whether it needs attention, and its sentences."""

    title: str
    attention: bool
    sentences: Sequence[str]


def quality_note(summary: SurveySummary) -> Note | None:
    """What to know about the data before relying on it."""
    quality = summary.quality
    if quality is None:
        return None
    facts = [ngettext("%(num)s complete answer counts.", "%(num)s complete answers count.", summary.n)]
    if quality.drafts and not summary.n < summary.n_all:
        facts.append(
            ngettext(
                "%(num)s begun and not finished is left out.",
                "%(num)s begun and not finished are left out.",
                quality.drafts,
            )
        )
    if quality.unanswered_pct is not None:
        facts.append(
            _("%(share)s of the questions shown were skipped.", share=percent(quality.unanswered_pct))
        )
    if quality.from_links:
        facts.append(
            ngettext(
                "%(num)s came through an open link, outside the sample.",
                "%(num)s came through open links, outside the sample.",
                quality.from_links,
            )
        )
    if quality.repeated_customers:
        facts.append(
            ngettext(
                "%(num)s answer is a second one of the same customer.",
                "%(num)s answers are second ones of the same customers.",
                quality.repeated_customers,
            )
        )
    warnings = list(_warnings(summary))
    if not warnings:
        title = _("Data quality: usable")
    else:
        title = ngettext(
            "Data quality: %(num)s point to mind", "Data quality: %(num)s points to mind", len(warnings)
        )
    return Note(title, bool(warnings), [*warnings, *facts])


def _warnings(summary: SurveySummary) -> Iterator[str]:
    quality, response = summary.quality, summary.response
    if quality and quality.live:
        yield _("The survey is still open; figures will move.")
    if marks.is_small(summary.n):
        yield _("Small sample: intervals are wide.")
    if quality and not quality.live and response and (response.rate.now.value or 0) < _LOW_RESPONSE:
        yield _("Few of the invited answered; those who did may think differently from the rest.")
    if quality and (quality.unanswered_pct or 0) > _MANY_UNANSWERED:
        yield _("Many questions were skipped.")
    if quality and quality.invalid:
        yield ngettext(
            "%(num)s answer could not be read.", "%(num)s answers could not be read.", quality.invalid
        )
    if summary.compared == "too_few":
        yield _("The earlier survey has too few answers under this filter, so nothing is compared.")
