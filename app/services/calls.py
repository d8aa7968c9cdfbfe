"""Calls that respondents asked for."""

from datetime import datetime

from app.extensions import db
from app.models import Response, User
from app.services import audit


def mark_called(response: Response, *, by: User, now: datetime) -> None:
    """Note that the respondent has been rung. Doing it twice changes nothing."""
    if response.call_done_at is not None:
        return
    response.call_done_at = now
    db.session.flush()
    audit.record("response.called", kind="response", object_id=response.id, by=by, now=now)
