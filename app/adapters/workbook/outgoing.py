"""Values on their way out: text no spreadsheet takes for a formula, chokes on, or cuts unseen."""

import datetime as dt
import re
from decimal import Decimal

Value = str | int | float | Decimal | bool | dt.date | dt.datetime | dt.time | None
MAX_CELL_UNITS = 32_767  # what a cell holds, in UTF-16 units; longer text is cut by others silently
CUT_MARKER = "… [✂ +{units}]"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def csv_safe(value: Value) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula.

    Text starting with = + - @ (half or full width), tab or line break, also after blanks, gets an apostrophe in front,
    which `delimited` takes off again; numbers stay numbers.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return plain_text(value)
    text = ILLEGAL.sub("", value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def cut_text(text: str) -> str:
    """The text itself, or its beginning and a mark telling how much is missing, so that it fits into
    a cell. Lengths are UTF-16 units, as spreadsheets count: an emoji is two."""
    units = _units(text)
    if units <= MAX_CELL_UNITS:
        return text
    room = MAX_CELL_UNITS - _units(CUT_MARKER.format(units=units))
    kept = text.encode("utf-16-le")[: room * 2].decode("utf-16-le", errors="ignore")
    return kept + CUT_MARKER.format(units=units - _units(kept))


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def plain_text(value: Value) -> str:
    """A value as text, with ISO dates; blank for None."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)
