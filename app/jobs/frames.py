"""Keeping the columnar copies of answers and complaints up to date, so that a statistics page does not begin with reading them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs import registry, runner
from app.models import Survey
from app.queries.analysis import results
from app.queries.analysis.access import STARTED
from app.queries.complaints.summary import results as complaints
from app.queries.figures import kept

CASES = 0  # no survey has this id
# What this worker has already had brought up to date, by survey.
_done: dict[int, tuple[int, ...]] = {}


@registry.every(timedelta(minutes=1))
def keep_frames_warm() -> None:
    """Have the copy of every survey with new answers brought up to date by the analyst. Waits for nothing."""
    for survey_id in db.session.scalars(select(Survey.id).where(Survey.state.in_(STARTED))).all():
        stamp = results.stamp(survey_id)
        if stamp[0]:
            _bring_up(survey_id, stamp, f"frame-{survey_id}", {"do": "frame", "survey": survey_id})


@registry.every(timedelta(minutes=1))
def keep_cases_warm() -> None:
    """The same for the copy of feedback and complaints, of which there is one."""
    stamp = complaints.stamp()
    if any(stamp[:2]):
        _bring_up(CASES, stamp, "cases", {"do": "cases"})


def _bring_up(which: int, stamp: tuple[int, ...], key: str, request: Mapping[str, Any]) -> None:
    """Ask for the copy unless it is up to date, or the analyst has not come to it yet: then it is looked at again in
    a minute. One that hangs must keep neither surveys from closing nor the worker from saying that it is alive."""
    analyst = kept.analyst()
    if _done.get(which) == stamp or analyst.is_working(key):
        return
    runner.release()  # no read is held open while the child is started
    analyst.ask(key, request, wait=0)
    _done[which] = stamp
