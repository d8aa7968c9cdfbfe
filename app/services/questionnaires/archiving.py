"""Putting a questionnaire away, and taking it out again. Nothing is deleted."""

from datetime import datetime

from app.extensions import db
from app.models import Questionnaire, User
from app.services import audit


def archive(questionnaire: Questionnaire, *, by: User | None, now: datetime) -> None:
    """Take the questionnaire off the list; surveys that use it are not touched."""
    _set(questionnaire, True, "questionnaire.archived", by=by, now=now)


def restore_from_archive(questionnaire: Questionnaire, *, by: User | None, now: datetime) -> None:
    """Put it back on the list."""
    _set(questionnaire, False, "questionnaire.restored", by=by, now=now)


def _set(
    questionnaire: Questionnaire, archived: bool, action: str, *, by: User | None, now: datetime
) -> None:
    if questionnaire.archived is archived:
        return
    questionnaire.archived = archived
    db.session.flush()
    audit.record(action, kind="questionnaire", object_id=questionnaire.id, by=by, now=now)
