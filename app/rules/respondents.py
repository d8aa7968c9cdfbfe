"""What a respondent's link opens at a given moment, and how anonymity is kept in the stored row."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.rules.answers import page_path, visible_questions
from app.rules.questionnaire import Page, Questionnaire

MOST_SAVES = 200
LONGEST_PAGE_SECONDS = 3600
CALLBACK_KEY = "#callback"


class Opening(StrEnum):
    """Whether a survey takes answers now."""

    OPEN = "open"
    NOT_YET = "not_yet"
    PAUSED = "paused"
    CLOSED = "closed"


def opening(state: str, opens_at: datetime, closes_at: datetime, now: datetime) -> Opening:
    """Whether a survey in `state` takes answers at `now`; the closing instant itself is too late."""
    if state == "closed" or now >= closes_at:
        return Opening.CLOSED
    if state == "paused":
        return Opening.PAUSED
    if state != "live" or now < opens_at:
        return Opening.NOT_YET
    return Opening.OPEN


def response_key(key: bytes, link: str) -> str:
    """The submission key of the response that belongs to a personal link: 43 characters.

    It is computed from the link, never stored beside the invitation. So the same link always finds the same
    answers, on any device, while the database alone cannot say which invitation an anonymous response is from.
    """
    return hmac.digest(key, b"response|" + link.encode("utf-8", "replace"), "sha256").hex()[:43]


def device_mark(key: bytes, survey_id: int, address: str, browser: str) -> str:
    """32 characters that are equal for the same browser at the same address in the same survey, and say no more."""
    message = "|".join((str(survey_id), address, browser)).encode("utf-8", "replace")
    return hmac.digest(key, message, "sha256").hex()[:32]


def coarse(moment: datetime, *, anonymous: bool) -> datetime:
    """The instant to store: in an anonymous survey only its day, so that no order of arrival can be compared."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) if anonymous else moment


def seconds_on_page(since: datetime, now: datetime, *, anonymous: bool) -> int | None:
    """Whole seconds since the last save, at most an hour; None in an anonymous survey, which keeps no times."""
    if anonymous:
        return None
    return max(0, min(LONGEST_PAGE_SECONDS, int((now - since).total_seconds())))


def logged(log: Sequence[list[Any]], page_id: str, seconds: int | None) -> list[list[Any]]:
    """The log of saved pages with one more. Who saves again and again has only the last time of each page kept:
    every save reads and writes all of it."""
    longer = [*log, [page_id, seconds]]
    return longer if len(longer) <= MOST_SAVES else list({one[0]: one for one in longer}.values())


def unfinished_page(
    questionnaire: Questionnaire,
    answers: Mapping[str, Any],
    seen: Collection[str],
    *,
    before: Page | None = None,
) -> Page | None:
    """The first page on the way (up to `before`, if given) that still has to be filled in, or None.

    A page counts as done when it was saved and each required question that it now shows has an answer: a changed
    answer elsewhere may show a question on a page saved earlier.
    """
    for page in page_path(questionnaire, answers):
        if before is not None and page.id == before.id:
            return None
        if page.id not in seen or _lacks_answer(questionnaire, page, answers):
            return page
    return None


def routes(questionnaire: Questionnaire) -> bool:
    """Whether any question is shown only under a condition; if not, every way through is the same."""
    return any(question.show_if is not None for question in questionnaire.questions)


def _lacks_answer(questionnaire: Questionnaire, page: Page, answers: Mapping[str, Any]) -> bool:
    return any(
        question.required and any(answers.get(code) is None for code in question.codes)
        for question in visible_questions(questionnaire, page, answers)
    )
