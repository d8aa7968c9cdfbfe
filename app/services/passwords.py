"""Passwords: hashing, checking, changing, and the links by which somebody sets one.

Argon2 takes tens of milliseconds on purpose. Callers in a writing transaction release it first
(`web.transactions.release`), or on SQLite every respondent's save would wait for a stranger's sign-in.
"""

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

from flask import current_app
from flask_security import hash_password as security_hash
from flask_security import verify_password as security_verify
from itsdangerous import BadSignature, URLSafeSerializer

from app.extensions import db
from app.models import User
from app.rules.links import derived_key
from app.services import accounts, audit

RESET_LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(days=7)


def hashed(password: str) -> str:
    """Return what is stored of a password. Slow on purpose."""
    return str(security_hash(_normal(password)))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the hash. Without a hash it takes as long and is False."""
    try:
        right = bool(security_verify(_normal(password), stored or _nobody()))
    except UnicodeEncodeError:  # lone surrogates: no password holds any
        return False
    return right and stored is not None


def change(user: User, *, password_hash: str, by: User | None, now: datetime) -> None:
    """Store a new password; every session, cookie and link of the user ends with the old one."""
    user.password = password_hash
    user.fs_uniquifier = accounts.new_uniquifier()
    user.version += 1
    accounts.end_all_sessions(user, now=now)
    audit.record("user.password_changed", kind="user", object_id=user.id, by=by, now=now)


def link(user: User, *, issued: datetime, lifetime: timedelta) -> str:
    """The address of the page on which the user sets a password, on the firm's own base URL."""
    base = current_app.config["HEED"].base_url
    return f"{base}/reset-password/{quote(_token(user, issued + lifetime))}"


def user_of_link(token: str, *, now: datetime) -> User | None:
    """Return the active user of an unused, unexpired link. Dies with any change of the password."""
    try:
        user_id, expires, fingerprint = _serializer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    if expires < now.timestamp():
        return None
    user = db.session.get(User, user_id)
    if user is None or not user.active or not hmac.compare_digest(fingerprint, _fingerprint(user)):
        return None
    return user


def _token(user: User, expires: datetime) -> str:
    token = _serializer().dumps([user.id, int(expires.timestamp()), _fingerprint(user)])
    return token if isinstance(token, str) else token.decode()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(derived_key(current_app.config["SECRET_KEY"], "set-password"))


def _fingerprint(user: User) -> str:
    key = derived_key(current_app.config["SECRET_KEY"], "password-state")
    state = f"{user.fs_uniquifier}|{user.password or ''}|{user.email}"
    return hmac.new(key, state.encode(), hashlib.sha256).hexdigest()[:32]


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    # Checked against when there is no such account, so that the answer takes as long.
    return hashed("nobody has this password")
