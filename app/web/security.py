"""Who is signed in. Flask-Security hashes, loads and signs in; pages, sessions and words are our own.

Its ready-made views stay off: they hash inside the writing transaction, answer JSON and tokens we do
not offer, and know nothing of session rows. Ours are in `blueprints.accounts`.
"""

from typing import Any

from flask import Flask, g, session
from flask_security import Security, SQLAlchemyUserDatastore, current_user
from flask_security import login_user as security_login
from flask_security import logout_user as security_logout

from app import clock
from app.extensions import db
from app.models import Role, User
from app.queries import users
from app.services import accounts
from app.services.accounts import new_uniquifier
from app.web.transactions import release, store_and_release

__all__ = [
    "acting_user",
    "close_session",
    "datastore",
    "init_app",
    "new_uniquifier",
    "open_session",
    "release",
    "security",
    "session_key",
    "store_and_release",
]

SESSION_KEY = "staff_session"


class Datastore(SQLAlchemyUserDatastore):
    """Leaves committing to `web.transactions`."""

    def commit(self) -> None:
        db.session.flush()


datastore = Datastore(db, User, Role)
security = Security()


def load_user(uniquifier: str) -> User | None:
    """The user of the present cookie, if the row of its session is still open."""
    return accounts.user_of_session(uniquifier, session_key(), now=clock.now())


def session_key() -> str:
    """The key of the present session row; empty without one."""
    key = session.get(SESSION_KEY)
    return key if isinstance(key, str) else ""


def acting_user() -> User:
    """The row of who is signed in, for a service's `by`; `current_user` is only a stand-in for it."""
    return users.get(current_user.id)


def open_session(user: User) -> None:
    """Sign the user in with a new session; nothing of the visitor's old one is kept.

    Whoever planted a cookie before the sign-in knows nothing of the one after it.
    """
    session.clear()
    g.pop("csrf_token", None)
    session[SESSION_KEY] = accounts.start_session(user, now=clock.now())
    security_login(user, remember=False)


def close_session() -> None:
    """Sign the present user out, here and for every copy of this cookie."""
    accounts.end_session(session_key(), now=clock.now())
    security_logout()
    session.clear()


def init_app(app: Flask) -> None:
    """Bind Flask-Security without its pages."""
    app.config.update(
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of the method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_DEFAULT_REMEMBER_ME=False,
    )
    security.init_app(app, datastore, register_blueprint=False)
    manager: Any = app.login_manager  # type: ignore[attr-defined]
    manager.user_loader(load_user)
    # Only the session cookie signs anybody in: no token in a header or an address.
    manager.request_loader(lambda _request: None)
    # Nobody is loaded before a page asks who is there: not for files, not for respondents.
    security.principal.identity_loaders.clear()
    # Its commands would change users beside the rules and the audit log.
    for command in ("users", "roles"):
        app.cli.commands.pop(command, None)
