"""Sessions of staff. Users and roles are changed in `services.users`, passwords in `services.passwords`."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import StaffSession, User

# However busy, everybody proves once in a while who he is.
SESSION_LIFETIME = timedelta(days=14)


def new_uniquifier() -> str:
    """A fresh value for `User.fs_uniquifier`; changing it ends every session of the user."""
    return secrets.token_hex(32)


def start_session(user: User, *, now: datetime) -> str:
    """Open a session row and return the key for the cookie; only its hash is stored."""
    key = secrets.token_urlsafe(24)
    db.session.add(StaffSession(user_id=user.id, key_hash=hash_key(key), created_at=now))
    db.session.flush()
    return key


def user_of_session(uniquifier: str, key: str, *, now: datetime) -> User | None:
    """Return the active user whose cookie this is, if its session has not ended. One query."""
    found = db.session.scalars(
        select(User)
        .join(StaffSession, StaffSession.user_id == User.id)
        .where(
            User.fs_uniquifier == uniquifier,
            User.active,
            StaffSession.key_hash == hash_key(key),
            StaffSession.ended_at.is_(None),
            StaffSession.created_at > now - SESSION_LIFETIME,
        )
        # One row for each pair of unit and role: a few, and one query instead of three.
        .options(joinedload(User.unit_links), joinedload(User.roles))
    )
    return found.unique().one_or_none()


def open_sessions(user: User, *, now: datetime) -> list[StaffSession]:
    """The user's sessions that still open something, newest first."""
    return list(
        db.session.scalars(
            select(StaffSession)
            .where(
                StaffSession.user_id == user.id,
                StaffSession.ended_at.is_(None),
                StaffSession.created_at > now - SESSION_LIFETIME,
            )
            .order_by(StaffSession.created_at.desc(), StaffSession.id.desc())
        )
    )


def end_session(key: str, *, now: datetime) -> None:
    """End the session of this key; a copy of the cookie is worth nothing from now on."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.key_hash == hash_key(key), StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_sessions(user: User, *, now: datetime, but: str | None = None) -> None:
    """End every open session of a user, except the one with the key `but`."""
    kept = hash_key(but) if but else ""
    db.session.execute(
        update(StaffSession)
        .where(
            StaffSession.user_id == user.id, StaffSession.ended_at.is_(None), StaffSession.key_hash != kept
        )
        .values(ended_at=now)
    )


def hash_key(key: str) -> str:
    """What is stored of a session key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
