"""Rows of a case: the CSV files beside it, labels and conditions."""

import csv
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.stats.status import AnswerCodes, scalar_key
from app.stats.types import FloatArray, IntArray

Table = Mapping[str, Sequence[object]]
Key = float | str


class CaseError(Exception):
    """A case that cannot be understood; the text is the report."""


class Files:
    """CSV files of one folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, Table] = {}

    def table(self, name: object) -> Table:
        """Columns of a CSV; :class:`CaseError` if it is not there or not readable."""
        if not isinstance(name, str) or not name or Path(name).name != name:
            raise CaseError(f"bad_data: {name}")
        if name not in self._tables:
            self._tables[name] = self._read(name)
        return self._tables[name]

    def _read(self, name: str) -> Table:
        try:
            with (self._folder / name).open(encoding="utf-8-sig", newline="") as file:
                header, *rows = csv.reader(file)
        except (OSError, UnicodeError, ValueError, csv.Error) as error:
            raise CaseError(f"unreadable_data: {name}") from error
        rows = [row for row in rows if row]
        return {
            column: [row[at] if at < len(row) else None for row in rows] for at, column in enumerate(header)
        }


def inline_table(columns: object) -> Table:
    """Table of inline columns; :class:`CaseError` unless arrays of one length."""
    if not isinstance(columns, dict) or not all(isinstance(c, list) for c in columns.values()):
        raise CaseError("bad_key: inline")
    if len({len(column) for column in columns.values()}) > 1:
        raise CaseError("bad_key: inline (unequal lengths)")
    return columns


@dataclass(frozen=True, slots=True)
class Labels:
    """A label column: position of each row's label in `keys`, -1 where it has none."""

    keys: tuple[Key, ...]
    texts: tuple[str, ...]
    codes: IntArray

    def code(self, key: Key) -> int:
        """Position of a label; -2, which no row has, if it never occurs."""
        return self.keys.index(key) if key in self.keys else -2


def read_labels(cells: Sequence[object], codes: AnswerCodes) -> Labels:
    """Labels in ascending order: by number if all are numbers, otherwise by code point."""
    keys = [scalar_key(cell) for cell in cells]
    texts: dict[Key, str] = {}
    for key, cell in zip(keys, cells, strict=True):
        if key != "" and codes.status(key) is None:
            texts.setdefault(key, label_text(cell))
    ordered = in_order(list(texts), texts)
    position = {key: at for at, key in enumerate(ordered)}
    rows = np.array([position.get(key, -1) for key in keys], dtype=np.int64)
    return Labels(tuple(ordered), tuple(texts[key] for key in ordered), rows)


def in_order(keys: list[Key], texts: Mapping[Key, str]) -> list[Key]:
    """Keys in the order that groups, periods and labels are reported in."""
    numbers = [key for key in keys if isinstance(key, float)]
    if len(numbers) == len(keys):
        return sorted(numbers)
    return sorted(keys, key=lambda key: texts[key])


def label_text(cell: object) -> str:
    """A label as it is shown: 2024 and 2024.0 both as 2024."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one column with a value, or with several (`in`)."""

    column: str
    op: str
    values: tuple[Key, ...]

    @property
    def numeric(self) -> bool:
        """Whether the column is read as numbers, so that other text is not valid."""
        return all(isinstance(value, float) for value in self.values)

    def holds(self, key: Key) -> bool:
        """Whether one cell fulfils it; text and numbers compare as text."""
        if self.op == "in":
            return key in self.values
        value = self.values[0]
        if isinstance(key, float) != isinstance(value, float) and self.op not in ("==", "!="):
            return bool(_OPERATORS[self.op](str(key), str(value)))
        return bool(_OPERATORS[self.op](key, value))


def read_condition(raw: object) -> Condition:
    """Condition of a case; :class:`CaseError` if it is not one."""
    if not isinstance(raw, dict) or not {"column", "op", "value"} >= set(raw):
        raise CaseError("bad_key: condition")
    column, op, value = raw.get("column"), raw.get("op"), raw.get("value")
    several = op == "in"
    known = isinstance(column, str) and (several or (isinstance(op, str) and op in _OPERATORS))
    if not known or "value" not in raw or several != isinstance(value, list):
        raise CaseError("bad_key: condition")
    values: list[object] = value if isinstance(value, list) else [value]
    if any(isinstance(v, bool | dict | list) or v is None for v in values):
        raise CaseError("bad_key: condition")
    return Condition(str(column), str(op), tuple(scalar_key(v) for v in values))


def evaluate(
    condition: Condition, cells: Sequence[object], codes: AnswerCodes, values: FloatArray | None
) -> FloatArray:
    """1 where a condition holds, 0 where not, NaN where the answer is not valid.

    `values` are the cleaned numbers of the column, or None to read it as labels.
    """
    result = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if values is not None:
            if not np.isnan(values[row]):
                result[row] = condition.holds(float(values[row]))
            continue
        key = scalar_key(cell)
        if key != "" and codes.status(key) is None:
            result[row] = condition.holds(key)
    return result
