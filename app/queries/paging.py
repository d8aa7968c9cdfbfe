"""One page of a list: which rows, how many there are in all, which page it is and which is the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func

from app.extensions import db

PER_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page. `number` counts from 1; `total` counts the rows of all pages."""

    rows: Sequence[Row]
    total: int
    number: int
    last: int


def page_of(statement: Select[Any], *, number: int) -> Page[Any]:
    """One page of an ordered statement; a number beyond the last gives the last.

    A statement that selects one thing gives these things, one that selects several gives rows of them.
    """
    total = count(statement)
    last = max(1, -(-total // PER_PAGE))
    number = min(max(number, 1), last)
    found = db.session.execute(statement.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    single = len(statement.column_descriptions) == 1
    return Page(found.scalars().all() if single else found.all(), total, number, last)


def count(statement: Select[Any]) -> int:
    """How many rows a statement has, whatever it selects."""
    plain = statement.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return db.session.scalar(plain) or 0
