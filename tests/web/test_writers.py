"""Writers of the answering site: shared flushes, each writer's part his own."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.web import transactions
from app.web.writers import MOST_TOGETHER, Writers

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


def adding(letter: str) -> Callable[[Any], None]:
    return lambda cursor: cursor.execute(WRITE.format(letter))


def broken(_cursor: Any) -> None:
    raise RuntimeError("broken")


def at_once(engine: Any, *works: Callable[[Any], None]) -> list[BaseException | None]:
    """Have all of them wait together; return the error of each."""

    async def run() -> list[BaseException | None]:
        writers = Writers(engine)
        return await asyncio.gather(*map(writers.do, works), return_exceptions=True)

    return asyncio.run(run())


def counting(monkeypatch: pytest.MonkeyPatch, fail_at: int = 0) -> list[int]:
    """Note how many works each transaction carries; the `fail_at`th finds the database locked."""
    real, sizes = transactions._transact, []

    def transact(engine: Any, works: Any) -> None:
        sizes.append(len(works))
        if len(sizes) == fail_at:
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise locked
        real(engine, works)

    monkeypatch.setattr(transactions, "_transact", transact)
    return sizes


def test_each_writer_finds_his_change_stored_when_he_is_let_go(engine: Any) -> None:
    before = description(engine)

    async def run() -> list[bool]:
        writers = Writers(engine)

        async def one(letter: str) -> bool:
            await writers.do(adding(letter))
            return letter in description(engine).removeprefix(before)

        return await asyncio.gather(*map(one, "abcdefghijkl"))

    assert asyncio.run(run()) == [True] * 12


def test_writers_who_wait_share_one_flush(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before, sizes = description(engine), counting(monkeypatch)
    assert at_once(engine, *[adding("a")] * (MOST_TOGETHER + 3)) == [None] * (MOST_TOGETHER + 3)
    assert sizes == [MOST_TOGETHER, 3]
    assert description(engine) == before + "a" * (MOST_TOGETHER + 3)


def test_who_fails_takes_back_only_his_own(engine: Any) -> None:
    before = description(engine)

    def half(cursor: Any) -> None:
        adding("x")(cursor)
        raise RuntimeError("broken")

    raised = at_once(engine, adding("a"), half, adding("b"), half, adding("c"))
    assert [str(one) for one in raised if one] == ["broken"] * 2
    assert description(engine) == before + "abc"


def test_who_comes_during_a_flush_is_in_the_next(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, inside, go = counting(monkeypatch), threading.Event(), threading.Event()

    def slow(_cursor: Any) -> None:
        inside.set()
        assert go.wait(20)

    async def run() -> None:
        writers = Writers(engine)
        first = asyncio.create_task(writers.do(slow))
        await asyncio.to_thread(inside.wait, 20)
        later: list[Coroutine[Any, Any, None]] = [writers.do(adding("b")) for _ in range(3)]
        tasks = [asyncio.create_task(one) for one in later]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, *tasks)

    asyncio.run(run())
    assert sizes == [1, 3]


def test_a_disk_that_is_full_for_one_writer_loses_nothing_of_another(engine: Any) -> None:
    """T60: SQLite then takes the whole transaction back, also the parts that were finished."""
    before = description(engine)

    def large(cursor: Any) -> None:
        cursor.execute("PRAGMA max_page_count=1")  # the present size is the least there can be
        adding("b" * 200_000)(cursor)

    raised = at_once(engine, adding("a"), large, adding("c"))
    assert [type(one).__name__ for one in raised] == ["NoneType", "OperationalError", "NoneType"]
    assert description(engine) == before + "ac"


def test_who_waited_while_another_tried_in_vain_does_not_try_again(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T61: forty who save would hold up the last of them for many times the patience of one."""
    with monkeypatch.context() as patch:
        sizes = counting(patch, fail_at=1)
        raised = at_once(engine, *[adding("x")] * 40)
    assert [type(one).__name__ for one in raised] == ["OperationalError"] * 40
    assert sizes == [MOST_TOGETHER]
    before = description(engine)
    assert at_once(engine, adding("x")) == [None]
    assert description(engine) == before + "x"


def test_nobody_is_left_waiting_when_the_lock_is_lost_between_two_tries(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Works share a flush and one fails; before each is tried alone, somebody else takes the lock."""
    before = description(engine)
    with monkeypatch.context() as patch:
        sizes = counting(patch, fail_at=3)  # all together, the first alone, then the one that meets the lock
        raised = at_once(engine, adding("a"), adding("b"), broken, adding("c"))
    assert [type(one).__name__ for one in raised] == ["NoneType"] + ["OperationalError"] * 3
    assert sizes == [4, 1, 1]
    assert description(engine) == before + "a"


def test_nobody_waits_for_a_thread_that_takes_nothing_more(engine: Any) -> None:
    async def run() -> list[BaseException | None]:
        writers = Writers(engine)
        writers._thread.shutdown()
        waiting = asyncio.gather(*map(writers.do, [adding("a"), adding("b")]), return_exceptions=True)
        return await asyncio.wait_for(waiting, 10)

    assert [type(error) for error in asyncio.run(run())] == [RuntimeError, RuntimeError]


def test_who_no_longer_waits_disturbs_nobody(engine: Any) -> None:
    before = description(engine)

    async def run() -> None:
        writers = Writers(engine)
        gone = asyncio.create_task(writers.do(adding("a")))
        stays = asyncio.create_task(writers.do(adding("b")))
        await asyncio.sleep(0)
        gone.cancel()
        await stays

    asyncio.run(run())
    assert description(engine) == before + "ab"
