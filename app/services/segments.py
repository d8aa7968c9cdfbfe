"""Saving filters as segments."""

from datetime import datetime
from typing import Any

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Segment, User
from app.queries import segments as queries
from app.services import audit


def create_segment(*, name: str, filters: dict[str, Any], by: User, now: datetime) -> Segment:
    """Save a filter under a name. Refused: name_taken."""
    _check_name(name, None)
    segment = Segment(name=name, filters=filters, created_by_id=by.id, created_at=now)
    db.session.add(segment)
    db.session.flush()
    audit.record("segment.created", kind="segment", object_id=segment.id, by=by, now=now, name=name)
    return segment


def everybody(*, name: str, by: User, now: datetime) -> Segment:
    """The segment without a condition; made under `name` when there is none. Refused: name_taken."""
    present = queries.segment_without_conditions()
    return present or create_segment(name=name, filters={}, by=by, now=now)


def edit_segment(
    segment: Segment, *, version: int, name: str, filters: dict[str, Any], by: User, now: datetime
) -> Segment:
    """Change name and filter. Surveys already sent keep their recipients. Stale, Refused: name_taken."""
    if segment.version != version:
        raise Stale("segment")
    _check_name(name, segment)
    segment.name, segment.filters = name, filters
    db.session.flush()
    audit.record("segment.changed", kind="segment", object_id=segment.id, by=by, now=now, name=name)
    return segment


def delete_segment(segment: Segment, *, by: User, now: datetime) -> None:
    """Delete it. Refused: segment_in_use."""
    if queries.surveys_using(segment):
        raise Refused("segment_in_use")
    audit.record("segment.deleted", kind="segment", object_id=segment.id, by=by, now=now, name=segment.name)
    db.session.delete(segment)
    db.session.flush()


def _check_name(name: str, own: Segment | None) -> None:
    present = queries.segment_named(name)
    if present is not None and present is not own:
        raise Refused("name_taken")
