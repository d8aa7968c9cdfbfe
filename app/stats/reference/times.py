"""Times of a case: calendar time without a zone, counted in seconds."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.stats.status import AnswerCodes, Status, scalar_key
from app.stats.types import FloatArray

SECONDS_PER_HOUR = 3600
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", re.ASCII)


def read_time(cell: object) -> float | None:
    """Seconds since 1970-01-01 00:00 of ``YYYY-MM-DD HH:MM``; None if it is no such time.

    Examples
    --------
    >>> read_time("1970-01-02 00:30"), read_time("2025-02-30 08:00"), read_time(7)
    (88200.0, None, None)
    """
    text = unicodedata.normalize("NFKC", cell).strip() if isinstance(cell, str) else ""
    if not _TIME.fullmatch(text):
        return None
    try:
        return float(np.datetime64(text.replace(" ", "T"), "s").astype(np.int64))
    except ValueError:
        return None


def read_times(cells: Sequence[object], codes: AnswerCodes) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Times of a column and where a cell is blank.

    Returns
    -------
    seconds : (n,) float array
        NaN where the cell holds no time.
    blank : (n,) bool array
        Where the cell says that it has not happened; the other NaN are unreadable.
    """
    seconds, blank = np.full(len(cells), np.nan), np.zeros(len(cells), dtype=np.bool_)
    for row, cell in enumerate(cells):
        state = codes.status(scalar_key(cell))
        blank[row] = state is Status.SKIPPED
        found = read_time(cell) if state is None else None
        if found is not None:
            seconds[row] = found
    return seconds, blank
