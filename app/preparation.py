"""What has to be done to the database before Heed runs: a copy when the schema is about to change, then the change.

Runs in a process of its own (`python -m app.preparation`) and ends. Nothing here watches or serves.
"""

import contextlib
import os
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import intends_to_write


class PreparationError(Exception):
    """The database cannot be made ready. The text is one sentence for the person who started Heed."""


def prepare(app: Flask, *, database: Path | None, backups: Path, now: datetime) -> Path | None:
    """Brings the database of `app` to the newest schema.

    `database` is the SQLite file, None on PostgreSQL (whose backups are the administrator's). Returns the copy made
    before the change, None when there was nothing to change or to copy. Raises PreparationError.
    """
    with app.app_context():
        script = ScriptDirectory.from_config(app.extensions["migrate"].migrate.get_config())
        wanted = set(script.get_heads())
        before = _revisions(app)
        if before == wanted:
            return None
        _refuse_unknown(script, before)
        copy = _back_up(database, backups, now) if database and database.exists() and before else None
        try:
            upgrade()
        except (SQLAlchemyError, CommandError, SystemExit) as problem:
            where = f" A copy from before is at {copy}." if copy else ""
            raise PreparationError(
                f"The change of the database failed: {_short(problem)}.{where}"
            ) from problem
        if _revisions(app) != wanted:
            raise PreparationError(
                "The change of the database stopped half-way; start Heed again to repeat it."
            )
        return copy


def _revisions(app: Flask) -> set[str]:
    engine = app.extensions["migrate"].db.engine
    try:
        with engine.connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError as problem:
        raise PreparationError(f"The database cannot be opened: {_short(problem)}.") from problem
    finally:
        engine.dispose()


def _refuse_unknown(script: ScriptDirectory, revisions: set[str]) -> None:
    for revision in revisions:
        try:
            script.get_revision(revision)
        except CommandError:
            raise PreparationError(
                f"This database was written by a newer Heed (schema {revision}); start that version."
            ) from None


def _back_up(database: Path, backups: Path, now: datetime) -> Path:
    """A copy by SQLite's own backup, which is whole even while something writes; renamed only when it is on disk."""
    target = backups / f"before-upgrade-{now:%Y%m%dT%H%M%SZ}.sqlite3"
    partial = target.with_suffix(".partial")
    try:
        backups.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        with (
            contextlib.closing(sqlite3.connect(database)) as source,
            contextlib.closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    except (OSError, sqlite3.Error) as problem:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise PreparationError(
            f"The copy of the database before its change failed, so nothing was changed: {_short(problem)}."
        ) from problem
    return target


def _short(problem: BaseException) -> str:
    """The first line: SQLAlchemy adds the statement and a link below it."""
    return (str(problem).splitlines() or [type(problem).__name__])[0].rstrip(".")


def main() -> int:
    from app import create_app
    from app.services import setup
    from app.services.complaints import basics
    from app.web.transactions import store_and_release

    app = create_app()
    settings = app.config["HEED"]
    try:
        copy = prepare(app, database=settings.sqlite_path, backups=settings.data / "backups", now=clock.now())
    except PreparationError as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    if copy:
        print(f"The database was brought up to date; a copy from before is at {copy}.", flush=True)
    with app.app_context():
        intends_to_write.set(True)
        basics.ensure(now=clock.now())
        store_and_release()
        setup.ensure_code(settings.data, settings.base_url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
