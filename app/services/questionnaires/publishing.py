"""Freezing a version."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from app.errors import Refused, Stale
from app.extensions import db
from app.models import DraftEdit, QuestionnaireVersion, User
from app.queries.questionnaires import indicator_tree
from app.rules import indicators
from app.rules.questionnaire import publishable, validate
from app.services import audit


def publish(
    version: QuestionnaireVersion,
    *,
    expected_version: int | None = None,
    by: User | None,
    now: datetime,
) -> QuestionnaireVersion:
    """Freeze a draft with the indicator tree as it stands now. It never changes afterwards.

    Raises `Refused("not_a_draft")`, `Refused("not_publishable")` while errors are open, or
    `Stale` when the draft is no longer at `expected_version`.
    """
    if version.state != "draft":
        raise Refused("not_a_draft")
    if expected_version is not None and expected_version != version.version:
        raise Stale("draft_changed")
    system = version.questionnaire.system
    tree = indicator_tree(system) if system else ()
    codes = {leaf.code for leaf in indicators.leaves(tree)}
    if not publishable(validate(version.content, codes)) or indicators.check(tree):
        raise Refused("not_publishable")
    version.indicators = indicators.to_json(tree)
    version.content_hash = content_hash(version.content, version.indicators)
    version.state, version.published_at = "published", now
    version.published_by_id = by.id if by else None
    version.questionnaire.title = dict(version.content["title"])
    # There is no way back from here, and each step holds the whole document twice.
    db.session.execute(delete(DraftEdit).where(DraftEdit.version_id == version.id))
    db.session.flush()
    audit.record(
        "questionnaire.published",
        kind="questionnaire",
        object_id=version.questionnaire_id,
        by=by,
        now=now,
        version=version.number,
        hash=version.content_hash,
    )
    return version


def content_hash(content: dict[str, Any], tree: list[dict[str, Any]]) -> str:
    """SHA-256 over the canonical JSON of content and indicator tree."""
    text = json.dumps([content, tree], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
