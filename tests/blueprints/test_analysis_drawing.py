"""Figures that are drawn once: kept for those who may see the same, and for nobody else."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import meta

from app.blueprints.analysis import drawing
from app.extensions import db
from app.models import Firm
from tests.blueprints.figures import text_of
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import QUESTIONS, Answered, documents, scale

SignIn = Callable[..., FlaskClient]
pytestmark = pytest.mark.usefixtures("analyst_ends", "no_results")
PAGES = ("overview", "questions")
# What a drawing holds, and what is the same for everybody.
GIVEN = {"summary", "wave", "lang", "questions_url", "marks", "views", "wording", "method_lines", "ui", "_"}


@pytest.fixture
def answered(make: Factory) -> Answered:
    drawing.figures.cache_clear()
    return Answered(make, NOW)


def figures_in(text: str) -> str:
    """What is drawn of a summary, without the filters and the frame of the page."""
    return text[text.index("</form>", text.index('id="result"')) :]


def hits() -> int:
    return drawing.figures.cache_info().hits


@pytest.mark.parametrize("page", PAGES)
def test_what_is_kept_is_made_of_nothing_but_its_drawing(app: Flask, page: str) -> None:
    waiting, read = [f"analysis/_{page}.html"], set()
    while waiting:
        name = waiting.pop()
        read.add(name)
        loader = app.jinja_env.loader
        assert loader is not None
        tree = app.jinja_env.parse(loader.get_source(app.jinja_env, name)[0])
        others = list(meta.find_referenced_templates(tree))
        assert None not in others, f"{name} includes what cannot be known beforehand"
        waiting += [other for other in others if other and other not in read]
        handed_on = {"row", "axis", "change", "question"}  # by one of these templates to another
        assert meta.find_undeclared_variables(tree) <= GIVEN | handed_on, name
    assert len(read) > 3


@pytest.mark.parametrize("page", ["", "/questions"])
def test_the_second_view_is_not_drawn_again(answered: Answered, sign_in: SignIn, page: str) -> None:
    answered.wave(documents(30), year=2024)
    path = f"/analysis/{answered.wave(documents(30)).id}{page}"
    first = text_of(sign_in("marketing"), path)
    before = hits()
    second = text_of(sign_in("management"), path)
    assert hits() == before + 1
    assert figures_in(first).split("</main>")[0] == figures_in(second).split("</main>")[0]


def test_each_reader_has_his_own_language(answered: Answered, sign_in: SignIn) -> None:
    path = f"/analysis/{answered.wave(documents(30)).id}/questions"
    english, chinese = sign_in("marketing", language="en"), sign_in("marketing", language="zh")
    for _ in range(2):
        text = text_of(english, path)
        assert ("Top two answers" in text, "Question fast" in text, "题目fast" in text) == (True, True, False)
        text = text_of(chinese, path)
        assert ("Top two answers" in text, "Question fast" in text, "题目fast" in text) == (
            False,
            False,
            True,
        )


def test_each_choice_has_its_own_figures(answered: Answered, sign_in: SignIn) -> None:
    questions = [*QUESTIONS, scale("kept", "people"), scale("open", "people")]
    answers = [row | {"kept": 2, "open": 3} for row in documents(30)]
    answered.wave(answers, year=2024, questions=questions)
    rows = [row | {"_channel": "mail" if i < 20 else "web"} for i, row in enumerate(answers)]
    survey = answered.wave(rows, questions=questions)
    browser = sign_in("marketing")
    for _ in range(2):
        for choice, n, compared in (("", 30, True), ("?channel=web", 10, True), ("?compare=none", 30, False)):
            text = text_of(browser, f"/analysis/{survey.id}{choice}")
            assert f"n = {n}" in figures_in(text), choice
            assert ("against 2024" in text) is compared, choice
            assert f'"/analysis/{survey.id}/questions{choice}#q-' in text


def test_nobody_is_shown_what_another_may_see(answered: Answered, sign_in: SignIn) -> None:
    """A department sees no group whose rest is small; the head of marketing, who has just looked at it, does."""
    survey = answered.wave(
        [row | {"_channel": "mail" if i < 20 else "web"} for i, row in enumerate(documents(23))]
    )
    path = f"/analysis/{survey.id}?channel=mail"
    marketing, department = sign_in("marketing"), sign_in("department")
    for _ in range(2):
        assert 'class="stats"' in text_of(marketing, path)
        text = text_of(department, path)
        assert 'class="stats"' not in text
        assert "This group is not shown" in text
    unreleased = answered.wave(documents(23), year=2026, released=False)
    assert 'class="stats"' in text_of(marketing, f"/analysis/{unreleased.id}")
    assert department.get(f"/analysis/{unreleased.id}").status_code == 404


def test_new_answers_and_larger_groups_are_drawn_anew(answered: Answered, sign_in: SignIn) -> None:
    survey = answered.wave(documents(30))
    browser, path = sign_in("management"), f"/analysis/{survey.id}"
    assert "n = 30" in figures_in(text_of(browser, path))
    answered.answer(survey, documents(1))
    assert "n = 31" in figures_in(text_of(browser, path))
    firm = db.session.query(Firm).one()
    firm.minimum_group = 40
    db.session.commit()
    assert 'class="stats"' not in text_of(browser, path)


def test_a_renamed_wave_is_called_by_its_new_name(answered: Answered, sign_in: SignIn) -> None:
    """Two surveys of one month are told apart by their names."""
    earlier = answered.wave(documents(30))
    path = f"/analysis/{answered.wave(documents(30)).id}"
    browser = sign_in("management")
    assert "against Survey 2025" in text_of(browser, path)
    earlier.name = {"zh": "新名字", "en": "Pilot"}
    db.session.commit()
    text = text_of(browser, path)
    assert "against Pilot" in text
    assert "against Survey 2025" not in text


def test_what_a_questionnaire_says_stays_text(answered: Answered, sign_in: SignIn) -> None:
    questions = [QUESTIONS[0] | {"text": {"zh": "<b>题</b>", "en": "<b>bold</b>"}}, *QUESTIONS[1:]]
    survey = answered.wave(documents(30), questions=questions)
    browser = sign_in("management")
    for _ in range(2):
        text = text_of(browser, f"/analysis/{survey.id}/questions")
        assert "&lt;b&gt;bold&lt;/b&gt;" in text
        assert "<b>bold</b>" not in text
