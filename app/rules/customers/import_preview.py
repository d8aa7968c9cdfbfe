"""What of a stranger's file is kept for the page: cut to a size that a page and a database can hold."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_CELL = 80
MAX_HEADER = 200
MAX_SHOWN_COLUMNS = 60
MAX_SHOWN_SHEETS = 20
MAX_ROW_TEXT = 400


def short_cells(cells: Sequence[str]) -> list[str]:
    """The cells of a preview row."""
    return [cell[:MAX_CELL] for cell in cells[:MAX_SHOWN_COLUMNS]]


def row_text(cells: Sequence[str]) -> str:
    """The beginning of a bad row, so that people can find it again."""
    return " | ".join(cell for cell in short_cells(cells) if cell.strip())[:MAX_ROW_TEXT]


def headers_of(header: Sequence[str]) -> list[str]:
    """The names of the columns."""
    return [name[:MAX_HEADER] for name in header]


def finding(code: str, params: Mapping[str, object]) -> dict[str, Any]:
    """A finding as it is stored."""
    return {"code": code, "params": {name: _short(value) for name, value in params.items()}}


def _short(value: object) -> object:
    if isinstance(value, str):
        return value[:MAX_CELL]
    if isinstance(value, list | tuple):
        return [_short(one) for one in value]
    return value
