"""Changing an indicator system: names, weights, order, new and removed indicators."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Indicator as Row
from app.models import IndicatorSystem, User
from app.queries.questionnaires import indicator_tree
from app.rules import indicators
from app.rules.indicators import Indicator
from app.services import audit


def save_indicators(
    system: IndicatorSystem,
    tree: Sequence[Indicator],
    *,
    expected_version: int | None = None,
    by: User | None,
    now: datetime,
) -> bool:
    """Make the system look like `tree`; indicators are matched by code. Returns whether it changed.

    A tree whose weights do not sum to 1 can be kept (it is work in progress) but not published
    with. Raises `Stale`, and `Refused("duplicate_code")`.
    """
    if expected_version is not None and expected_version != system.version:
        raise Stale("indicators_changed")
    codes = [node.code for node in indicators.walk(tree)]
    if len(set(codes)) < len(codes):
        raise Refused("duplicate_code")
    present = {row.code: row for row in system.indicators}
    # Children before their parents, or the database refuses.
    gone = [node.code for node in indicators.walk(indicator_tree(system)) if node.code not in codes][::-1]
    before = {code: _state(row) for code, row in present.items()}
    _place(system, tree, None, present)
    for code in gone:
        system.indicators.remove(present[code])
        db.session.flush()
    after = {row.code: _state(row) for row in system.indicators}
    if after == before:
        return False
    # Other rows changed, not the system's own: its version must move all the same.
    flag_modified(system, "name")
    db.session.flush()
    _record(system, before.keys(), after.keys(), by=by, now=now)
    return True


def _place(
    system: IndicatorSystem, nodes: Sequence[Indicator], parent: Row | None, present: dict[str, Row]
) -> None:
    for position, node in enumerate(nodes):
        row = present.get(node.code)
        if row is None:
            row = Row(code=node.code)
            system.indicators.append(row)
        row.name, row.weight, row.position = dict(node.name), node.weight, position
        row.parent_id = parent.id if parent else None
        db.session.flush()
        _place(system, node.children, row, present)


def _state(row: Row) -> tuple[object, ...]:
    return row.parent_id, row.position, dict(row.name), row.weight


def _record(
    system: IndicatorSystem, old: AbstractSet[str], new: AbstractSet[str], *, by: User | None, now: datetime
) -> None:
    audit.record(
        "indicators.changed",
        kind="indicator_system",
        object_id=system.id,
        by=by,
        now=now,
        added=sorted(new - old),
        removed=sorted(old - new),
    )
