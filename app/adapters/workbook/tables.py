"""What is common to all tables, wherever they come from: rows, the header, what is wrong with them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from app.adapters.workbook import bounds
from app.adapters.workbook.encodings import Encoding
from app.adapters.workbook.errors import Finding, WorkbookError
from app.adapters.workbook.scan import column_letters

HEADER_FILL = 0.6  # a header names most columns; a title above the table fills one or two cells


class Row(NamedTuple):
    """One row as a person sees it: its number in the sheet (from 1) and its cells as text."""

    number: int
    cells: list[str]
    hidden: bool = False


@dataclass(frozen=True)
class SheetInfo:
    """One sheet before it is imported.

    `rows` counts the filled rows below the header, `columns` the widest row; `header_row` is a row
    number (0 if there is none). `preview` holds the first filled rows, header and titles included.
    `problems` keep the sheet from being read, `notes` are only shown.
    """

    name: str
    hidden: bool
    rows: int
    columns: int
    header_row: int
    header: tuple[str, ...]
    preview: tuple[Row, ...]
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]


@dataclass(frozen=True)
class Sheets:
    """A file before it is imported: `kind` is "xlsx" or "text"; encoding and delimiter only for
    text. `notes` concern the file as a whole."""

    kind: str
    sheets: tuple[SheetInfo, ...]
    encoding: Encoding | None = None
    delimiter: str | None = None
    notes: tuple[Finding, ...] = ()


class Merge(NamedTuple):
    """A merged range; rows and columns from 1, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def cells(self) -> str:
        """The range as in a spreadsheet, such as A1:B1."""
        first = f"{column_letters(self.first_column)}{self.first_row}"
        return f"{first}:{column_letters(self.last_column)}{self.last_row}"


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a row holds nothing but blanks."""
    return not any(cells) or not any(cell.strip() for cell in cells)


def guess_header_row(rows: Sequence[Row]) -> int:
    """Number of the row that looks like the header among the first filled rows; 0 if none."""
    fills = [sum(1 for cell in row.cells if cell.strip()) for row in rows]
    enough = HEADER_FILL * max(fills, default=0)
    wide = [row for row, fill in zip(rows, fills, strict=True) if fill >= enough]
    named = [row for row in wide if not any(_is_number(cell) for cell in row.cells)]
    return next((row.number for row in (*named[:1], *wide[:1])), 0)


def header_cells(row: Row, width: int) -> tuple[str, ...]:
    """The header's names without line breaks, blank where a column has none."""
    names = [" ".join(cell.split()) for cell in row.cells]
    return tuple(names + [""] * (width - len(names)))


def header_problems(header: Sequence[str], header_row: int, merges: Sequence[Merge]) -> list[Finding]:
    """Why columns cannot be told apart by this header: header_merged, header_duplicate."""
    problems = []
    merged = [one.cells for one in merges if one.first_row <= header_row <= one.last_row]
    if merged:
        problems.append(Finding("header_merged", {"row": header_row, "cells": merged[: bounds.LISTED]}))
    counts = Counter(name.casefold() for name in header if name)
    twice = {name.casefold(): name for name in reversed(header) if counts[name.casefold()] > 1}
    for folded, name in twice.items():
        where = [
            column_letters(place) for place, one in enumerate(header, start=1) if one.casefold() == folded
        ]
        problems.append(Finding("header_duplicate", {"name": name, "columns": where}))
    return problems


def describe(
    name: str,
    rows: Iterable[Row],
    *,
    hidden: bool = False,
    header_row: int | None = None,
    merges: Sequence[Merge] = (),
    notes: Sequence[Finding] = (),
) -> SheetInfo:
    """Read through a table once and tell what it holds.

    `header_row` None means: guess it; 0: there is none. Only a row of the preview can be the header.
    Problems: empty_sheet, only_header, too_many_rows, too_many_columns, header_missing,
    header_merged, header_duplicate. Notes: column_without_name.
    """
    filled_rows = (row for row in rows if not is_blank(row.cells))
    preview = list(islice(filled_rows, bounds.PREVIEW_ROWS))
    chosen = guess_header_row(preview) if header_row is None else header_row
    named = next((row.cells for row in preview if row.number == chosen), [])
    blank = [place for place, cell in enumerate(named) if not cell.strip()]
    filled, below, columns = 0, 0, 0
    used: set[int] = set()
    for row in chain(preview, filled_rows):
        filled += 1
        columns = max(columns, _filled_width(row.cells))
        if row.number <= chosen:
            continue
        below += 1
        if blank or len(row.cells) > len(named):
            places = (*blank, *range(len(named), len(row.cells)))
            used.update(place for place in places if place < len(row.cells) and row.cells[place])
    header = header_cells(Row(chosen, named), columns) if named else ()
    problems = _size_problems(filled, below, columns)
    problems += header_problems(header, chosen, merges)
    if chosen and not named:
        problems.append(Finding("header_missing", {"row": chosen}))
    if used and header:
        nameless = [column_letters(place + 1) for place in sorted(used)]
        notes = (*notes, Finding("column_without_name", {"columns": nameless[: bounds.LISTED]}))
    return SheetInfo(
        name, hidden, below, columns, chosen, header, tuple(preview), tuple(problems), tuple(notes)
    )


def raise_first(problems: Sequence[Finding]) -> None:
    """Raise the first problem as a WorkbookError, if there is one."""
    if problems:
        raise WorkbookError(problems[0].code, **problems[0].params)


def _size_problems(filled: int, below: int, columns: int) -> list[Finding]:
    if filled == 0:
        return [Finding("empty_sheet")]
    if columns > bounds.MAX_COLUMNS:
        return [Finding("too_many_columns", {"columns": columns, "limit": bounds.MAX_COLUMNS})]
    if below > bounds.MAX_ROWS:
        return [Finding("too_many_rows", {"rows": below, "limit": bounds.MAX_ROWS})]
    return [Finding("only_header")] if below == 0 else []


def _filled_width(cells: Sequence[str]) -> int:
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    return width


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
