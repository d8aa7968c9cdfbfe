"""Who reads which figures, and whether he may open the cases behind them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, Feedback, Firm, Unit, User
from app.queries.analysis.access import LEAST_GROUP
from app.queries.complaints.cases import sees_all
from app.queries.complaints.summary.asking import Scope
from app.rules.complaints import Kind
from app.rules.permissions import Permission, Role, allows


@dataclass(frozen=True)
class Reader:
    """What a user may choose and see.

    `cautious`: sees groups of at least `least` only, opens no case and chooses whole months, of which none can be
    worked out from others. `kinds` are the kinds of feedback he may count.
    """

    user: User
    cautious: bool
    least: int
    kinds: tuple[Kind, ...]
    own_units: tuple[int, ...] | None


def reader_of(user: User) -> Reader:
    """By the user's roles. Whoever may open single cases needs no protection from small groups."""
    department = Role.DEPARTMENT in user.role_names and not sees_all(user)
    least = db.session.scalar(select(Firm.minimum_group).limit(1)) or LEAST_GROUP
    return Reader(
        user,
        cautious=not (sees_all(user) or department),
        least=max(least, LEAST_GROUP),
        kinds=tuple(Kind) if allows(user.role_names, Permission.FEEDBACK_READ) else (Kind.COMPLAINT,),
        own_units=tuple(sorted(user.unit_ids)) if department else None,
    )


def scope_of(reader: Reader, kind: Kind, units: Iterable[int] | None) -> Scope:
    """What counts for this reader. What is about himself is left out, as it is in every list."""
    return Scope(
        kind.value,
        None if units is None else tuple(sorted(units)),
        reader.own_units,
        reader.user.id if reader.own_units is not None else None,
        reader.user.id if _is_about(reader.user) else None,
    )


def _is_about(user: User) -> bool:
    found = (
        select(table.id).where(table.about_user_id == user.id).limit(1) for table in (Complaint, Feedback)
    )
    return any(db.session.scalar(one) is not None for one in found)


def units_below(unit_id: int) -> tuple[int, ...]:
    """A unit and all below it."""
    parents = {row.id: row.parent_id for row in db.session.execute(select(Unit.id, Unit.parent_id))}
    found = {unit_id}
    while more := {unit for unit, parent in parents.items() if parent in found} - found:
        found |= more
    return tuple(sorted(found))


def still_sees(
    user: User, kind: Kind, units: Iterable[int] | None, *, cautious: bool, scope: Mapping[str, Any]
) -> bool:
    """Whether a user may still see figures that were taken for him: the same cases, and no smaller groups than now."""
    if not (user.active and allows(user.role_names, Permission.COMPLAINTS_SUMMARY)):
        return False
    reader = reader_of(user)
    present = json.loads(json.dumps(asdict(scope_of(reader, kind, units))))
    return kind in reader.kinds and reader.cautious is cautious and present == scope
