"""What a link opens when, and what anonymity leaves of a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from app.rules.questionnaire import parse
from app.rules.respondents import (
    MOST_SAVES,
    Opening,
    coarse,
    device_mark,
    logged,
    opening,
    response_key,
    routes,
    seconds_on_page,
    unfinished_page,
)
from tests.factories.asking import content, routed, scale

T = datetime(2026, 9, 18, 10, 30, 5, 123, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "opens", "closes", "expected"),
    [
        ("live", T - HOUR, T + HOUR, Opening.OPEN),
        ("live", T, T + HOUR, Opening.OPEN),
        ("live", T - HOUR, T, Opening.CLOSED),
        ("live", T + HOUR, T + 2 * HOUR, Opening.NOT_YET),
        ("ready", T - HOUR, T + HOUR, Opening.NOT_YET),
        ("draft", T - HOUR, T + HOUR, Opening.NOT_YET),
        ("paused", T - HOUR, T + HOUR, Opening.PAUSED),
        ("paused", T - 2 * HOUR, T - HOUR, Opening.CLOSED),
        ("closed", T - HOUR, T + HOUR, Opening.CLOSED),
    ],
)
def test_a_survey_takes_answers_only_while_live_and_between_its_times(
    state: str, opens: datetime, closes: datetime, expected: Opening
) -> None:
    assert opening(state, opens, closes, T) is expected


def test_the_key_of_a_response_follows_from_its_link_and_the_secret_alone() -> None:
    assert response_key(b"k", "link") == response_key(b"k", "link")
    assert len(response_key(b"k", "link")) == 43
    assert len({response_key(b"k", "a"), response_key(b"k", "b"), response_key(b"x", "a")}) == 3


def test_the_mark_of_a_browser_differs_between_surveys_and_secrets() -> None:
    assert device_mark(b"k", 1, "10.0.0.1", "Firefox") == device_mark(b"k", 1, "10.0.0.1", "Firefox")
    others = {device_mark(b"k", 2, "10.0.0.1", "Firefox"), device_mark(b"x", 1, "10.0.0.1", "Firefox")}
    assert device_mark(b"k", 1, "10.0.0.1", "Firefox") not in others


def test_saving_again_and_again_makes_no_endless_log() -> None:
    log = [["first", 9]]
    for number in range(MOST_SAVES - 1):
        log = logged(log, f"p{number % 2}", number)
    assert len(log) == MOST_SAVES
    log = logged(log, "p1", 7)
    assert log == [["first", 9], ["p0", MOST_SAVES - 2], ["p1", 7]]


def test_an_anonymous_answer_keeps_the_day_and_no_time() -> None:
    assert coarse(T, anonymous=True) == datetime(2026, 9, 18, tzinfo=UTC)
    assert coarse(T, anonymous=False) == T
    assert seconds_on_page(T - HOUR, T, anonymous=True) is None


@pytest.mark.parametrize(("spent", "kept"), [(-5, 0), (42, 42), (7200, 3600)])
def test_seconds_on_a_page_stay_between_nothing_and_an_hour(spent: int, kept: int) -> None:
    assert seconds_on_page(T - timedelta(seconds=spent), T, anonymous=False) == kept


def test_the_way_ends_only_when_each_page_was_saved() -> None:
    questionnaire = parse(routed())
    answers = {"wait": 5, "nps": 9}
    first = unfinished_page(questionnaire, {}, ())
    assert first is not None
    assert first.id == "p1"
    left = unfinished_page(questionnaire, answers, {"p1"})
    assert left is not None
    assert left.id == "p3"  # the second is passed over
    assert unfinished_page(questionnaire, answers, {"p1", "p3"}) is None


def test_a_required_question_that_a_changed_answer_brings_up_is_asked_for() -> None:
    document = content([scale("a", "甲", "A")], [scale("b", "乙", "B"), scale("c", "丙", "C")])
    document["pages"][1]["questions"][1]["show_if"] = {"all": [{"question": "a", "op": "<=", "value": 2}]}
    questionnaire = parse(document)
    assert unfinished_page(questionnaire, {"a": 5, "b": 4}, {"p1", "p2"}) is None
    again = unfinished_page(questionnaire, {"a": 1, "b": 4}, {"p1", "p2"})
    assert again is not None
    assert again.id == "p2"


def test_only_conditions_make_the_way_differ() -> None:
    assert routes(parse(routed()))
    assert not routes(parse(content([scale("a", "甲", "A")])))
