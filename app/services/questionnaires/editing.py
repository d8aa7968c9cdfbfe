"""One step of editing a draft, and the way back. What a step does is in `rules.questionnaire`."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import DraftEdit, QuestionnaireVersion, User
from app.rules.questionnaire import Content

KEPT_STEPS = 200


def apply_edit(
    version: QuestionnaireVersion,
    change: Callable[[Content], Content],
    *,
    action: str,
    expected_version: int | None = None,
    by: User | None,
    now: datetime,
) -> bool:
    """Replace the draft's content by `change(content)` and remember the step for undo.

    Returns whether anything changed. Raises `Refused("not_a_draft")`, `Stale` when the draft is
    no longer at `expected_version`, and whatever `change` raises; then nothing has happened.
    """
    _check(version, expected_version)
    before = version.content
    after = change(before)
    if after == before:
        return False
    db.session.execute(
        delete(DraftEdit).where(DraftEdit.version_id == version.id, DraftEdit.undone.is_(True))
    )
    sequence = _last_sequence(version) + 1
    db.session.add(
        DraftEdit(
            version_id=version.id,
            sequence=sequence,
            action=action[:40],
            before=before,
            after=after,
            by_id=by.id if by else None,
            at=now,
        )
    )
    db.session.execute(
        delete(DraftEdit).where(
            DraftEdit.version_id == version.id, DraftEdit.sequence <= sequence - KEPT_STEPS
        )
    )
    _store(version, after, now)
    return True


def undo(
    version: QuestionnaireVersion, *, expected_version: int | None = None, by: User | None, now: datetime
) -> DraftEdit:
    """Take back the last step. Raises `Refused("nothing_to_undo")`, `Refused("not_a_draft")`, `Stale`."""
    _check(version, expected_version)
    step = db.session.scalar(
        select(DraftEdit)
        .where(DraftEdit.version_id == version.id, DraftEdit.undone.is_(False))
        .order_by(DraftEdit.sequence.desc())
        .limit(1)
    )
    if step is None:
        raise Refused("nothing_to_undo")
    step.undone = True
    _store(version, step.before, now)
    return step


def redo(
    version: QuestionnaireVersion, *, expected_version: int | None = None, by: User | None, now: datetime
) -> DraftEdit:
    """Do the step again that was taken back last. Raises `Refused("nothing_to_redo")` and as `undo`."""
    _check(version, expected_version)
    step = db.session.scalar(
        select(DraftEdit)
        .where(DraftEdit.version_id == version.id, DraftEdit.undone.is_(True))
        .order_by(DraftEdit.sequence)
        .limit(1)
    )
    if step is None:
        raise Refused("nothing_to_redo")
    step.undone = False
    _store(version, step.after, now)
    return step


def _check(version: QuestionnaireVersion, expected_version: int | None) -> None:
    if version.state != "draft":
        raise Refused("not_a_draft")
    if expected_version is not None and expected_version != version.version:
        raise Stale("draft_changed")


def _last_sequence(version: QuestionnaireVersion) -> int:
    newest = select(DraftEdit.sequence).where(DraftEdit.version_id == version.id)
    return db.session.scalar(newest.order_by(DraftEdit.sequence.desc()).limit(1)) or 0


def _store(version: QuestionnaireVersion, content: Content, now: datetime) -> None:
    version.content = content
    version.edited_at = now
    title = dict(content["title"])
    if version.questionnaire.title != title:
        version.questionnaire.title = title
    db.session.flush()
