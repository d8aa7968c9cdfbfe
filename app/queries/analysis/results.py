"""From a question to its summary: kept results first, the analyst otherwise."""

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select, text

from app.adapters.analyst import State
from app.extensions import UtcDateTime, db
from app.models import Firm, Survey, User
from app.queries.analysis.access import LEAST_GROUP, sees_all
from app.queries.analysis.asking import Asking, Filters
from app.queries.analysis.model import SurveySummary
from app.queries.figures import kept

_ASKED = "heed.analysis.asked"
# A page that polls is given the answer to what it asked within this time, even if new answers came in meanwhile.
JOINED_SECONDS = 60.0
# The newest by itself is found at once; beside the count it would be looked for in every row.
_STAMP = text(
    """
    WITH newest AS (SELECT MAX(id) AS id FROM response WHERE survey_id = :survey AND state = 'complete')
    SELECT counted.answers, counted.total, newest.id,
        (SELECT submitted_at FROM response WHERE id = newest.id) AS submitted_at,
        (SELECT COUNT(*) FROM invitation WHERE survey_id = :survey AND finished = :no),
        (SELECT COUNT(*) FROM invitation WHERE survey_id = :survey AND finished = :yes)
    FROM newest, (
        SELECT COUNT(*) AS answers, COALESCE(SUM(id), 0) AS total
        FROM response WHERE survey_id = :survey AND state = 'complete'
    ) AS counted
    """
).columns(submitted_at=UtcDateTime)


@dataclass(frozen=True)
class Result:
    """`summary` or `path` is there when `state` is DONE. `edition` is that of the summary (`figures.kept.Kept`)."""

    state: State
    summary: SurveySummary | None = None
    path: Path | None = None
    edition: str = ""


@dataclass(frozen=True)
class _Asked:
    question: Asking
    at: float


def asking(
    survey: Survey, previous: Survey | None, filters: Filters, *, by: User, again: bool = False
) -> Asking:
    """The question as it stands now, for this reader. `again`: a page that has put it asks whether it is answered.

    Whoever asks what is being worked on joins those who wait for it. Counting the answers anew for each of them
    would take longer than the rest of the request; and as a new answer makes a new question, pages of a survey
    that is being answered might wait for ever.
    """
    least = db.session.scalar(select(Firm.minimum_group).limit(1)) or LEAST_GROUP
    bare = Asking(
        survey.id, previous.id if previous else None, filters, max(least, LEAST_GROUP), not sees_all(by), ()
    )
    joined = _joined(bare, again=again)
    if joined is not None:
        return joined
    waves = [survey] if previous is None else [survey, previous]
    return replace(bare, stamps=tuple(stamp(wave.id) for wave in waves))


def _asked() -> dict[Hashable, _Asked]:
    """What this process has asked last, by the question without the state of the data."""
    found: dict[Hashable, _Asked] = current_app.extensions.setdefault(_ASKED, {})
    return found


def _joined(bare: Asking, *, again: bool) -> Asking | None:
    last = _asked().get(bare.subject)
    if last is None:
        return None
    if kept.analyst().is_working(last.question.key):
        return last.question
    fresh = time.monotonic() - last.at < JOINED_SECONDS
    return last.question if again and fresh and _target(last.question, ".json").exists() else None


def _remember(question: Asking) -> None:
    asked, now = _asked(), time.monotonic()
    for subject, one in list(asked.items()):
        if now - one.at > JOINED_SECONDS:
            asked.pop(subject, None)
    asked[question.subject] = _Asked(question, now)


def stamp(survey_id: int) -> tuple[int, ...]:
    """What changes when the data of a survey changes; read from indexes alone."""
    asked = {"survey": survey_id, "no": False, "yes": True}
    answers, total, newest, at, waiting, finished = db.session.execute(_STAMP, asked).one()
    # After a backup has been restored the same ids are given again, to other answers.
    moment = int(at.timestamp()) if at else 0
    return (answers, newest or 0, int(total), moment, waiting + finished, finished)


def summary(question: Asking, *, wait: float) -> Result:
    """The summary, waiting up to so many seconds for it to be computed."""
    target = _target(question, ".json")
    if kept.look(SurveySummary, target) is None and not kept.analyst().is_working(question.key):
        _remember(question)
    request = {"do": "summary", "asking": question.to_json()}
    state, found = kept.computed(SurveySummary, target, question.key, request, wait=wait)
    return Result(state) if found is None else Result(state, found.summary, edition=found.edition)


def workbook(question: Asking, language: str, sheets: list[Mapping[str, Any]], *, wait: float) -> Result:
    """The spreadsheet of a summary, written by the analyst."""
    target, key = _target(question, f".{language}.xlsx"), f"{question.key}.{language}"
    state, path = kept.written(target, key, sheets, wait=wait)
    return Result(state, path=path)


def _target(question: Asking, ending: str) -> Path:
    return kept.place(str(question.survey_id), f"{question.key}{ending}")
