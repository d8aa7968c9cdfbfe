"""Inviting in the background, reminders by the clock, and closing on time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.errors import Missing
from app.extensions import db
from app.jobs import registry, runner
from app.models import Invitation, Survey
from app.services import invitations, reminders, surveys


@registry.job("survey.invite")
def invite(progress: runner.Progress, survey_id: int) -> dict[str, Any]:
    """Invite everybody, a batch per transaction; a worker that dies loses one batch at most."""
    done = 0
    while True:
        with runner.transaction():
            survey = db.session.get(Survey, survey_id)
            if survey is None:
                raise Missing("no_survey")
            count = invitations.invite_next(survey, now=clock.now())
        if not count:
            break
        done += count
        progress.set(done, done + count)
    total = db.session.scalar(select(func.count()).where(Invitation.survey_id == survey_id))
    return {"invited": total}


@registry.every(timedelta(minutes=5))
def plan_reminders() -> None:
    """Queue the reminders that have fallen due."""
    with runner.transaction():
        reminders.plan_due(now=clock.now())


@registry.every(timedelta(minutes=1))
def close_surveys() -> None:
    """Close the surveys whose end has come."""
    with runner.transaction():
        surveys.close_overdue(now=clock.now())
