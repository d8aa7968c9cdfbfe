"""The next draft of a published questionnaire."""

import copy
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.extensions import db
from app.models import DraftEdit, Questionnaire, QuestionnaireVersion, User
from app.services import audit


def start_draft(questionnaire: Questionnaire, *, by: User | None, now: datetime) -> QuestionnaireVersion:
    """Copy the newest published version into draft n+1.

    Raises `Refused("draft_exists")`: there is one draft at a time, also when two people ask at once.
    """
    newest = questionnaire.versions[-1]
    if newest.state == "draft":
        raise Refused("draft_exists")
    draft = QuestionnaireVersion(
        questionnaire_id=questionnaire.id,
        number=newest.number + 1,
        content=copy.deepcopy(newest.content),
        created_at=now,
        edited_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError as error:
        raise Refused("draft_exists") from error
    db.session.refresh(questionnaire, ["versions"])
    _record("questionnaire.draft_started", draft, by=by, now=now)
    return draft


def discard_draft(version: QuestionnaireVersion, *, by: User | None, now: datetime) -> None:
    """Throw a draft away and go back to the published version before it.

    Raises `Refused("not_a_draft")`, or `Refused("only_version")` when nothing was published yet.
    """
    if version.state != "draft":
        raise Refused("not_a_draft")
    questionnaire = version.questionnaire
    if len(questionnaire.versions) == 1:
        raise Refused("only_version")
    _record("questionnaire.draft_discarded", version, by=by, now=now)
    db.session.execute(delete(DraftEdit).where(DraftEdit.version_id == version.id))
    db.session.delete(version)
    db.session.flush()
    db.session.refresh(questionnaire, ["versions"])
    questionnaire.title = dict(questionnaire.versions[-1].content["title"])
    db.session.flush()


def _record(action: str, version: QuestionnaireVersion, *, by: User | None, now: datetime) -> None:
    audit.record(
        action,
        kind="questionnaire",
        object_id=version.questionnaire_id,
        by=by,
        now=now,
        version=version.number,
    )
