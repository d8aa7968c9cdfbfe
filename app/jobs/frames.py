"""Keeping the columnar copies of answers and complaints up to date, so that a statistics page does not begin with reading them."""

from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.jobs import registry, runner
from app.models import Survey
from app.queries.analysis import results
from app.queries.analysis.access import STARTED
from app.queries.complaints.summary import results as complaints
from app.queries.figures import kept

PATIENCE_SECONDS = 60.0
CASES = 0  # no survey has this id
# What this worker has already had brought up to date, by survey.
_done: dict[int, tuple[int, ...]] = {}


@registry.every(timedelta(minutes=1))
def keep_frames_warm() -> None:
    """Have the copy of every survey with new answers brought up to date by the analyst."""
    for survey_id in db.session.scalars(select(Survey.id).where(Survey.state.in_(STARTED))).all():
        stamp = results.stamp(survey_id)
        if stamp[0] and _done.get(survey_id) != stamp:
            runner.release()  # no read is held open while the analyst works
            request = {"do": "frame", "survey": survey_id}
            kept.analyst().ask(f"frame-{survey_id}", request, wait=PATIENCE_SECONDS)
            _done[survey_id] = stamp


@registry.every(timedelta(minutes=1))
def keep_cases_warm() -> None:
    """The same for the copy of feedback and complaints, of which there is one."""
    stamp = complaints.stamp()
    if any(stamp[:2]) and _done.get(CASES) != stamp:
        runner.release()
        kept.analyst().ask("cases", {"do": "cases"}, wait=PATIENCE_SECONDS)
        _done[CASES] = stamp
