"""The summary as the sheets of a spreadsheet, in the reader's language. Numbers stay numbers, unrounded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.blueprints.analysis import choosing, views
from app.blueprints.analysis.marks import hidden_words, reason_words
from app.models import Survey
from app.queries.analysis.model import NodeFigure, QuestionFigure, SurveySummary
from app.queries.figures.model import Difference, Figure, Measure
from app.web.filters import moment
from app.web.firm import present_firm
from app.web.i18n import in_language, page_language

Row = list[Any]
Sheet = dict[str, Any]
_TEXT, _COUNT, _NUMBER = "text", "integer", "decimal"


def sheets(summary: SurveySummary, survey: Survey, choice: choosing.Choice) -> list[Mapping[str, Any]]:
    """Overview, dimensions, questions, distribution, options, method: as `app.jobs.analyst` writes them."""
    return [
        _sheet(_("Overview"), _measure_columns(_("Figure"), _("Unit of measure")), _overview(summary)),
        _sheet(
            _("Dimensions"),
            _measure_columns(_("Dimension or indicator"), _("Weight"), _("Score rate"), second=_NUMBER),
            _dimensions(summary),
        ),
        _sheet(
            _("Questions"),
            _question_columns(),
            [_question(question, summary) for question in summary.questions],
        ),
        _sheet(_("Distribution"), _distribution_columns(), list(_distribution(summary))),
        _sheet(_("Choices"), _choice_columns(), list(_choices(summary))),
        _sheet(
            _("Method and filter"),
            [[_("Topic"), _TEXT, 34], [_("How"), _TEXT, 90]],
            _method(summary, survey, choice),
        ),
    ]


def _sheet(title: str, columns: Sequence[Sequence[Any]], rows: list[Row]) -> Sheet:
    return {"title": title, "columns": columns, "rows": rows}


def _interval_columns() -> list[list[Any]]:
    return [[_("Value"), _NUMBER], [_("Lower limit"), _NUMBER], [_("Upper limit"), _NUMBER], ["n", _COUNT]]


def _change_columns() -> list[list[Any]]:
    return [
        [_("Earlier value"), _NUMBER],
        [_("Change"), _NUMBER],
        [_("Change, lower limit"), _NUMBER],
        [_("Change, upper limit"), _NUMBER],
        ["p", _NUMBER],
        [_("p, corrected"), _NUMBER],
        [_("Reading"), _TEXT, 34],
    ]


def _measure_columns(first: str, second_title: str, *more: str, second: str = _TEXT) -> list[list[Any]]:
    extra = [[title, _NUMBER] for title in more]
    return [[first, _TEXT, 36], [second_title, second, 16], *_interval_columns(), *_change_columns(), *extra]


def _interval(figure: Figure) -> Row:
    return [figure.value, figure.low, figure.high, figure.n if figure.value is not None else None]


def _change(change: Difference | None) -> Row:
    if change is None:
        return [None] * 7
    return [
        change.previous.value,
        change.diff,
        change.low,
        change.high,
        change.p,
        change.p_adjusted,
        _reading(change),
    ]


def _reading(change: Difference) -> str:
    if change.diff is None:
        return reason_words(change.reasons)
    words = {"rise": _("rise"), "fall": _("fall"), "no_significant_change": _("no clear change")}
    reading = words.get(change.direction, _("not tested: too few answers"))
    return _("%(reading)s (same questions only)", reading=reading) if change.partial else reading


def _measured(name: str, unit: str, measure: Measure) -> Row:
    return [name, unit, *_interval(measure.now), *_change(measure.change)]


def _overview(summary: SurveySummary) -> list[Row]:
    if summary.state != "shown":
        return [[state_words(summary)]]
    rows: list[Row] = []
    if summary.index is not None:
        rows.append(_measured(_("Satisfaction index"), "0–100", summary.index))
    overall = summary.question(summary.overall)
    if overall is not None:
        name = in_language(overall.text)
        rows.append(_measured(_("%(question)s: index", question=name), "0–100", overall.index))
        rows.append(_measured(_("%(question)s: top two answers", question=name), "%", overall.top2))
    if summary.nps is not None:
        rows.append(_measured(_("Net promoter score"), "−100–100", summary.nps.score))
    if summary.response is not None:
        rows.append(_measured(_("Response rate RR1"), "%", summary.response.rate))
    return rows


def _dimensions(summary: SurveySummary) -> list[Row]:
    return [row for node in summary.dimensions for row in _node(node, "", summary.least)]


def _node(node: NodeFigure, indent: str, least: int) -> Iterator[Row]:
    row = _measured(indent + in_language(node.name), "", node.index)
    row[1] = node.share
    row.append(node.score_rate)
    if node.hidden:
        row[-2] = hidden_words(node.hidden, least)
    yield row
    for child in node.children:
        yield from _node(child, indent + "    ", least)


def _question_columns() -> list[list[Any]]:
    states = [_("Valid"), _("Skipped"), _("Not applicable"), _("Not shown"), _("Unreadable")]
    numbers = [
        _("Mean"), _("Mean, lower limit"), _("Mean, upper limit"), _("Standard deviation"), _("Median"), _("Full score"),
        _("Score rate"), _("Index 0–100"), _("Index, lower limit"), _("Index, upper limit"),
        _("Top two answers, %"), _("Top two, lower limit"), _("Top two, upper limit"),
    ]  # fmt: skip
    top = [_("Top two, earlier"), _("Top two, change"), _("Top two, p corrected")]
    return [
        [_("Code"), _TEXT, 18],
        [_("Question"), _TEXT, 44],
        *([state, _COUNT] for state in states),
        *([title, _NUMBER] for title in numbers),
        *_change_columns(),
        *([title, _NUMBER] for title in top),
    ]


def _question(question: QuestionFigure, summary: SurveySummary) -> Row:
    if question.hidden:
        blank = [None] * (len(_question_columns()) - 3)
        return [question.code, question_name(question), *blank, hidden_words(question.hidden, summary.least)]
    states = [
        question.statuses[name] for name in ("valid", "skipped", "not_applicable", "not_shown", "invalid")
    ]
    top = question.top2.change
    return [
        question.code,
        question_name(question),
        *states,
        *_interval(question.mean)[:3],
        question.sd,
        question.median,
        question.high,
        question.score_rate.value,
        *_interval(question.index.now)[:3],
        *_interval(question.top2.now)[:3],
        *_change(question.index.change),
        top.previous.value if top else None,
        top.diff if top else None,
        top.p_adjusted if top else None,
    ]


def question_name(question: QuestionFigure) -> str:
    """The question's words, with those of its matrix in front."""
    stem, text = in_language(question.stem), in_language(question.text)
    return _("%(matrix)s: %(row)s", matrix=stem, row=text) if stem else text


def _distribution_columns() -> list[list[Any]]:
    return [
        [_("Code"), _TEXT, 18],
        [_("Question"), _TEXT, 44],
        [_("Point"), _COUNT],
        [_("Answer"), _TEXT, 24],
        [_("Number"), _COUNT],
        [_("Share, %"), _NUMBER],
        [_("Earlier share, %"), _NUMBER],
    ]


def _distribution(summary: SurveySummary) -> Iterator[Row]:
    for question in summary.questions:
        for point in question.distribution:
            label = views.point_label(question, point.point)
            yield [
                question.code, question_name(question), point.point, label, point.count, point.pct, point.previous_pct,
            ]  # fmt: skip


def _choice_columns() -> list[list[Any]]:
    return [
        [_("Code"), _TEXT, 18],
        [_("Question"), _TEXT, 44],
        [_("Answer"), _TEXT, 36],
        [_("Number"), _COUNT],
        [_("Share, %"), _NUMBER],
        [_("Lower limit"), _NUMBER],
        [_("Upper limit"), _NUMBER],
        ["n", _COUNT],
    ]


def _choices(summary: SurveySummary) -> Iterator[Row]:
    for choice in summary.choices:
        name = in_language(choice.text)
        if choice.hidden:
            yield [choice.code, name, hidden_words(choice.hidden, summary.least)]
        for option in choice.options:
            yield [choice.code, name, in_language(option.text), option.count, *_interval(option.share)]


def _method(summary: SurveySummary, survey: Survey, choice: choosing.Choice) -> list[Row]:
    firm = present_firm()
    chosen = choosing.described(choice) or [(_("Filter"), _("none: all complete answers"))]
    compared = choosing.wave_name(choice.previous) if choice.previous else _("Nothing")
    return [
        [_("Firm"), firm.name_in(page_language()) if firm else ""],
        [_("Survey"), choosing.wave_name(survey)],
        [_("Field period"), f"{moment(survey.opens_at)} – {moment(survey.closes_at)}"],
        [_("Compared with"), compared],
        *([name, value] for name, value in chosen),
        [_("Complete answers"), str(summary.n)],
        [_("Smallest group that is shown"), str(summary.least)],
        *([name, text] for name, text in method_lines()),
    ]


def method_lines() -> list[tuple[str, str]]:
    """How each figure is computed, in words: the same lines stand on the page."""
    return [
        (
            _("Satisfaction index"),
            _(
                "Each question's mean is put on 0–100, then weighted up the tree of indicators; a part counts when at least half of its weight has answers. The interval takes missing answers and the likeness of answers of one person into account."
            ),
        ),
        (
            _("Net promoter score"),
            _(
                "Share of answers 9 and 10 minus share of answers 0 to 6. Interval: adjusted Wald (three cases added)."
            ),
        ),
        (
            _("Response rate RR1"),
            _("Complete answers of the invited divided by all invited. Interval: Wilson."),
        ),
        (_("Index 0–100"), _("100 × (mean − lowest point) ÷ (highest − lowest point).")),
        (_("Score rate"), _("100 × mean ÷ full score.")),
        (
            _("Top two answers"),
            _("Share of the two best answers; on scales of three points the best one. Interval: Wilson."),
        ),
        (
            _("Change"),
            _(
                "This survey minus the earlier one. Customers who answered both times are counted as pairs (test for partly overlapping samples). Index, recommendation and response rate are tested each by itself; dimensions together (Holm); indicators and questions together (Benjamini–Hochberg). Rise or fall is said only where the corrected p is below 0.05."
            ),
        ),
        (
            _("Not compared"),
            _(
                "A question whose wording, scale or labels changed is not compared; the index is then compared over the questions that stayed the same, and says so."
            ),
        ),
        (
            _("What counts"),
            _(
                "Complete answers only. Skipped, not applicable and not shown answers are left out of every figure and counted beside it."
            ),
        ),
    ]


def state_words(summary: SurveySummary) -> str:
    """Why there is nothing to show."""
    words = {
        "empty": _("Nobody has answered yet."),
        "too_few": _(
            "Fewer than %(least)s answers fit this filter, so nothing is shown.", least=summary.least
        ),
        "would_reveal": _(
            "This group is not shown, because a group of fewer than %(least)s people could be worked out from it.",
            least=summary.least,
        ),
    }
    return words.get(summary.state, "")
