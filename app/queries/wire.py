"""Statements below the ORM: compiled once, run on the driver's own cursor.

The answering pages are the busiest of the product, and the session costs more there than the database does. A `Wire`
is one such connection, inside a transaction that `web.transactions` opened and will end; a `Prepared` is one
statement. Types are converted by SQLAlchemy's own processors, so that both databases hold the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from app.extensions import db, intends_to_write
from app.rules.links import derived_key

Processor = Callable[[Any], Any]


@dataclass(frozen=True)
class Keys:
    """The keys that links and responses are proved with."""

    links: bytes
    responses: bytes


@lru_cache(maxsize=4)
def keys_of(secret: str) -> Keys:
    """Derive the keys from the installation's secret."""
    return Keys(links=derived_key(secret, "links"), responses=derived_key(secret, "responses"))


class Wire(NamedTuple):
    """A cursor in an open transaction. `writing` says whether it may change anything."""

    cursor: Any
    dialect: Dialect
    keys: Keys
    writing: bool


def present_wire() -> Wire:
    """The wire of the present request: the same connection and transaction as the session's."""
    connection = db.session.connection()
    cursor = connection.connection.cursor()
    return Wire(cursor, connection.dialect, keys_of(current_app.config["SECRET_KEY"]), intends_to_write.get())


class Prepared:
    """One statement with named parameters."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, wire: Wire, **values: Any) -> list[tuple[Any, ...]]:
        """Run a SELECT and return its rows, converted."""
        form = self._run(wire, values)
        return [form.convert(row) for row in wire.cursor.fetchall()]

    def change(self, wire: Wire, **values: Any) -> int:
        """Run an INSERT or UPDATE and return how many rows it touched."""
        self._run(wire, values)
        return int(wire.cursor.rowcount)

    def _run(self, wire: Wire, values: dict[str, Any]) -> "_Form":
        form = self._forms.get(wire.dialect.name)
        if form is None:
            form = self._forms[wire.dialect.name] = _Form(self._statement, wire.dialect)
        try:
            wire.cursor.execute(form.text, form.bind(values))
        except wire.dialect.loaded_dbapi.Error as error:
            # As the session would have raised it, so that it becomes the same page.
            raise DBAPIError.instance(
                form.text,
                None,
                error,
                wire.dialect.loaded_dbapi.Error,
                hide_parameters=True,
                dialect=wire.dialect,
            ) from error
        return form


class _Form:
    """A statement as one dialect wants it."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._places = compiled.positiontup
        self._fixed = dict(compiled.params)
        self._binds = {
            name: processor
            for name, bind in compiled.binds.items()
            if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        self._columns = list(getattr(statement, "selected_columns", ()))
        self._dialect = dialect

    @cached_property
    def _processors(self) -> list[tuple[int, Processor]]:
        found = []
        for place, column in enumerate(self._columns):
            processor = column.type.dialect_impl(self._dialect).result_processor(self._dialect, None)
            if processor is not None:
                found.append((place, processor))
        return found

    def bind(self, values: dict[str, Any]) -> Any:
        given = self._fixed | values
        for name, processor in self._binds.items():
            if name in given:
                given[name] = processor(given[name])
        return given if self._places is None else [given[name] for name in self._places]

    def convert(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, processor in self._processors:
            values[place] = processor(values[place])
        return tuple(values)
