"""Departments and branches: adding, changing, ordering. A unit is never deleted, only switched off."""

from datetime import datetime

from sqlalchemy import func, select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Unit, User
from app.rules import units as rules
from app.services import audit

KINDS = ("department", "branch")


def add(
    *,
    name: str,
    name_en: str,
    kind: str,
    code: str,
    parent_id: int | None,
    by: User | None,
    now: datetime,
) -> Unit:
    """Add a unit below `parent_id`, at the end. Raises `Refused`: `code_taken`, `rules.units`."""
    _check_place(None, parent_id)
    if code and _has_code(code, but=None):
        raise Refused("code_taken")
    unit = Unit(
        name=name,
        name_en=name_en,
        kind=kind,
        code=code or _free_code(),
        parent_id=parent_id,
        position=_next_position(parent_id),
    )
    db.session.add(unit)
    db.session.flush()
    audit.record("unit.added", kind="unit", object_id=unit.id, by=by, now=now, name=name, parent=parent_id)
    return unit


def change(
    unit: Unit,
    *,
    version: int,
    name: str,
    name_en: str,
    kind: str,
    code: str,
    parent_id: int | None,
    active: bool,
    by: User,
    now: datetime,
) -> None:
    """Rename, move or switch a unit on or off. Raises `Stale`, otherwise as `add`."""
    if unit.version != version:
        raise Stale("unit")
    _check_place(unit.id, parent_id)
    if code and _has_code(code, but=unit.id):
        raise Refused("code_taken")
    values = {
        "name": name,
        "name_en": name_en,
        "kind": kind,
        "code": code or unit.code,
        "parent_id": parent_id,
        "active": active,
    }
    changed = {key: [getattr(unit, key), new] for key, new in values.items() if getattr(unit, key) != new}
    if "parent_id" in changed:
        unit.position = _next_position(parent_id)
    for key, (_old, new) in changed.items():
        setattr(unit, key, new)
    db.session.flush()
    if changed:
        audit.record("unit.changed", kind="unit", object_id=unit.id, by=by, now=now, changed=changed)


def shift(unit: Unit, *, by: User, now: datetime, up: bool) -> None:
    """Change places with the sibling above or below; at the edge nothing happens."""
    siblings = list(
        db.session.scalars(
            select(Unit)
            .where(Unit.parent_id.is_not_distinct_from(unit.parent_id))
            .order_by(Unit.position, Unit.id)
        )
    )
    place = siblings.index(unit)
    target = place + (-1 if up else 1)
    if not 0 <= target < len(siblings):
        return
    siblings[place], siblings[target] = siblings[target], siblings[place]
    for position, sibling in enumerate(siblings):
        sibling.position = position
    audit.record("unit.ordered", kind="unit", object_id=unit.id, by=by, now=now, up=up)


def _check_place(unit_id: int | None, parent_id: int | None) -> None:
    parents = {row.id: row.parent_id for row in db.session.execute(select(Unit.id, Unit.parent_id))}
    code = rules.refusal(unit_id, parent_id, parents)
    if code:
        raise Refused(code)


def _has_code(code: str, *, but: int | None) -> bool:
    found = db.session.scalar(select(Unit.id).where(Unit.code == code))
    return found is not None and found != but


def _free_code() -> str:
    number = (db.session.scalar(select(func.max(Unit.id))) or 0) + 1
    while _has_code(f"U{number}", but=None):
        number += 1
    return f"U{number}"


def _next_position(parent_id: int | None) -> int:
    last = db.session.scalar(
        select(func.max(Unit.position)).where(Unit.parent_id.is_not_distinct_from(parent_id))
    )
    return 0 if last is None else last + 1
