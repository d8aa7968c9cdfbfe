"""Reading users and units."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.errors import Missing
from app.extensions import db
from app.models import Role, Unit, User
from app.rules import permissions

# PostgreSQL and SQLite hold 64-bit ids; anything larger is no row.
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class UnitLine:
    """A unit in the order of the tree. `depth` is 0 at the top."""

    unit: Unit
    depth: int
    first: bool
    last: bool


def by_email(email: str) -> User | None:
    """The user with this address, whatever its case."""
    return db.session.scalar(select(User).where(User.email == email.lower()))


def get(user_id: int) -> User:
    """Raises `Missing`."""
    user = db.session.get(User, user_id) if user_id <= LARGEST_ID else None
    if user is None:
        raise Missing("user")
    return user


def get_unit(unit_id: int) -> Unit:
    """Raises `Missing`."""
    unit = db.session.get(Unit, unit_id) if unit_id <= LARGEST_ID else None
    if unit is None:
        raise Missing("unit")
    return unit


def listed(*, search: str = "", role: str = "", active: bool | None = None) -> list[User]:
    """Users by name. A staff list is short; it is not paged."""
    query = select(User).order_by(User.active.desc(), User.name, User.id)
    if search:
        query = query.where(
            or_(User.name.icontains(search, autoescape=True), User.email.icontains(search, autoescape=True))
        )
    if role:
        query = query.where(User.roles.any(Role.name == role))
    if active is not None:
        query = query.where(User.active.is_(active))
    return list(db.session.scalars(query))


def other_administrators(user: User) -> int:
    """How many active administrators there are beside this user."""
    return (
        db.session.scalar(
            select(func.count(User.id)).where(
                User.active,
                User.id != user.id,
                User.roles.any(Role.name == permissions.Role.ADMINISTRATOR),
            )
        )
        or 0
    )


def unit_lines() -> list[UnitLine]:
    """All units in the order of the tree."""
    children: dict[int | None, list[Unit]] = {}
    for unit in db.session.scalars(select(Unit).order_by(Unit.position, Unit.id)):
        children.setdefault(unit.parent_id, []).append(unit)
    return list(_walk(children, None, 0))


def _walk(children: dict[int | None, list[Unit]], parent: int | None, depth: int) -> Iterator[UnitLine]:
    siblings = children.get(parent, [])
    for position, unit in enumerate(siblings):
        yield UnitLine(unit, depth, position == 0, position == len(siblings) - 1)
        yield from _walk(children, unit.id, depth + 1)


def members(unit: Unit) -> int:
    """How many active users belong directly to a unit."""
    return (
        db.session.scalar(
            select(func.count(User.id)).where(User.active, User.unit_links.any(unit_id=unit.id))
        )
        or 0
    )
