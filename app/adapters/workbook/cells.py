"""The value of a spreadsheet cell as the text a person would have typed."""

import datetime as dt
from decimal import Decimal

CellValue = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
MIDNIGHT = dt.time()
EXCEL_DIGITS = 15  # a spreadsheet keeps no more; the rest is binary noise


def cell_text(value: CellValue) -> str:
    """Text of a cell: whole numbers as plain digits (13800138000, never 1.38E+10), dates as ISO,
    truth values as TRUE/FALSE, blank as "". Text is kept as it is, with its leading zeros."""
    if type(value) is str:
        return value
    if type(value) is float:
        return number_text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return _datetime_text(value)
    if isinstance(value, dt.timedelta):
        return _duration_text(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def number_text(value: float) -> str:
    """Digits of a number without exponent and without binary noise (0.1 + 0.2 is 0.3)."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value.is_integer():
        return str(int(value))
    digits = format(value, f".{EXCEL_DIGITS}g")
    return format(Decimal(digits), "f") if "e" in digits else digits


def _datetime_text(value: dt.datetime) -> str:
    if value.time() == MIDNIGHT:
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _duration_text(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
