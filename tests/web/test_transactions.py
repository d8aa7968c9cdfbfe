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
from app.web.transactions import GiveUp, _writers_of, plain_transaction

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


def test_each_writer_finds_his_change_stored_when_he_is_let_go(engine: Any) -> None:
    before = description(engine)
    seen: list[bool] = []

    def write(number: int) -> None:
        with plain_transaction(engine, writing=True) as cursor:
            cursor.execute(WRITE.format(chr(97 + number)))
        seen.append(chr(97 + number) in description(engine).removeprefix(before))

    assert at_once(12, write) == []
    assert seen == [True] * 12


def test_who_gives_up_or_fails_takes_back_only_his_own(engine: Any) -> None:
    before = description(engine)

    def write(number: int) -> None:
        with plain_transaction(engine, writing=True) as cursor:
            cursor.execute(WRITE.format(chr(97 + number)))
            if number % 3 == 1:
                raise GiveUp
            if number % 3 == 2:
                raise RuntimeError("broken")

    raised = at_once(12, write)
    assert [str(one) for one in raised] == ["broken"] * 4
    assert sorted(description(engine).removeprefix(before)) == ["a", "d", "g", "j"]


def test_a_failed_flush_is_told_to_everybody(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
        with pytest.raises(OSError, match="disk full"), plain_transaction(engine, writing=True) as cursor:
            cursor.execute(WRITE.format("x"))
    assert description(engine) == before
    with plain_transaction(engine, writing=True) as cursor:
        cursor.execute(WRITE.format("y"))
    assert description(engine) == before + "y"


def test_a_disk_that_fills_up_under_one_writer_is_told_to_all_who_share_his_flush(engine: Any) -> None:
    """T60: SQLite then takes the whole transaction back, also the parts that were finished."""
    before, queue = description(engine), _writers_of(engine)
    inside, stored = threading.Event(), []

    def write(number: int) -> None:
        if number == 0:
            with plain_transaction(engine, writing=True) as cursor:
                inside.set()
                while queue._waiting == 0:
                    time.sleep(0.001)
                cursor.execute(WRITE.format("a"))
            stored.append("a")
        else:
            inside.wait()
            with plain_transaction(engine, writing=True) as cursor:
                cursor.execute("PRAGMA max_page_count=1")  # the present size is the least there can be
                cursor.execute(WRITE.format("b" * 200_000))
            stored.append("b")

    raised = at_once(2, write)
    assert [type(one).__name__ for one in raised] == ["OperationalError"] * 2
    assert (stored, description(engine)) == ([], before)
    with plain_transaction(engine, writing=True) as cursor:
        cursor.execute(WRITE.format("c"))
    assert description(engine) == before + "c"


def test_who_waited_while_another_tried_in_vain_does_not_try_again(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T61: eight who save would hold up the last of them for eight times the patience of one."""
    from app.web import transactions

    queue, tries = _writers_of(engine), []
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def begin(_pooled: Any) -> Any:
        tries.append(1)
        while queue._waiting < 5:
            time.sleep(0.001)
        raise locked

    def write(_number: int) -> None:
        with plain_transaction(engine, writing=True) as cursor:
            cursor.execute(WRITE.format("x"))

    with monkeypatch.context() as patch:
        patch.setattr(transactions, "_Flush", begin)
        raised = at_once(6, write)
    assert (len(raised), len(tries)) == (6, 1)
    before = description(engine)
    write(0)
    assert description(engine) == before + "x"
