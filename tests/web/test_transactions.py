"""The express lane's transactions: a cursor that reads, a work that is stored or taken back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.web import transactions
from app.web.transactions import GiveUp, reading, write

WRITE = "UPDATE role SET description = 'changed' WHERE name = 'viewer'"


@pytest.fixture
def engine(app: Flask) -> Any:
    with app.app_context():
        return db.engine


def description(engine: Any) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT description FROM role WHERE name = 'viewer'")).scalar())


def test_a_work_is_stored_whole_or_not_at_all(engine: Any) -> None:
    before = description(engine)

    def broken(cursor: Any) -> None:
        cursor.execute(WRITE)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        write(engine, broken)
    assert description(engine) == before
    write(engine, lambda cursor: cursor.execute(WRITE))
    assert description(engine) == "changed"


def test_a_failed_flush_is_told(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
            write(engine, lambda cursor: cursor.execute(WRITE))
    assert description(engine) == before
    write(engine, lambda cursor: cursor.execute(WRITE))
    assert description(engine) == "changed"


def test_reading_ends_quietly_for_who_gives_up(engine: Any) -> None:
    with reading(engine) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        raise GiveUp
    with pytest.raises(RuntimeError, match="broken"), reading(engine):
        raise RuntimeError("broken")
