"""The one place that commits for HTTP. A safe request never changes anything."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
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


Work = Callable[[Any], None]
MOST_IDLE = 4
MOST_TOGETHER = 16  # bounds how long the leader works for others
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

    Taken back when it raises. On SQLite writers who come at once share one flush of the disk; `work` is then called
    again, alone, when the work of another one has failed.
    """
    if engine.dialect.name == "sqlite":
        _writers_of(engine).do(work)
        return
    pooled = _take(engine)
    try:
        work(pooled.dbapi_connection.cursor())
        pooled.dbapi_connection.commit()
    except BaseException:
        pooled.invalidate()
        raise
    _put_back(engine, pooled)


class _Task:
    """What one writer wants done. He waits for `turn`: then it is over, or he is the next to lead."""

    __slots__ = ("error", "over", "turn", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.turn = Lock()
        self.turn.acquire()
        self.over = False
        self.error: BaseException | None = None

    def end(self) -> None:
        """Let the writer go; his outcome is in `error`."""
        self.over = True
        self.turn.release()


class _Together:
    """Writers of SQLite in this process, flushed together.

    Whoever finds nobody writing leads: he does the work of all who wait, his own first, in one transaction, and names
    the next leader when it is on the disk. So a writer waits for two wake-ups at most, however many there are, and
    nobody is told "saved" before the flush. Waiting inside SQLite instead would mean naps of a millisecond and more.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = ref(engine)
        self._guard = Lock()
        self._waiting: list[_Task] = []
        self._led = False

    def do(self, work: Work) -> None:
        """Do the work; returns when it is committed, raises what it or the flush raised."""
        task = _Task(work)
        with self._guard:
            self._waiting.append(task)
            follows, self._led = self._led, True
        if follows:
            task.turn.acquire()
        if not task.over:
            self._lead()
        if task.error is not None:
            raise task.error

    def _lead(self) -> None:
        with self._guard:
            tasks = self._waiting[:MOST_TOGETHER]
            del self._waiting[:MOST_TOGETHER]
        try:
            self._flush(tasks)
        finally:
            with self._guard:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
            for task in tasks:
                task.end()
            if following is not None:
                following.turn.release()

    def _flush(self, tasks: list[_Task]) -> None:
        try:
            self._transact(tasks)
        except BaseException as error:
            if len(tasks) == 1 or is_busy(error):
                self._refuse(tasks, error)
            else:
                self._one_by_one(tasks)

    def _one_by_one(self, tasks: list[_Task]) -> None:
        """After a failure nothing is stored. Each alone, so that who fails takes back only what was his."""
        for place, task in enumerate(tasks):
            try:
                self._transact([task])
            except BaseException as error:
                if is_busy(error):
                    self._refuse(tasks[place:], error)
                    return
                self._refuse([task], error)

    def _transact(self, tasks: list[_Task]) -> None:
        engine = self._engine()
        assert engine is not None, "whoever writes holds the engine"
        pooled = _take(engine)
        try:
            cursor = pooled.dbapi_connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            for task in tasks:
                task.work(cursor)
            pooled.dbapi_connection.commit()
        except BaseException:
            # Closing alone would keep the lock for as long as the error remembers the cursor that met it.
            with suppress(sqlite3.Error):
                pooled.dbapi_connection.rollback()
            pooled.invalidate()
            raise
        _put_back(engine, pooled)

    def _refuse(self, tasks: list[_Task], error: BaseException) -> None:
        """Tell the failure to everybody whom it concerns.

        Who waited while the lock was tried for in vain has waited long enough: trying one after the other, the last
        of them would hear of it after minutes.
        """
        # Without its traceback, which would keep the connection open.
        error.__traceback__ = None
        for task in tasks:
            task.error = error
        if is_busy(error):
            with self._guard:
                waiting, self._waiting = self._waiting, []
            for task in waiting:
                task.error = error
                task.end()


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
