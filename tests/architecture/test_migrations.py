"""The migrations make exactly the tables of the models, can be run again, and never lose rows."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, stamp, upgrade
from sqlalchemy import inspect, select
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.models import Customer, Firm, User
from tests.factories import Factory


def revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def rows() -> tuple[list[str], list[str]]:
    db.session.rollback()
    return list(db.session.scalars(select(Firm.name))), list(db.session.scalars(select(User.email)))


def test_migrations_make_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_every_index_of_the_models_is_in_the_database(app: Flask) -> None:
    with app.app_context():
        present = {
            table: {index["name"] for index in inspect(db.engine).get_indexes(table)}
            for table in db.metadata.tables
        }
        wanted = {table.name: {index.name for index in table.indexes} for table in db.metadata.sorted_tables}
    assert {table: names - present[table] for table, names in wanted.items() if names - present[table]} == {}


def test_a_second_run_leaves_revision_and_rows(make: Factory) -> None:
    make.firm()
    make.user(roles=("administrator",))
    db.session.commit()
    before = revision(), rows()
    upgrade()
    assert (revision(), rows()) == before
    assert before[1][1], "there were rows to lose"


def test_a_migration_that_fails_leaves_revision_and_rows(make: Factory) -> None:
    make.firm()
    db.session.commit()
    newest, before = revision(), rows()
    stamp(revision="base")  # as if nothing had run yet: the first one then meets tables that are there
    try:
        with pytest.raises(DatabaseError, match="already exists"):
            upgrade()
        assert (revision(), rows()) == (None, before)
    finally:
        stamp(revision=newest or "head")


def test_complaints_come_to_an_installation_in_use(make: Factory) -> None:
    make.firm()
    make.customer()
    make.unit()
    downgrade(revision="0002")
    before = rows(), list(db.session.scalars(select(Customer.name)))
    db.session.rollback()
    for _ in range(2):
        upgrade()
        assert (rows(), list(db.session.scalars(select(Customer.name)))) == before
        db.session.rollback()
    assert inspect(db.engine).has_table("complaint")
    assert inspect(db.engine).has_table("attachment")
