"""The analyst is ready before somebody asks it: started from the pages that lead to the statistics."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import Answered, documents

SignIn = Callable[..., FlaskClient]


class Counting:
    """An analyst that counts how often it is told to be ready."""

    def __init__(self) -> None:
        self.told = 0

    def warm(self) -> None:
        self.told += 1


@pytest.fixture
def analyst(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setitem(app.extensions, "heed.analyst", counting)
    return counting


@pytest.fixture
def answered(make: Factory) -> Answered:
    return Answered(make, NOW)


@pytest.mark.parametrize(
    ("role", "released", "pages"),
    [
        ("marketing", False, ["/", "/analysis/", "/surveys/{}"]),
        ("department", True, ["/", "/analysis/"]),
        ("department", False, []),
        ("administrator", True, []),
    ],
)
def test_pages_that_lead_to_figures_have_it_started(
    analyst: Counting, answered: Answered, sign_in: SignIn, role: str, released: bool, pages: list[str]
) -> None:
    survey = answered.wave(documents(6), released=released)
    browser = sign_in(role)
    leading = []
    for page in ("/", "/analysis/", "/surveys/{}", "/account/"):
        before = analyst.told
        browser.get(page.format(survey.id))
        if analyst.told > before:
            leading.append(page)
    assert leading == pages


def test_parts_that_ask_for_themselves_do_not_keep_it_awake(
    analyst: Counting, answered: Answered, sign_in: SignIn
) -> None:
    survey = answered.wave(documents(6))
    browser = sign_in("marketing")
    for page in ("/", f"/surveys/{survey.id}"):
        assert browser.get(page, headers={"HX-Request": "true"}).status_code == 200
    assert analyst.told == 0


def test_nothing_is_started_where_there_is_nothing_to_see(
    analyst: Counting, answered: Answered, sign_in: SignIn
) -> None:
    survey = answered.wave(state="ready")
    browser = sign_in("marketing")
    for page in ("/", "/analysis/", f"/surveys/{survey.id}"):
        assert browser.get(page).status_code == 200
    assert analyst.told == 0
