"""From a question to its summary: kept results first, the analyst otherwise."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import func, select

from app.adapters.analyst import Analyst, State
from app.extensions import db
from app.models import Firm, Invitation, Response, Survey, User
from app.queries.analysis.access import LEAST_GROUP, sees_all
from app.queries.analysis.asking import Asking, Filters
from app.queries.analysis.model import SurveySummary, from_json

_EXTENSION = "heed.analyst"
T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """`summary` or `path` is there when `state` is DONE."""

    state: State
    summary: SurveySummary | None = None
    path: Path | None = None


def analyst() -> Analyst:
    """This process's analyst."""
    client: Analyst | None = current_app.extensions.get(_EXTENSION)
    if client is None:
        settings = current_app.config["HEED"]
        made = Analyst({"database": settings.database_url, "data": str(settings.data)})
        client = current_app.extensions.setdefault(_EXTENSION, made)
    return client


def asking(survey: Survey, previous: Survey | None, filters: Filters, *, by: User) -> Asking:
    """The question as it stands now, for this reader."""
    least = db.session.scalar(select(Firm.minimum_group).limit(1)) or LEAST_GROUP
    waves = [survey] if previous is None else [survey, previous]
    return Asking(
        survey.id,
        previous.id if previous else None,
        filters,
        max(least, LEAST_GROUP),
        not sees_all(by),
        tuple(stamp(wave.id) for wave in waves),
    )


def stamp(survey_id: int) -> tuple[int, ...]:
    """What changes when the data of a survey changes; read from indexes alone."""
    complete = select(
        func.count(), func.coalesce(func.max(Response.id), 0), func.coalesce(func.sum(Response.id), 0)
    ).where(Response.survey_id == survey_id, Response.state == "complete")
    invited = (
        select(Invitation.finished, func.count())
        .where(Invitation.survey_id == survey_id)
        .group_by(Invitation.finished)
    )
    finished = {row[0]: row[1] for row in db.session.execute(invited)}
    answers = db.session.execute(complete).one()
    # After a backup has been restored the same ids are given again, to other answers.
    newest = db.session.scalar(select(Response.submitted_at).where(Response.id == answers[1]))
    return (
        *(int(value) for value in answers),
        int(newest.timestamp()) if newest else 0,
        sum(finished.values()),
        finished.get(True, 0),
    )


def kept(question: Asking) -> SurveySummary | None:
    """The result if it is there and whole."""
    return _kept(SurveySummary, _target(question, ".json"))


def _kept(kind: type[T], target: Path) -> T | None:
    try:
        return from_json(kind, json.loads(target.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def summary(question: Asking, *, wait: float) -> Result:
    """The summary, waiting up to so many seconds for it to be computed."""
    request = {"do": "summary", "asking": question.to_json()}
    return Result(*computed(SurveySummary, _target(question, ".json"), question.key, request, wait=wait))


def computed(
    kind: type[T], target: Path, key: str, request: Mapping[str, Any], *, wait: float
) -> tuple[State, T | None]:
    """What is kept in a file, or else what the analyst makes of the request."""
    present = _kept(kind, target)
    if present is not None:
        return State.DONE, present
    with contextlib.suppress(OSError):
        target.unlink()  # damaged, or it would have been read
    state = analyst().ask(key, {**request, "target": str(target)}, wait=wait)
    if state is not State.DONE:
        return state, None
    present = _kept(kind, target)
    return State.DONE if present else State.FAILED, present


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
