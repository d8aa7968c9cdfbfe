"""Bringing the database up to date at a start: copied first, repeatable, and never a newer one by an older Heed."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from app.preparation import PreparationError, prepare

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)

ENVIRONMENT = """
from alembic import context
from flask import current_app

with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = """
from alembic import op

revision = {number!r}
down_revision = {before!r}

def upgrade():
    op.execute({statement!r})
"""


class Installation:
    """A small application with migrations of its own, over a database in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "data.sqlite3"
        self.backups = folder / "backups"
        self.migrations = folder / "migrations"
        (self.migrations / "versions").mkdir(parents=True)
        (self.migrations / "alembic.ini").write_text("[alembic]\n")
        (self.migrations / "env.py").write_text(dedent(ENVIRONMENT))
        self.revise("1", None, "CREATE TABLE answer (score INTEGER)")

    def revise(self, number: str, before: str | None, statement: str) -> None:
        text = REVISION.format(number=number, before=before, statement=statement)
        (self.migrations / "versions" / f"{number}.py").write_text(text)

    def forget(self, number: str) -> None:
        (self.migrations / "versions" / f"{number}.py").unlink()

    def start(self) -> Path | None:
        app = Flask("installation")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{self.database}"
        Migrate(app, SQLAlchemy(app), directory=str(self.migrations))
        return prepare(app, database=self.database, backups=self.backups, now=NOW)

    def run(self, statement: str) -> list[tuple[object, ...]]:
        return run(self.database, statement)


def run(database: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_a_new_database_is_made_without_a_copy(installation: Installation) -> None:
    assert installation.start() is None
    assert installation.run("SELECT count(*) FROM answer") == [(0,)]
    assert not installation.backups.exists()


def test_nothing_happens_when_nothing_is_due(installation: Installation) -> None:
    installation.start()
    assert installation.start() is None
    assert not installation.backups.exists()


def test_a_change_is_preceded_by_a_private_copy_of_what_was(installation: Installation) -> None:
    installation.start()
    installation.run("INSERT INTO answer VALUES (5)")
    installation.revise("2", "1", "UPDATE answer SET score = 1")
    copy = installation.start()
    assert copy is not None
    assert run(copy, "SELECT score FROM answer") == [(5,)]
    assert installation.run("SELECT score FROM answer") == [(1,)]
    assert copy.stat().st_mode & 0o077 == 0
    assert [path.name for path in installation.backups.iterdir()] == [
        "before-upgrade-20261012T020000Z.sqlite3"
    ]


def test_the_copy_holds_what_only_the_log_has_yet(installation: Installation) -> None:
    installation.start()
    with closing(sqlite3.connect(installation.database)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        with writer:
            writer.execute("INSERT INTO answer VALUES (4)")
        installation.revise("2", "1", "CREATE TABLE other (id INTEGER)")
        copy = installation.start()
    assert copy is not None
    assert run(copy, "SELECT score FROM answer") == [(4,)]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Alembic drops its connection with the failed change
def test_a_failed_change_names_the_copy_and_can_be_repeated(installation: Installation) -> None:
    installation.start()
    installation.revise("2", "1", "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(PreparationError, match=r"no such table: nowhere.*before-upgrade-"):
        installation.start()
    installation.revise("2", "1", "INSERT INTO answer VALUES (2)")
    assert installation.start() is not None
    assert installation.run("SELECT score FROM answer") == [(2,)]


def test_a_database_from_a_newer_version_is_refused_untouched(installation: Installation) -> None:
    installation.revise("2", "1", "CREATE TABLE later (id INTEGER)")
    installation.start()
    installation.forget("2")
    before = installation.database.read_bytes()
    with pytest.raises(PreparationError, match="written by a newer Heed"):
        installation.start()
    assert installation.database.read_bytes() == before


def test_without_room_for_the_copy_nothing_is_changed(installation: Installation) -> None:
    installation.start()
    installation.revise("2", "1", "DROP TABLE answer")
    installation.backups.write_text("a file where the folder should be")
    with pytest.raises(PreparationError, match="nothing was changed"):
        installation.start()
    assert installation.run("SELECT count(*) FROM answer") == [(0,)]


def test_a_file_that_is_no_database_is_said_in_one_sentence(installation: Installation) -> None:
    installation.database.write_text("this is not a database, it only looks like one from outside" * 20)
    with pytest.raises(PreparationError, match="cannot be opened"):
        installation.start()
