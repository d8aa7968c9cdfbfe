"""Changing the trees of categories and causes. Nothing is ever deleted: what is switched off is not offered any more."""

from datetime import datetime

from sqlalchemy import func, select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import FeedbackCategory, User
from app.queries.complaints.trees import Tree, tree
from app.rules import units as trees
from app.services import audit

KINDS = ("category", "cause")
MOST_LEVELS = 4


def add(
    kind: str, *, name: str, name_en: str, parent_id: int | None, by: User, now: datetime
) -> FeedbackCategory:
    """One entry more, at the end. Raises `Refused`: `no_such_parent`, `too_deep`, `name_taken`."""
    present = tree()
    _check_place(present, kind, None, parent_id)
    _check_name(present, kind, None, parent_id, name)
    row = FeedbackCategory(
        kind=kind,
        parent_id=parent_id,
        code=_free_code(kind),
        name=name,
        name_en=name_en,
        position=_next_position(),
        active=True,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        "category.added", kind="category", object_id=row.id, by=by, now=now, name=name, parent=parent_id
    )
    return row


def change(
    row: FeedbackCategory,
    *,
    version: int,
    name: str,
    name_en: str,
    parent_id: int | None,
    active: bool,
    by: User,
    now: datetime,
) -> None:
    """Rename, move, or switch on or off. Raises `Stale`, otherwise as `add`, and `below_itself`."""
    if row.version != version:
        raise Stale("category")
    present = tree()
    _check_place(present, row.kind, row.id, parent_id)
    _check_name(present, row.kind, row.id, parent_id, name)
    values = {"name": name, "name_en": name_en, "parent_id": parent_id, "active": active}
    changed = {key: [getattr(row, key), new] for key, new in values.items() if getattr(row, key) != new}
    if "parent_id" in changed:
        row.position = _next_position()
    for key, (_old, new) in changed.items():
        setattr(row, key, new)
    db.session.flush()
    if changed:
        audit.record("category.changed", kind="category", object_id=row.id, by=by, now=now, changed=changed)


def shift(row: FeedbackCategory, *, by: User, now: datetime, up: bool) -> None:
    """Change places with the one above or below at the same level; at the edge nothing happens."""
    siblings = [
        one for one in tree().by_id.values() if (one.kind, one.parent_id) == (row.kind, row.parent_id)
    ]
    place = siblings.index(row)
    target = place + (-1 if up else 1)
    if not 0 <= target < len(siblings):
        return
    positions = sorted(one.position for one in siblings)
    siblings[place], siblings[target] = siblings[target], siblings[place]
    if len(set(positions)) < len(positions):
        positions = list(range(positions[0], positions[0] + len(siblings)))
    for position, one in zip(positions, siblings, strict=True):
        one.position = position
    db.session.flush()
    audit.record("category.ordered", kind="category", object_id=row.id, by=by, now=now, up=up)


def _check_place(present: Tree, kind: str, own: int | None, parent_id: int | None) -> None:
    parents = {one.id: one.parent_id for one in present.by_id.values() if one.kind == kind}
    code = trees.refusal(own, parent_id, parents)
    if code is None and parent_id is not None:
        height = 1 if own is None else trees.height(own, parents)
        code = "too_deep" if len(present.chain(parent_id)) + height > MOST_LEVELS else None
    if code:
        raise Refused(code)


def _check_name(present: Tree, kind: str, own: int | None, parent_id: int | None, name: str) -> None:
    for one in present.by_id.values():
        if (one.kind, one.parent_id, one.name) == (kind, parent_id, name) and one.id != own:
            raise Refused("name_taken")


def _free_code(kind: str) -> str:
    number = (db.session.scalar(select(func.max(FeedbackCategory.id))) or 0) + 1
    taken = set(db.session.scalars(select(FeedbackCategory.code)))
    while f"{kind}.own{number}" in taken:
        number += 1
    return f"{kind}.own{number}"


def _next_position() -> int:
    return (db.session.scalar(select(func.max(FeedbackCategory.position))) or 0) + 1
