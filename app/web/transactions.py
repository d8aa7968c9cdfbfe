"""The one place that commits for HTTP. A safe request never changes anything."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.extensions import db, intends_to_write

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# In the environment of a request that has waited for the database in vain before it got to a view: the error.
WAITED = "heed.waited"


class TransactionalFlask(Flask):
    """Commit after the view has returned and before the answer leaves.

    Only an unsafe request with an answer below 400 is committed, so a refused form leaves nothing
    behind; `keep_changes()` makes an exception (counting a failed sign-in).
    """

    def full_dispatch_request(self) -> Response:
        # Set before the first hook: one that reads begins the transaction in which the view writes.
        token = intends_to_write.set(request.method not in SAFE)
        try:
            return super().full_dispatch_request()
        finally:
            intends_to_write.reset(token)

    def dispatch_request(self) -> Any:
        try:
            if WAITED in request.environ:
                raise OperationalError("BEGIN IMMEDIATE", None, request.environ[WAITED])
            response: Response = self.make_response(super().dispatch_request())
            if request.method not in SAFE and (response.status_code < 400 or g.get("keep_changes")):
                db.session.commit()
            else:
                db.session.rollback()
            return response
        except BaseException:
            db.session.rollback()
            raise

    def handle_user_exception(self, error: Exception) -> Any:
        # The error page only reads: the database may be locked or full, which is why it is shown.
        db.session.rollback()
        intends_to_write.set(False)
        return super().handle_user_exception(error)


def keep_changes() -> None:
    """Commit even though the answer will be an error."""
    g.keep_changes = True


def release() -> None:
    """End the transaction, keeping nothing, before something slow that needs no database.

    An unsafe request takes SQLite's write lock with its first statement. Hashing a password takes
    tens of milliseconds on purpose; meanwhile others shall be able to save. The next statement
    begins a new transaction, so what was read before has to be read again before it is relied on.
    """
    db.session.rollback()


def store_and_release() -> None:
    """As `release`, but keep what was done: a try is counted before it is made."""
    db.session.commit()


Work = Callable[[Any], None]
MOST_IDLE = 4
_idle: WeakKeyDictionary[Engine, deque[Any]] = WeakKeyDictionary()


def is_busy(error: BaseException) -> bool:
    """Whether SQLite's write lock was waited for in vain."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


class GiveUp(Exception):
    """Ends a `reading` block; nothing is raised to the outside."""


@contextmanager
def reading(engine: Engine) -> Iterator[Any]:
    """A cursor that only reads, for the express lane of the answering pages (docs/decisions/0005).

    `GiveUp` ends the block quietly.
    """
    pooled = _take(engine)
    connection = pooled.dbapi_connection
    try:
        yield connection.cursor()
        if engine.dialect.name != "sqlite":
            connection.rollback()  # a lone SELECT has opened a transaction
    except GiveUp:
        connection.rollback()
    except BaseException:
        pooled.invalidate()  # closes it: whatever was open in it is rolled back
        raise
    _put_back(engine, pooled)


def write(engine: Engine, work: Work) -> None:
    """Do `work` with a cursor in a transaction. What it wrote is safe on the disk when this returns.

    Taken back when it raises.
    """
    (error,) = write_together(engine, [work])
    if error is not None:
        raise error


def write_together(engine: Engine, works: Sequence[Work]) -> list[BaseException | None]:
    """Do several works for one flush of the disk; returns the error of each, None for what is stored.

    A work is called again, alone, when another one has failed, so that who fails takes back only what was his.
    """
    try:
        _transact(engine, works)
    except BaseException as error:
        if len(works) > 1 and not is_busy(error):
            return _one_by_one(engine, works)
        return [_bare(error)] * len(works)
    return [None] * len(works)


def _one_by_one(engine: Engine, works: Sequence[Work]) -> list[BaseException | None]:
    errors: list[BaseException | None] = []
    for work in works:
        # Who waited while the lock was tried for in vain has waited long enough.
        if errors and errors[-1] is not None and is_busy(errors[-1]):
            errors.append(errors[-1])
        else:
            errors += write_together(engine, [work])
    return errors


def _transact(engine: Engine, works: Sequence[Work]) -> None:
    pooled = _take(engine)
    try:
        cursor = pooled.dbapi_connection.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for work in works:
            work(cursor)
        pooled.dbapi_connection.commit()
    except BaseException:
        # Closing alone would keep the lock for as long as the error remembers the cursor that met it.
        with suppress(Exception):
            pooled.dbapi_connection.rollback()
        pooled.invalidate()
        raise
    _put_back(engine, pooled)


def _bare(error: BaseException) -> BaseException:
    """Without its traceback, which would keep the connection open."""
    error.__traceback__ = None
    return error


def _take(engine: Engine) -> Any:
    """A connection kept from before, or one from the pool. Going through the pool each time costs a third more."""
    try:
        return _idle[engine].pop()
    except (KeyError, IndexError):
        return engine.raw_connection()


def _put_back(engine: Engine, pooled: Any) -> None:
    idle = _idle.setdefault(engine, deque())
    if len(idle) < MOST_IDLE:
        idle.append(pooled)
    else:
        pooled.close()


@event.listens_for(Engine, "engine_disposed")
def _close_idle(engine: Engine) -> None:
    for pooled in _idle.pop(engine, ()):
        pooled.invalidate()
