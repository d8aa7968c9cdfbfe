"""From a question to its summary: kept results first, the analyst otherwise."""

import contextlib
import json
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import select, text

from app.adapters.analyst import Analyst, State
from app.extensions import UtcDateTime, db
from app.models import Firm, Survey, User
from app.queries.analysis.access import LEAST_GROUP, sees_all
from app.queries.analysis.asking import Asking, Filters
from app.queries.analysis.model import SurveySummary, from_json

_EXTENSION = "heed.analyst"
_ASKED = "heed.analysis.asked"
# A page that polls is given the answer to what it asked within this time, even if new answers came in meanwhile.
JOINED_SECONDS = 60.0
_SUMMARIES = 16
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
T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """`summary` or `path` is there when `state` is DONE. `edition` is another one for every summary ever computed:
    what is made of a summary may be kept under it."""

    state: State
    summary: SurveySummary | None = None
    path: Path | None = None
    edition: str = ""


@dataclass(frozen=True)
class _Asked:
    question: Asking
    at: float


def analyst() -> Analyst:
    """This process's analyst."""
    client: Analyst | None = current_app.extensions.get(_EXTENSION)
    if client is None:
        settings = current_app.config["HEED"]
        made = Analyst({"database": settings.database_url, "data": str(settings.data)})
        client = current_app.extensions.setdefault(_EXTENSION, made)
    return client


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
    if analyst().is_working(last.question.key):
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


def kept(question: Asking) -> Result | None:
    """The result if it is there and whole. A damaged one is taken away, so that it can be computed again."""
    target = _target(question, ".json")
    try:
        about = target.stat()
        edition = f"{question.key}.{about.st_ino}.{about.st_mtime_ns}"
        return Result(State.DONE, _read(target, edition), edition=edition)
    except OSError:
        return None
    except (ValueError, TypeError, KeyError):
        with contextlib.suppress(OSError):
            target.unlink()
        return None


@lru_cache(maxsize=_SUMMARIES)
def _read(path: Path, _edition: str) -> SurveySummary:
    return from_json(SurveySummary, json.loads(path.read_text("utf-8")))


def summary(question: Asking, *, wait: float) -> Result:
    """The summary, waiting up to so many seconds for it to be computed."""
    present = kept(question)
    if present is not None:
        return present
    if not analyst().is_working(question.key):
        _remember(question)
    request = {"do": "summary", "asking": question.to_json()}
    state = _made(_target(question, ".json"), question.key, request, wait=wait)
    if state is not State.DONE:
        return Result(state)
    return kept(question) or Result(State.FAILED)


def computed(
    kind: type[T], target: Path, key: str, request: Mapping[str, Any], *, wait: float
) -> tuple[State, T | None]:
    """What is kept in a file, or else what the analyst makes of the request."""
    present = _kept(kind, target)
    if present is not None:
        return State.DONE, present
    with contextlib.suppress(OSError):
        target.unlink()  # damaged, or it would have been read
    state = _made(target, key, request, wait=wait)
    if state is not State.DONE:
        return state, None
    present = _kept(kind, target)
    return State.DONE if present else State.FAILED, present


def _made(target: Path, key: str, request: Mapping[str, Any], *, wait: float) -> State:
    return analyst().ask(key, {**request, "target": str(target)}, wait=wait)


def _kept(kind: type[T], target: Path) -> T | None:
    try:
        return from_json(kind, json.loads(target.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def workbook(question: Asking, language: str, sheets: list[Mapping[str, Any]], *, wait: float) -> Result:
    """The spreadsheet of a summary, written by the analyst. `sheets` as `app.jobs.analyst` takes them."""
    return written(_target(question, f".{language}.xlsx"), f"{question.key}.{language}", sheets, wait=wait)


def written(target: Path, key: str, sheets: list[Mapping[str, Any]], *, wait: float) -> Result:
    """A spreadsheet that is kept, or else is written by the analyst."""
    if not target.exists():
        state = analyst().ask(key, {"do": "workbook", "sheets": sheets, "target": str(target)}, wait=wait)
        if state is not State.DONE:
            return Result(state)
    return Result(State.DONE if target.exists() else State.FAILED, path=target)


def _target(question: Asking, ending: str) -> Path:
    data: Path = current_app.config["HEED"].data
    return data / "cache" / "analysis" / str(question.survey_id) / f"{question.key}{ending}"
