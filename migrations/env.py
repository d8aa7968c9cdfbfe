"""Runs migrations: one transaction each, on SQLite and PostgreSQL alike."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import MetaData

from app.extensions import UtcDateTime, db, intends_to_write


def render_item(kind: str, obj: Any, _context: Any) -> str | bool:
    """Write our column types as plain ones, so that a migration never depends on today's code."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        return "sa.DateTime()"
    return False


def leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Make no file when models and database agree."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run() -> None:
    """Upgrade online; there is no offline mode."""
    # Given back at the end: whoever upgrades inside a longer process would go on locking for every read.
    token = intends_to_write.set(True)
    try:
        _upgrade(db.metadata)
    finally:
        intends_to_write.reset(token)


def _upgrade(metadata: MetaData) -> None:
    extension = current_app.extensions["migrate"]
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=render_item,
            render_as_batch=True,
            transaction_per_migration=True,
            transactional_ddl=True,
            process_revision_directives=leave_out_empty,
            compare_type=True,
            **{
                k: v
                for k, v in extension.configure_args.items()
                if k not in {"compare_type", "render_as_batch"}
            },
        )
        with context.begin_transaction():
            context.run_migrations()


run()
