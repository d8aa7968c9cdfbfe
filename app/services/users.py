"""Creating and changing users. Every change of rights ends the user's sessions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Delivery, Role, Unit, User, UserUnit
from app.queries import users as queries
from app.rules import permissions
from app.rules import users as rules
from app.services import accounts, audit, outbox


def create(
    *,
    email: str,
    name: str,
    language: str,
    role_names: Collection[str],
    unit_ids: Collection[int] = (),
    password_hash: str | None = None,
    by: User | None,
    now: datetime,
) -> User:
    """Add a user. Raises `Refused`: `email_taken`, `unknown_role`."""
    if queries.by_email(email) is not None:
        raise Refused("email_taken")
    if not set(role_names) <= set(permissions.Role):
        raise Refused("unknown_role")
    user = User(
        email=email.lower(),
        name=name,
        language=language,
        password=password_hash,
        fs_uniquifier=accounts.new_uniquifier(),
        active=True,
        created_at=now,
    )
    user.roles = _roles(role_names)
    user.unit_links = _unit_links(unit_ids)
    db.session.add(user)
    db.session.flush()
    audit.record(
        "user.created",
        kind="user",
        object_id=user.id,
        by=by,
        now=now,
        name=name,
        roles=sorted(role_names),
        units=sorted(user.unit_ids),
    )
    return user


def invite(user: User, *, by: User | None, now: datetime) -> Delivery:
    """Send the user a link to set a password for the first time."""
    audit.record("user.invited", kind="user", object_id=user.id, by=by, now=now)
    return outbox.enqueue(
        "reset",
        to=user.email,
        language=user.language,
        template="set_password",
        due_at=now,
        now=now,
        params={"user_id": user.id},
    )


def send_reset(user: User, *, now: datetime) -> Delivery:
    """Send the user a link to set a new password; asked for on the sign-in page."""
    audit.record("user.reset_requested", kind="user", object_id=user.id, by=None, now=now)
    return outbox.enqueue(
        "reset",
        to=user.email,
        language=user.language,
        template="reset_password",
        due_at=now,
        now=now,
        params={"user_id": user.id},
    )


def change(
    user: User,
    *,
    version: int,
    email: str,
    name: str,
    language: str,
    role_names: Collection[str],
    unit_ids: Collection[int],
    active: bool,
    by: User,
    now: datetime,
) -> None:
    """Change what an administrator may change. Raises `Stale` and `Refused` (`rules.users`, `email_taken`)."""
    # One after the other: two administrators must not remove each other at the same moment.
    db.session.scalar(select(Role).where(Role.name == permissions.Role.ADMINISTRATOR).with_for_update())
    db.session.refresh(user)
    if user.version != version:
        raise Stale("user")
    code = rules.refusal(
        own=user.id == by.id,
        roles_before=user.role_names,
        roles_after=role_names,
        active_before=user.active,
        active_after=active,
        other_administrators=queries.other_administrators(user),
    )
    if code:
        raise Refused(code)
    namesake = queries.by_email(email)
    if namesake is not None and namesake.id != user.id:
        raise Refused("email_taken")
    before, rights_before = _picture(user), _rights(user)
    user.email, user.name, user.language, user.active = email.lower(), name, language, active
    user.roles = _roles(role_names)
    _set_units(user, unit_ids)
    user.version += 1
    db.session.flush()
    _record_change(user, before, by=by, now=now)
    if _rights(user) != rights_before:
        end_access(user, now=now)


def change_own(user: User, *, name: str, language: str, theme: str, now: datetime) -> None:
    """Change what everybody may change about himself."""
    before = _picture(user)
    user.name, user.language, user.theme = name, language, theme
    user.version += 1
    db.session.flush()
    _record_change(user, before, by=user, now=now)


def end_access(user: User, *, now: datetime) -> None:
    """End every session, cookie and link of a user; he signs in again with the rights he has now."""
    user.fs_uniquifier = accounts.new_uniquifier()
    accounts.end_all_sessions(user, now=now)


def _record_change(user: User, before: dict[str, object], *, by: User, now: datetime) -> None:
    after = _picture(user)
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        audit.record("user.changed", kind="user", object_id=user.id, by=by, now=now, changed=changed)


def _picture(user: User) -> dict[str, object]:
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "active": user.active,
        "roles": sorted(user.role_names),
        "units": sorted(user.unit_ids),
    }


def _rights(user: User) -> tuple[object, ...]:
    return user.email, user.active, user.role_names, user.unit_ids


def _roles(names: Collection[str]) -> list[Role]:
    return list(db.session.scalars(select(Role).where(Role.name.in_(names))))


def _unit_links(unit_ids: Collection[int]) -> list[UserUnit]:
    known = db.session.scalars(select(Unit.id).where(Unit.id.in_(unit_ids)))
    return [UserUnit(unit_id=unit_id) for unit_id in known]


def _set_units(user: User, unit_ids: Collection[int]) -> None:
    wanted = set(unit_ids)
    # Rows that stay are kept: whether somebody heads a unit is not decided here.
    kept = [link for link in user.unit_links if link.unit_id in wanted]
    user.unit_links = [*kept, *_unit_links(wanted - {link.unit_id for link in kept})]
