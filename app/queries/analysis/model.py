"""The frozen summary of a survey. Page, spreadsheet and interfaces read this one object.

Figures are unrounded. Texts are those of the questionnaire (`{lang: str}`); everything else that a person
reads is worded where it is shown. `queries.figures.model` writes it as JSON and reads it back.
"""

from dataclasses import dataclass

from app.queries.figures.model import Figure, Measure

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class NodeFigure:
    """A dimension or indicator, index 0–100. `weight` counts among its siblings, `share` in the whole tree."""

    code: str
    name: Words
    weight: float
    share: float
    index: Measure
    score_rate: float | None
    items: tuple[str, ...]
    children: tuple["NodeFigure", ...]
    hidden: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Answers at one point of a scale; percentages are None where there are none to show."""

    point: int
    count: int
    pct: float | None
    previous_pct: float | None = None


@dataclass(frozen=True, slots=True)
class QuestionFigure:
    """One scored question or matrix row. `hidden` (too_few | would_reveal): all figures are empty."""

    code: str
    type: str
    text: Words
    stem: Words
    low: int
    high: int
    labels: tuple[Words, ...]
    low_text: Words
    high_text: Words
    indicator: str | None
    reverse: bool
    hidden: str | None
    n: int
    statuses: dict[str, int]
    mean: Figure
    sd: float | None
    median: float | None
    score_rate: Figure
    index: Measure
    top2: Measure
    distribution: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class OptionFigure:
    """One option of a choice question: share of those who answered, percent, Wilson interval."""

    text: Words
    count: int
    share: Figure


@dataclass(frozen=True, slots=True)
class ChoiceFigure:
    """One choice question."""

    code: str
    type: str
    text: Words
    hidden: str | None
    n: int
    statuses: dict[str, int]
    options: tuple[OptionFigure, ...]


@dataclass(frozen=True, slots=True)
class NetPromoterFigure:
    """Net promoter score with its three groups; `code` is the question's."""

    code: str
    score: Measure
    promoters: int
    passives: int
    detractors: int


@dataclass(frozen=True, slots=True)
class ResponseFigure:
    """Response rate RR1 in percent: complete answers of the invited ÷ all invited."""

    invited: int
    answered: int
    rate: Measure


@dataclass(frozen=True, slots=True)
class Facet:
    """What can be chosen for one field: values with the number of complete answers."""

    field: str
    options: dict[str, int]


@dataclass(frozen=True, slots=True)
class Quality:
    """What to know about the data. `unanswered_pct`: skipped among all scored items that were shown."""

    drafts: int
    from_links: int
    repeated_customers: int
    invalid: int
    unanswered_pct: float | None
    live: bool


@dataclass(frozen=True, slots=True)
class SurveySummary:
    """All figures of one survey under one filter.

    `state`: shown | empty (nobody has answered) | too_few | would_reveal; in the last two everything but
    `facets` is empty. `n` counts the complete answers of the selection, `n_all` those of the survey.
    `least` is the smallest group that is shown. `compared`: not_asked | shown | too_few (fewer than `least` in
    the earlier wave).
    """

    survey_id: int
    previous_id: int | None
    state: str
    least: int
    n: int
    n_all: int
    compared: str
    facets: tuple[Facet, ...]
    index: Measure | None = None
    index_score_rate: float | None = None
    nps: NetPromoterFigure | None = None
    overall: str | None = None
    response: ResponseFigure | None = None
    dimensions: tuple[NodeFigure, ...] = ()
    questions: tuple[QuestionFigure, ...] = ()
    choices: tuple[ChoiceFigure, ...] = ()
    quality: Quality | None = None

    def question(self, code: str | None) -> QuestionFigure | None:
        """The scored question with this code."""
        return next((question for question in self.questions if question.code == code), None)
