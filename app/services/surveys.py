"""The steps of a survey, from the draft to the release. Each goes through `_step`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Delivery, Response, Segment, Series, Survey, User
from app.queries import surveys as reads
from app.rules import mail_defaults
from app.rules import surveys as rules
from app.rules.surveys import State, Step
from app.services import audit
from app.services.jobs import request_job
from app.services.sending.tables import note

EDITABLE = frozenset(
    {
        "name",
        "series_id",
        "version_id",
        "opens_at",
        "closes_at",
        "anonymous",
        "segment_id",
        "mail_texts",
        "reminder_texts",
        "pace_per_minute",
        "quiet_from",
        "quiet_until",
        "reminder_after_days",
        "reminder_limit",
        "follow_up_question",
        "follow_up_score",
    }
)


def create(
    *,
    series: Series | Mapping[str, str],
    name: Mapping[str, str],
    version_id: int,
    opens_at: datetime,
    closes_at: datetime,
    anonymous: bool,
    by: User | None,
    now: datetime,
) -> Survey:
    """Begin a survey, in a series that exists or in a new one with the given name."""
    if not isinstance(series, Series):
        series = Series(name=dict(series), created_at=now)
        db.session.add(series)
        db.session.flush()
    survey = Survey(
        series_id=series.id,
        name=dict(name),
        version_id=version_id,
        opens_at=opens_at,
        closes_at=closes_at,
        anonymous=anonymous,
        mail_texts=mail_defaults.INVITATION,
        reminder_texts=mail_defaults.REMINDER,
        created_by_id=by.id if by else None,
        created_at=now,
    )
    db.session.add(survey)
    db.session.flush()
    audit.record("survey.created", kind="survey", object_id=survey.id, by=by, now=now)
    return survey


def edit(survey: Survey, *, values: Mapping[str, Any], seen: int, by: User, now: datetime) -> None:
    """Change fields of a draft. `seen` is the version the person had in front of him."""
    _check(survey, Step.EDIT, seen=seen, by=by)
    changed = sorted(k for k, v in values.items() if k in EDITABLE and getattr(survey, k) != v)
    if not changed:
        return
    for key in changed:
        setattr(survey, key, values[key])
    db.session.flush()
    audit.record("survey.edited", kind="survey", object_id=survey.id, by=by, now=now, fields=changed)


def choose_segment(survey: Survey, segment: Segment | None, *, seen: int, by: User, now: datetime) -> None:
    """Whom to ask; None for nobody by mail (open links only)."""
    edit(survey, values={"segment_id": segment.id if segment else None}, seen=seen, by=by, now=now)


def prepare(survey: Survey, *, mail_server_set: bool, seen: int, by: User, now: datetime) -> None:
    """Declare the draft ready. Raises `Refused("incomplete", missing=[…])`."""
    _check(survey, Step.PREPARE, seen=seen, by=by)
    open_items = rules.missing(reads.checklist(survey, mail_server_set=mail_server_set, now=now))
    if open_items:
        raise Refused("incomplete", missing=open_items)
    _move(survey, Step.PREPARE, by=by, now=now)


def rework(survey: Survey, *, seen: int, by: User, now: datetime) -> None:
    """Back to the draft; nothing has been sent yet."""
    _check(survey, Step.REWORK, seen=seen, by=by)
    _move(survey, Step.REWORK, by=by, now=now)


def launch(survey: Survey, *, mail_server_set: bool, seen: int, by: User, now: datetime) -> None:
    """Go live: from now on people can answer, and the worker invites the recipients."""
    _check(survey, Step.LAUNCH, seen=seen, by=by)
    open_items = rules.missing(reads.checklist(survey, mail_server_set=mail_server_set, now=now))
    if open_items:
        raise Refused("incomplete", missing=open_items)
    survey.launched_at = now
    _move(survey, Step.LAUNCH, by=by, now=now)
    if survey.segment_id is not None:
        request_job("survey.invite", key=f"survey.invite:{survey.id}", by=by, now=now, survey_id=survey.id)


def pause(survey: Survey, *, seen: int, by: User, now: datetime) -> None:
    """Stop sending. Whoever has the link can still answer."""
    _check(survey, Step.PAUSE, seen=seen, by=by)
    _move(survey, Step.PAUSE, by=by, now=now)


def resume(survey: Survey, *, seen: int, by: User, now: datetime) -> None:
    """Go on sending, at the survey's pace."""
    _check(survey, Step.RESUME, seen=seen, by=by)
    _move(survey, Step.RESUME, by=by, now=now)


def extend(survey: Survey, *, closes_at: datetime, seen: int, by: User, now: datetime) -> None:
    """Give people more (or less) time; the new end must lie ahead. Raises `Refused("in_the_past")`."""
    _check(survey, Step.EXTEND, seen=seen, by=by)
    if closes_at <= now:
        raise Refused("in_the_past")
    before, survey.closes_at = survey.closes_at, closes_at
    _move(
        survey,
        Step.EXTEND,
        by=by,
        now=now,
        closes_at=closes_at.isoformat(),
        closed_before=before.isoformat(),
    )


def close(survey: Survey, *, seen: int | None, by: User | None, now: datetime) -> None:
    """End the asking: what is still queued is dropped, and the answers are sealed."""
    _check(survey, Step.CLOSE, seen=seen, by=by)
    dropped = _drop_queued(survey, now)
    survey.closed_at = now
    survey.closes_at = min(survey.closes_at, now)
    survey.sealed_count, survey.sealed_hash = seal_of(survey.id)
    _move(
        survey,
        Step.CLOSE,
        by=by,
        now=now,
        dropped=dropped,
        count=survey.sealed_count,
        seal=survey.sealed_hash,
    )


def close_overdue(*, now: datetime) -> int:
    """Close every survey whose end has come. Returns how many."""
    overdue = db.session.scalars(
        select(Survey).where(Survey.state.in_([State.LIVE, State.PAUSED]), Survey.closes_at <= now)
    ).all()
    for survey in overdue:
        close(survey, seen=None, by=None, now=now)
    return len(overdue)


def release(survey: Survey, *, seen: int, by: User, now: datetime) -> None:
    """Let the departments see the results. Once released, released. Raises `Refused("released")`."""
    _check(survey, Step.RELEASE, seen=seen, by=by)
    if survey.released_at is not None:
        raise Refused("released")
    survey.released_at = now
    _move(survey, Step.RELEASE, by=by, now=now)


def seal_of(survey_id: int) -> tuple[int, str]:
    """Count and hash over the complete responses as they are stored now."""
    rows = db.session.execute(
        select(Response.id, Response.version_id, Response.submitted_at, Response.answers)
        .where(Response.survey_id == survey_id, Response.state == "complete")
        .order_by(Response.id)
        .execution_options(yield_per=1000)
    )
    return rules.seal(
        (row.id, row.version_id, row.submitted_at.isoformat() if row.submitted_at else None, row.answers)
        for row in rows
    )


def _check(survey: Survey, step: Step, *, seen: int | None, by: User | None) -> None:
    """Role, state and row version. Raises `Refused` or `Stale`."""
    rules.check_step(survey.state, step, by.role_names if by else None)
    if seen is not None and seen != survey.row_version:
        raise Stale("changed_meanwhile")


def _move(survey: Survey, step: Step, *, by: User | None, now: datetime, **detail: Any) -> None:
    before = survey.state
    survey.state = rules.check_step(before, step, by.role_names if by else None).value
    db.session.flush()
    audit.record(
        f"survey.{step.value}",
        kind="survey",
        object_id=survey.id,
        by=by,
        now=now,
        state_before=before,
        state_after=survey.state,
        **detail,
    )


def _drop_queued(survey: Survey, now: datetime) -> int:
    """Mails that nobody has claimed; a claimed one is caught by the sender itself."""
    dropped = db.session.scalars(
        update(Delivery)
        .where(Delivery.survey_id == survey.id, Delivery.state == "queued")
        .values(state="dropped", reason="survey_closed", finished_at=now)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    note(dropped, "dropped", now=now, reason="survey_closed")
    return len(dropped)
