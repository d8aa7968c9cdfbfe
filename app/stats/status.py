"""Response status: what a cell of an answer means, and the numbers that are left.

Only *valid* answers enter a statistic. An item that routing never showed is not
item non-response, so the five states stay apart all the way to the page.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from app.stats.types import FloatArray, Scale

ABSENT = "#absent"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class Status(IntEnum):
    """State of one answer."""

    VALID = 0
    SKIPPED = 1
    NOT_APPLICABLE = 2
    NOT_SHOWN = 3
    INVALID = 4


class Unanswered(StrEnum):
    """Declared rule for skipped items; anything but `EXCLUDE` is printed beside the result."""

    EXCLUDE = "exclude"
    ZERO = "zero"
    MIDPOINT = "midpoint"


@dataclass(frozen=True, slots=True)
class AnswerCodes:
    """Which cell contents stand for which state; build it with :func:`answer_codes`."""

    skipped: frozenset[float | str]
    not_applicable: frozenset[float | str]
    not_shown: frozenset[float | str]

    def status(self, key: float | str) -> Status | None:
        """State that a scalar key stands for, None if it is an answer."""
        if key in self.skipped:
            return Status.SKIPPED
        if key in self.not_applicable:
            return Status.NOT_APPLICABLE
        return Status.NOT_SHOWN if key in self.not_shown else None


@dataclass(frozen=True, slots=True)
class Column:
    """A cleaned column.

    Attributes
    ----------
    values : (n,) float array
        Answer points, NaN where not valid.
    status : (n,) int8 array
        :class:`Status` of each row.
    """

    values: FloatArray
    status: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class StatusCounts:
    """Rows of a column by state."""

    valid: int
    skipped: int
    not_applicable: int
    not_shown: int
    invalid: int

    @property
    def shown(self) -> int:
        """Rows in which the item was asked."""
        return self.valid + self.skipped + self.not_applicable + self.invalid


def scalar_key(cell: object) -> float | str:
    """The content of a cell as it is compared: a number if it is one, else trimmed text.

    Full-width digits are digits; None is blank; a truth value or a container is text.

    Examples
    --------
    >>> scalar_key(" ５ "), scalar_key(None), scalar_key("1_0"), scalar_key("nan")
    (5.0, '', '1_0', 'nan')
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float | np.number) and not isinstance(cell, bool):
        try:
            number = float(cell)
        except OverflowError:
            return str(cell)
        return number if math.isfinite(number) else str(cell)
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def answer_codes(
    skipped: Iterable[object] = ("", None),
    not_applicable: Iterable[object] = (-8,),
    not_shown: Iterable[object] = (-9,),
) -> AnswerCodes:
    """Codes of the three states without an answer; a list that is given replaces the default."""
    return AnswerCodes(*(frozenset(map(scalar_key, cells)) for cells in (skipped, not_applicable, not_shown)))


DEFAULT_CODES = answer_codes()
# Answer documents: null = shown and skipped, "na" = not applicable, key absent = not shown;
# read with ``document.get(code, ABSENT)``.
DOCUMENT_CODES = answer_codes(not_applicable=("na",), not_shown=(ABSENT,))


def _classify(cell: object, scale: Scale | None, codes: AnswerCodes) -> tuple[Status, float]:
    key = scalar_key(cell)
    state = codes.status(key)
    if state is not None:
        return state, math.nan
    if isinstance(key, str):
        return Status.INVALID, math.nan
    if scale is not None and not (key.is_integer() and scale.low <= key <= scale.high):
        return Status.INVALID, math.nan
    return Status.VALID, key


def read_column(
    cells: Sequence[object], scale: Scale | None = None, codes: AnswerCodes = DEFAULT_CODES
) -> Column:
    """Clean one column of raw answers.

    Parameters
    ----------
    cells : (n,) sequence
        Text, numbers or None.
    scale : Scale, optional
        Whole points allowed. Without it only text that is no number is invalid.
    codes : AnswerCodes

    Returns
    -------
    Column
        Values (NaN where not valid) and states, each of length n.

    Examples
    --------
    >>> column = read_column([5, None, -8, "-9", 9, "３"], Scale(1, 5))
    >>> column.values
    array([ 5., nan, nan, nan, nan,  3.])
    >>> status_counts(column)
    StatusCounts(valid=2, skipped=1, not_applicable=1, not_shown=1, invalid=1)
    """
    values = np.full(len(cells), np.nan)
    status = np.empty(len(cells), dtype=np.int8)
    # A column holds few distinct contents: each is judged once. The type belongs to the
    # key because True and 1 are equal but mean different things.
    known: dict[object, tuple[Status, float]] = {}
    for row, cell in enumerate(cells):
        key = (cell.__class__, cell) if isinstance(cell, str | int | float) else None
        found = known.get(key) if key is not None else None
        if found is None:
            found = _classify(cell, scale, codes)
            if key is not None:
                known[key] = found
        status[row], values[row] = found
    return Column(values, status)


def status_counts(column: Column) -> StatusCounts:
    """Count the five states of a column; they add up to its rows."""
    return StatusCounts(*(int(c) for c in np.bincount(column.status, minlength=len(Status))))


def reverse(values: FloatArray, scale: Scale) -> FloatArray:
    """Turn a negatively worded item: ``low + high - x``, before anything else.

    Examples
    --------
    >>> reverse(np.array([1.0, 5.0, np.nan]), Scale(1, 5))
    array([ 5.,  1., nan])
    """
    return scale.low + scale.high - values


def fill_skipped(column: Column, rule: Unanswered, scale: Scale) -> FloatArray:
    """Values after the declared rule for skipped items; other states stay NaN.

    Parameters
    ----------
    column : Column
    rule : Unanswered
        `EXCLUDE` leaves the values alone; `ZERO` counts a skipped item as 0,
        `MIDPOINT` as the middle of the scale.
    scale : Scale

    Returns
    -------
    (n,) float array

    Examples
    --------
    >>> fill_skipped(read_column([4, None, -9], Scale(1, 5)), Unanswered.MIDPOINT, Scale(1, 5))
    array([ 4.,  3., nan])
    """
    if rule is Unanswered.EXCLUDE:
        return column.values
    filled = 0.0 if rule is Unanswered.ZERO else (scale.low + scale.high) / 2
    return np.where(column.status == Status.SKIPPED, filled, column.values)
