"""From a question to its result: who joins a question that is being worked on, and who asks anew."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.adapters.analyst import State
from app.models import Survey, User
from app.queries.analysis import results
from app.queries.analysis.asking import Asking, Filters
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import Answered, documents


class Busy:
    """An analyst that works until it is told to be done."""

    def __init__(self) -> None:
        self.working: set[str] = set()

    def is_working(self, key: str) -> bool:
        return key in self.working

    def ask(self, key: str, _request: Any, *, wait: float) -> State:
        self.working.add(key)
        return State.WORKING


@pytest.fixture
def busy(app: Flask, ctx: None, monkeypatch: pytest.MonkeyPatch) -> Busy:
    analyst = Busy()
    monkeypatch.setitem(app.extensions, "heed.analyst", analyst)
    monkeypatch.setitem(app.extensions, "heed.analysis.asked", {})
    return analyst


@pytest.fixture
def answered(make: Factory) -> Answered:
    return Answered(make, NOW)


def ask(survey: Survey, user: User, *, again: bool = False, **chosen: str) -> Asking:
    return results.asking(survey, None, Filters(chosen), by=user, again=again)


def finish(busy: Busy, question: Asking) -> Path:
    """The analyst leaves its result and is done."""
    target = results._target(question, ".json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("{}")
    busy.working.clear()
    return target


def test_what_is_being_worked_on_is_joined(busy: Busy, answered: Answered, make: Factory) -> None:
    survey, user = answered.wave(documents(12), state="live"), make.user(roles=("marketing",))
    question = ask(survey, user)
    assert results.summary(question, wait=0).state is State.WORKING
    answered.answer(survey, documents(1))
    assert ask(survey, user) == ask(survey, user, again=True) == question
    finish(busy, question)
    assert ask(survey, user, again=True) == question
    assert ask(survey, user).stamps != question.stamps


def test_another_question_is_not_joined(busy: Busy, answered: Answered, make: Factory) -> None:
    survey, user = answered.wave(documents(12)), make.user(roles=("marketing",))
    question = ask(survey, user)
    results.summary(question, wait=0)
    assert ask(survey, user, again=True, channel="mail") != question
    assert ask(answered.wave(documents(12), year=2026), user, again=True) != question
    careful = ask(survey, make.user(roles=("department",)), again=True)
    assert careful.cautious
    assert careful != question


def test_an_old_question_is_asked_anew(
    busy: Busy, answered: Answered, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey, user = answered.wave(documents(12)), make.user(roles=("marketing",))
    question = ask(survey, user)
    results.summary(question, wait=0)
    target = finish(busy, question)
    answered.answer(survey, documents(1))
    assert ask(survey, user, again=True) == question
    target.unlink()  # the folder "cache" may be emptied at any time
    assert ask(survey, user, again=True) != question
    finish(busy, question)
    monkeypatch.setattr(results, "JOINED_SECONDS", 0.0)
    assert ask(survey, user, again=True) != question
    results.summary(ask(survey, user, channel="mail"), wait=0)
    assert len(results._asked()) == 1
