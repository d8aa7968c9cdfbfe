"""The express lane's transactions: shared flushes, each writer's part his own."""

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.web.transactions import GiveUp, _writers_of, reading, write

WRITE = "UPDATE role SET description = description || '{}' WHERE name = 'viewer'"


@pytest.fixture
def engine(app: Flask) -> Any:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("only writers of SQLite share a flush")
        return db.engine


def description(engine: Any) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT description FROM role WHERE name = 'viewer'")).scalar())


def at_once(count: int, act: Callable[[int], None]) -> list[BaseException]:
    """Run `act` in threads that start together; return what they raised."""
    ready, raised = threading.Barrier(count), []

    def run(number: int) -> None:
        ready.wait()
        try:
            act(number)
        except BaseException as error:
            # Without its traceback: that would keep a cursor, and with it the file, open into the next test.
            raised.append(type(error)(*error.args))

    workers = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert not any(worker.is_alive() for worker in workers)
    return raised


def adding(letter: str) -> Callable[[Any], None]:
    return lambda cursor: cursor.execute(WRITE.format(letter))


def waiting_for(engine: Any, count: int) -> None:
    """Return when so many writers wait behind the one that leads."""
    while len(_writers_of(engine)._waiting) < count:
        time.sleep(0.001)


def test_each_writer_finds_his_change_stored_when_he_is_let_go(engine: Any) -> None:
    before = description(engine)
    seen: list[bool] = []

    def act(number: int) -> None:
        write(engine, adding(chr(97 + number)))
        seen.append(chr(97 + number) in description(engine).removeprefix(before))

    assert at_once(12, act) == []
    assert seen == [True] * 12


def test_writers_who_wait_share_one_flush(engine: Any) -> None:
    """Both run in the first one's flush or in one after it, never more."""
    before, flushes = description(engine), set[int]()

    def first(cursor: Any) -> None:
        waiting_for(engine, 5)
        adding("a")(cursor)

    def later(cursor: Any) -> None:
        flushes.add(id(cursor))
        adding("b")(cursor)

    inside = threading.Event()

    def act(number: int) -> None:
        if number == 0:
            write(engine, lambda cursor: (inside.set(), first(cursor))[1])
        else:
            inside.wait()
            write(engine, later)

    assert at_once(6, act) == []
    assert len(flushes) == 1
    assert description(engine) == before + "abbbbb"


def test_who_fails_takes_back_only_his_own(engine: Any) -> None:
    before = description(engine)

    def act(number: int) -> None:
        def work(cursor: Any) -> None:
            adding(chr(97 + number))(cursor)
            if number % 3 == 2:
                raise RuntimeError("broken")

        write(engine, work)

    raised = at_once(12, act)
    assert [str(one) for one in raised] == ["broken"] * 4
    assert sorted(description(engine).removeprefix(before)) == list("abdeghjk")


def test_a_failed_flush_is_told(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.web import transactions

    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(real.dbapi_connection, name)

        def commit(self) -> None:
            raise OSError("disk full")

    real = engine.raw_connection()
    broken = type("Broken", (), {"dbapi_connection": Full(), "invalidate": lambda self: real.invalidate()})()
    before = description(engine)
    with monkeypatch.context() as patch:
        patch.setattr(transactions, "_take", lambda _engine: broken)
        with pytest.raises(OSError, match="disk full"):
            write(engine, adding("x"))
    assert description(engine) == before
    write(engine, adding("y"))
    assert description(engine) == before + "y"


def test_a_disk_that_is_full_for_one_writer_loses_nothing_of_another(engine: Any) -> None:
    """T60: SQLite then takes the whole transaction back, also the parts that were finished."""
    before, inside = description(engine), threading.Event()

    def small(cursor: Any) -> None:
        inside.set()
        waiting_for(engine, 2)
        adding("a")(cursor)

    def large(cursor: Any) -> None:
        cursor.execute("PRAGMA max_page_count=1")  # the present size is the least there can be
        adding("b" * 200_000)(cursor)

    def act(number: int) -> None:
        if number:
            inside.wait()
        write(engine, (small, large, adding("c"))[number])

    raised = at_once(3, act)
    assert [type(one).__name__ for one in raised] == ["OperationalError"]
    assert description(engine) == before + "ac"


def test_who_waited_while_another_tried_in_vain_does_not_try_again(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T61: eight who save would hold up the last of them for eight times the patience of one."""
    from app.web import transactions

    tries = []
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def take(_engine: Any) -> Any:
        tries.append(1)
        waiting_for(engine, 5)
        raise locked

    with monkeypatch.context() as patch:
        patch.setattr(transactions, "_take", take)
        raised = at_once(6, lambda _number: write(engine, adding("x")))
    assert (len(raised), len(tries)) == (6, 1)
    before = description(engine)
    write(engine, adding("x"))
    assert description(engine) == before + "x"


def test_reading_ends_quietly_for_who_gives_up(engine: Any) -> None:
    with reading(engine) as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)
        raise GiveUp
    with pytest.raises(RuntimeError, match="broken"), reading(engine):
        raise RuntimeError("broken")


def test_nobody_is_left_waiting_when_the_lock_is_lost_between_two_tries(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two works share a flush and one fails; before each is tried alone, somebody else takes the lock."""
    from app.web import transactions

    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    take, inside, tries = transactions._take, threading.Event(), []

    def taking(of: Any) -> Any:
        tries.append(1)
        if len(tries) == 3:  # the first work, the two that waited for it together, then one of them alone
            waiting_for(engine, 1)
            raise locked
        return take(of)

    def first(cursor: Any) -> None:
        inside.set()
        waiting_for(engine, 2)
        adding("a")(cursor)

    def broken(_cursor: Any) -> None:
        if not late.ident:
            late.start()
        raise RuntimeError("broken")

    before, told = description(engine), []

    def come_late() -> None:
        try:
            write(engine, adding("x"))
        except sqlite3.OperationalError:
            told.append("late")

    late = threading.Thread(target=come_late)

    def act(number: int) -> None:
        if number:
            inside.wait()
        write(engine, (first, broken, adding("c"))[number])

    with monkeypatch.context() as patch:
        patch.setattr(transactions, "_take", taking)
        raised = at_once(3, act)
        late.join(20)
    assert not late.is_alive()
    assert [type(one).__name__ for one in raised] == ["OperationalError"] * 2
    assert (told, len(tries)) == (["late"], 3)
    assert description(engine) == before + "a"
    write(engine, adding("y"))
    assert description(engine) == before + "ay"
