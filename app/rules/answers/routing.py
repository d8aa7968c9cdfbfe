"""The way through a questionnaire, recomputed from the answers each time.

Nothing is remembered between requests: a changed answer changes the way, and the browser's back
button is safe. A page on which no question is shown is passed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.rules.questionnaire.conditions import is_shown
from app.rules.questionnaire.document import Page, Question, Questionnaire
from app.rules.questionnaire.types import Answer

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the respondent is.

    The page holds questions `first` to `last` of `total` (1-based; a matrix counts as one, info
    as none; `first > last` on a page of info only). `exact` is false while answers still to
    come can add questions: then say "about". `answered` counts answered questions on the way.
    """

    first: int
    last: int
    total: int
    answered: int
    exact: bool

    @property
    def share(self) -> float:
        """0..1 of the questions before this page."""
        return (self.first - 1) / self.total if self.total else 0.0


def visible_questions(questionnaire: Questionnaire, page: Page, answers: Answers) -> tuple[Question, ...]:
    """The page's questions that routing shows, in order."""
    known: dict[str, bool] = {}
    return tuple(question for question in page.questions if is_shown(questionnaire, question, answers, known))


def next_page(questionnaire: Questionnaire, page: Page | None, answers: Answers) -> Page | None:
    """The page after `page` (None: the first), or None at the end."""
    at = -1 if page is None else questionnaire.page_positions[page.id]
    return _first_shown(questionnaire, questionnaire.pages[at + 1 :], answers)


def previous_page(questionnaire: Questionnaire, page: Page | None, answers: Answers) -> Page | None:
    """The page before `page` (None: the last), or None at the beginning."""
    at = None if page is None else questionnaire.page_positions[page.id]
    return _first_shown(questionnaire, reversed(questionnaire.pages[:at]), answers)


def page_path(questionnaire: Questionnaire, answers: Answers) -> tuple[Page, ...]:
    """All pages the answers lead through, in order."""
    known: dict[str, bool] = {}
    return tuple(page for page in questionnaire.pages if _any_shown(questionnaire, page, answers, known))


def progress(questionnaire: Questionnaire, page: Page, answers: Answers) -> Progress:
    """An honest count: only what the answers so far lead to, and whether it may still grow."""
    known: dict[str, bool] = {}
    here = questionnaire.page_positions[page.id]
    counts = [0, 0, 0]
    answered = 0
    exact = True
    for at, one in enumerate(questionnaire.pages):
        for question in one.questions:
            if question.kind.answer is Answer.NONE:
                continue
            if is_shown(questionnaire, question, answers, known):
                counts[(at > here) - (at < here) + 1] += 1
                answered += any(answers.get(code) is not None for code in question.codes)
            elif at >= here and _may_appear(questionnaire, question, here):
                exact = False
    before, on_page = counts[:2]
    return Progress(before + 1, before + on_page, sum(counts), answered, exact)


def _may_appear(questionnaire: Questionnaire, question: Question, here: int) -> bool:
    """Whether a hidden question depends on an answer on this page or a later one."""
    start = next(
        (
            questionnaire.positions[page.questions[0].id]
            for page in questionnaire.pages[here:]
            if page.questions
        ),
        0,
    )
    checks = question.show_if.checks if question.show_if else ()
    asked = (questionnaire.by_code.get(check.question) for check in checks)
    return any(one and questionnaire.positions[one.id] >= start for one in asked)


def _first_shown(questionnaire: Questionnaire, pages: Iterable[Page], answers: Answers) -> Page | None:
    known: dict[str, bool] = {}
    return next(
        (page for page in pages if _any_shown(questionnaire, page, answers, known)),
        None,
    )


def _any_shown(questionnaire: Questionnaire, page: Page, answers: Answers, known: dict[str, bool]) -> bool:
    return any(is_shown(questionnaire, question, answers, known) for question in page.questions)
