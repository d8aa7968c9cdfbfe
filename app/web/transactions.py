"""The one place that commits for HTTP. A safe request never changes anything."""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from threading import Event, Lock
from typing import Any
from weakref import WeakKeyDictionary, ref

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


MOST_IDLE = 4
MOST_TOGETHER = 16
_idle: WeakKeyDictionary[Engine, deque[Any]] = WeakKeyDictionary()


def is_busy(error: BaseException) -> bool:
    """Whether SQLite's write lock was waited for in vain."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY


class GiveUp(Exception):
    """Ends a `plain_transaction` without keeping anything; nothing is raised to the outside."""


@contextmanager
def plain_transaction(engine: Engine, *, writing: bool) -> Iterator[Any]:
    """A cursor in a transaction of its own, for the express lane of the answering pages (docs/decisions/0005).

    What was written is safe on the disk when the block has been left. Rolled back when the block raises;
    `GiveUp` ends it quietly. On SQLite writers who come at once share one flush of the disk.
    """
    if writing and engine.dialect.name == "sqlite":
        with _writers_of(engine).turn() as cursor:
            yield cursor
        return
    pooled = _take(engine)
    connection = pooled.dbapi_connection
    try:
        yield connection.cursor()
        if writing:
            connection.commit()
        elif engine.dialect.name != "sqlite":
            connection.rollback()  # a lone SELECT has opened a transaction
    except GiveUp:
        connection.rollback()
    except BaseException:
        pooled.invalidate()  # closes it: whatever was open in it is rolled back
        raise
    _put_back(engine, pooled)


class _Flush:
    """One transaction that several writers share: each waits here until it is on the disk, or failed."""

    def __init__(self, pooled: Any) -> None:
        self.pooled = pooled
        self.cursor = pooled.dbapi_connection.cursor()
        self.cursor.execute("BEGIN IMMEDIATE")
        self.writers = 0
        self.over = Event()
        self.error: BaseException | None = None

    @property
    def stands(self) -> bool:
        """Whether the transaction is still open. SQLite takes back all of it, not one part, on a full disk."""
        return bool(self.pooled.dbapi_connection.in_transaction)


class _Together:
    """Writers of SQLite in this process, one after the other, flushed together while others are waiting.

    Waiting here costs what the writer before needs; waiting inside SQLite means naps of a millisecond and more. A
    writer that finds another one waiting leaves the commit to it and waits for the result, so nobody is told
    "saved" before the flush. Each has a savepoint: who gives up takes back only what was his.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = ref(engine)
        self._turn = Lock()
        self._counting = Lock()
        self._waiting = 0
        self._flush: _Flush | None = None
        self._refusals = 0
        self._refusal: BaseException | None = None

    @contextmanager
    def turn(self) -> Iterator[Any]:
        """A cursor in the shared transaction; returns when it is committed."""
        self._count(1)
        refused = self._refusals
        with self._turn:
            self._count(-1)
            flush = self._flush = self._flush or self._begin(refused)
            flush.writers += 1
            try:
                yield from self._part(flush)
            finally:
                if self._waiting == 0 or flush.writers >= MOST_TOGETHER or not flush.stands:
                    self._flush = None
                    self._end(flush)
        flush.over.wait()
        if flush.error is not None:
            raise flush.error

    def _present_engine(self) -> Engine:
        engine = self._engine()
        assert engine is not None, "whoever writes holds the engine"
        return engine

    def _count(self, step: int) -> None:
        with self._counting:
            self._waiting += step

    def _begin(self, refused: int) -> _Flush:
        """Take the lock. `refused`: how often that had failed when this writer came.

        Who waited while another one tried in vain has waited long enough: trying one after the other, the last
        of them would hear of it after minutes.
        """
        if self._refusal is not None and self._refusals != refused:
            raise copy(self._refusal)
        pooled = _take(self._present_engine())
        try:
            return _Flush(pooled)
        except BaseException as error:
            if is_busy(error):
                # A copy has no traceback: that would keep the connection open.
                self._refusals, self._refusal = self._refusals + 1, copy(error)
            pooled.invalidate()
            raise

    def _part(self, flush: _Flush) -> Iterator[Any]:
        flush.cursor.execute("SAVEPOINT part")
        try:
            yield flush.cursor
        except BaseException as error:
            if flush.stands:
                flush.cursor.execute("ROLLBACK TO part")
            if not isinstance(error, GiveUp):
                raise
        finally:
            if flush.stands:
                flush.cursor.execute("RELEASE part")

    def _end(self, flush: _Flush) -> None:
        try:
            if not flush.stands:
                raise sqlite3.OperationalError("the transaction of several writers was taken back")
            flush.pooled.dbapi_connection.commit()
        except BaseException as error:
            flush.error = error
            flush.pooled.invalidate()  # closes it: whatever was open in it is rolled back
        else:
            _put_back(self._present_engine(), flush.pooled)
        finally:
            flush.over.set()


_writers: WeakKeyDictionary[Engine, _Together] = WeakKeyDictionary()


def _writers_of(engine: Engine) -> _Together:
    found = _writers.get(engine)
    return _writers.setdefault(engine, _Together(engine)) if found is None else found


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
