"""The closed vocabulary of a case's inputs, read and checked key by key."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.stats.difference import NOBODY, Overlap, match_ids
from app.stats.reference.rows import (
    CaseError,
    Files,
    Key,
    Labels,
    Table,
    evaluate,
    inline_table,
    read_condition,
    read_labels,
)
from app.stats.reference.times import read_time, read_times
from app.stats.status import (
    DEFAULT_CODES,
    AnswerCodes,
    Column,
    answer_codes,
    read_column,
    reverse,
    scalar_key,
)
from app.stats.types import FloatArray, IntArray, Scale

__all__ = ["CaseError", "Inputs"]

_REQUIRED: Any = object()
# What a double counts exactly.
_LARGEST_COUNT = 2**53
_CODE_KEYS = {"skipped", "not_applicable", "not_shown"}


class Inputs:
    """Inputs of one case: each getter checks its key, and keys never read are an error."""

    def __init__(self, case: Mapping[str, Any], files: Files) -> None:
        raw = case.get("inputs")
        if not isinstance(raw, dict):
            raise CaseError("bad_key: inputs")
        self._raw: dict[str, Any] = raw
        self._used: set[str] = set()
        self._case = case
        self._files = files
        self._table: Table | None = None
        self._codes: AnswerCodes | None = None
        self._read: set[str] = set()

    def check_all_used(self) -> None:
        """Raise on a key that the measure does not have."""
        unknown = sorted(set(self._raw) - self._used)
        if unknown:
            raise CaseError(f"unknown_key: {', '.join(unknown)}")

    def get(self, key: str, default: Any = _REQUIRED) -> Any:
        """Raw value of a key."""
        self._used.add(key)
        if key in self._raw:
            return self._raw[key]
        if default is _REQUIRED:
            raise CaseError(f"missing_key: {key}")
        return default

    def has(self, key: str) -> bool:
        """Whether the case gives a key, for measures with two forms of input."""
        return key in self._raw

    def part(self, key: str) -> "Inputs | None":
        """An object inside the inputs, read and checked in the same way; None if absent."""
        value = self.get(key, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise CaseError(f"bad_key: {key}")
        return Inputs({**self._case, "inputs": value}, self._files)

    # -- plain values

    def whole(self, key: str) -> int:
        """A count."""
        return _whole(self.get(key), key)

    def wholes(self, key: str) -> list[int]:
        """An array of counts."""
        return [_whole(item, key) for item in _array(self.get(key), key)]

    def number(self, key: str, default: Any = _REQUIRED) -> float:
        """A finite number."""
        return _number(self.get(key, default), key)

    def numbers(self, key: str, default: Any = _REQUIRED) -> list[float] | None:
        """An array of finite numbers."""
        value = self.get(key, default)
        if value is None and default is None:
            return None
        return [_number(item, key) for item in _array(value, key)]

    def required_numbers(self, key: str) -> list[float]:
        return [_number(item, key) for item in _array(self.get(key), key)]

    def text(self, key: str, default: str) -> str:
        value = self.get(key, default)
        if not isinstance(value, str):
            raise CaseError(f"bad_key: {key}")
        return value

    def boolean(self, key: str, default: bool) -> bool:
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise CaseError(f"bad_key: {key}")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.get(key, default)
        if value not in choices:
            raise CaseError(f"bad_key: {key}")
        return str(value)

    def scalar(self, key: str) -> Key:
        return _scalar(self.get(key), key)

    def scalars(self, key: str) -> list[Key] | None:
        value = self.get(key, None)
        return None if value is None else [_scalar(item, key) for item in _array(value, key)]

    def optional_scalar(self, key: str) -> Key | None:
        value = self.get(key, None)
        return None if value is None else _scalar(value, key)

    def time(self, key: str) -> float:
        """A time, in seconds."""
        seconds = read_time(self.get(key))
        if seconds is None:
            raise CaseError(f"bad_key: {key}")
        return seconds

    def scale(self, key: str = "scale", default: Any = _REQUIRED) -> Scale | None:
        """A scale; None only where the vocabulary allows none."""
        value = self.get(key, default)
        if value is None and default is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise CaseError(f"bad_key: {key}")
        low, high = (_number(item, key) for item in value)
        if not (low.is_integer() and high.is_integer() and low < high):
            raise CaseError(f"bad_key: {key}")
        return Scale(int(low), int(high))

    def required_scale(self, default: Any = _REQUIRED) -> Scale:
        scale = self.scale(default=default)
        if scale is None:
            raise CaseError("bad_key: scale")
        return scale

    # -- columns

    def column_name(self, key: str = "column") -> str:
        return self._known(self.get(key), key)

    def column_names(self, key: str = "items") -> list[str]:
        value = self.get(key)
        if not isinstance(value, list) or not value:
            raise CaseError(f"bad_key: {key}")
        return [self._known(item, key) for item in value]

    def _known(self, name: object, key: str) -> str:
        if not isinstance(name, str):
            raise CaseError(f"bad_key: {key}")
        if name not in self.table:
            raise CaseError(f"unknown_column: {name}")
        return name

    @property
    def table(self) -> Table:
        """The rows of the case: inline, or the CSV it names."""
        if self._table is None:
            inline = self.get("inline", None)
            self._table = (
                self._files.table(self._case.get("data")) if inline is None else inline_table(inline)
            )
        return self._table

    @property
    def codes(self) -> AnswerCodes:
        if self._codes is None:
            raw = self.get("codes", None)
            self._codes = DEFAULT_CODES if raw is None else _codes(raw)
        return self._codes

    def cleaned(self, column: str, scale: Scale | None) -> Column:
        """A column with its states, as it was answered."""
        self._known(column, "column")
        return read_column(self.table[column], scale, self.codes)

    def values(self, column: str, scale: Scale | None, *, turned: bool = True) -> FloatArray:
        """Cleaned answers of a column, reversed if the case says so."""
        found = self.cleaned(column, scale).values
        self._read.add(column)
        named = self._reversed() if turned else []
        if named and scale is None:
            raise CaseError("missing_key: scale")
        return reverse(found, scale) if scale is not None and column in named else found

    def _reversed(self) -> list[str]:
        raw = self.get("reverse", [])
        if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
            raise CaseError("bad_key: reverse")
        return raw

    def check_reversed(self) -> None:
        """Raise if `reverse` names a column that the measure did not score."""
        stray = sorted(set(self._reversed()) - self._read)
        if stray:
            raise CaseError(f"bad_key: reverse ({', '.join(stray)})")

    def times(self, key: str) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Times of a column in seconds, and where it is blank; see :func:`read_times`."""
        return read_times(self.table[self.column_name(key)], self.codes)

    def condition_values(self, scale: Scale | None, key: str = "condition") -> FloatArray:
        """1, 0 or NaN per row for a condition of the case."""
        condition = read_condition(self.get(key))
        cells = self.table[self._known(condition.column, key)]
        numeric = scale is not None or condition.numeric
        values = self.cleaned(condition.column, scale).values if numeric else None
        return evaluate(condition, cells, self.codes, values)

    def labels(self, key: str) -> Labels:
        return read_labels(self.table[self.column_name(key)], self.codes)

    def ids(self) -> IntArray | None:
        """Customer numbers, `NOBODY` where blank; None if the case has no id column."""
        if self.get("id", None) is None:
            return None
        codes = self.labels("id").codes
        return np.where(codes < 0, NOBODY, codes)

    def waves(self, values: FloatArray) -> tuple[FloatArray, FloatArray, Overlap | None]:
        """Valid answers of the old and the new wave and the customers they share."""
        period = self.labels("period")
        old, new = (
            np.flatnonzero((period.codes == period.code(self.scalar(key))) & ~np.isnan(values))
            for key in ("old", "new")
        )
        ids = self.ids()
        overlap = None if ids is None else match_ids(ids[old], ids[new])
        return values[old], values[new], overlap


def _array(value: object, key: str) -> list[object]:
    if not isinstance(value, list):
        raise CaseError(f"bad_key: {key}")
    return value


def _whole(value: object, key: str) -> int:
    number = _number(value, key)
    if not (0 <= number <= _LARGEST_COUNT and number.is_integer()):
        raise CaseError(f"bad_key: {key}")
    return int(number)


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CaseError(f"bad_key: {key}")
    try:
        number = float(value)
    except OverflowError as error:
        raise CaseError(f"bad_key: {key}") from error
    if not math.isfinite(number):
        raise CaseError(f"bad_key: {key}")
    return number


def _scalar(value: object, key: str) -> Key:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise CaseError(f"bad_key: {key}")
    return scalar_key(value)


def _codes(raw: object) -> AnswerCodes:
    if not isinstance(raw, dict) or not set(raw) <= _CODE_KEYS:
        raise CaseError("bad_key: codes")
    if not all(isinstance(cells, list) for cells in raw.values()):
        raise CaseError("bad_key: codes")
    return answer_codes(**raw)
