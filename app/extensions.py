"""The extension objects, created once and bound to an application in `create_app()`."""

import json
import sqlite3
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import DateTime, MetaData, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CHECKPOINT_PAGES = 4000
BUSY_TIMEOUT_MS = 10_000


class Base(DeclarativeBase):
    """Base of all tables. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Stored as naive UTC so that SQLite and PostgreSQL hold the same; aware in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime was given where an instant is meant")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _json(document: Any) -> str:
    # Readable instead of escaped: SQLite compares the keys of a JSON path byte by byte, so that an
    # escaped Chinese key would never be found.
    return json.dumps(document, ensure_ascii=False)


db = SQLAlchemy(model_class=Base, engine_options={"json_serializer": _json})
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()

# True while the present request or job means to write, so that SQLite takes its write lock at
# BEGIN. A transaction that reads first and writes later fails at once when another one has
# written in between, whatever the busy timeout says.
intends_to_write: ContextVar[bool] = ContextVar("intends_to_write", default=False)


def init_database(app: Flask) -> None:
    """Bind the database and install the SQLite rules on its engine."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            install_sqlite_rules(db.engine)


def install_sqlite_rules(engine: Engine) -> None:
    """WAL, foreign keys, full durability, and a write lock taken at BEGIN by those who write."""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        # Carrying changes from the log into the file waits for the disk twice; four times the default spares most.
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if intends_to_write.get() else "BEGIN")
