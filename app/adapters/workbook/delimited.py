"""Text tables: comma, semicolon or tab between the cells, in any of the known encodings."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from app.adapters.workbook import bounds
from app.adapters.workbook.encodings import codec_of
from app.adapters.workbook.errors import WorkbookError
from app.adapters.workbook.outgoing import FORMULA_STARTS
from app.adapters.workbook.tables import Row

DELIMITERS = (",", ";", "\t")
SEPARATOR_LINE = "sep="  # the first line by which a spreadsheet is told the delimiter
MAX_LINES_PER_ROW = 200  # more means that a quotation mark was never closed
FORMULA_GUARD = "'"


def sniff_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that cuts the first rows into the most columns, most evenly."""
    with path.open(encoding=codec_of(encoding), errors="replace", newline="") as file:
        lines = list(islice(file, bounds.PREVIEW_ROWS * 2))
    if lines and lines[0].lower().startswith(SEPARATOR_LINE):
        return lines[0].rstrip("\r\n")[len(SEPARATOR_LINE) :][:1] or ","
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> tuple[int, float]:
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return (0, 0.0)
    if not widths:
        return (0, 0.0)
    usual = max(set(widths), key=widths.count)
    return (widths.count(usual) * (usual > 1), float(usual))


def text_rows(path: Path, *, encoding: str, delimiter: str, lenient: bool = False) -> Iterator[Row]:
    """Yield every row, blank ones too, numbered as a spreadsheet would number them.

    `lenient` shows undecodable bytes as U+FFFD (for the preview) instead of refusing them.
    Errors: unknown_encoding, wrong_encoding, broken_quotes (each with the row).
    """
    number = 0
    errors = "replace" if lenient else "strict"
    with path.open(encoding=codec_of(encoding), errors=errors, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        lines = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if reader.line_num - lines > MAX_LINES_PER_ROW:
                    raise WorkbookError("broken_quotes", row=number)
                lines = reader.line_num
                if number == 1 and _is_separator_line(cells, delimiter):
                    continue
                yield Row(number, _without_guards(cells))
        except UnicodeError as error:
            raise WorkbookError("wrong_encoding", encoding=encoding, row=number + 1) from error
        except csv.Error as error:
            raise WorkbookError("broken_quotes", row=number + 1) from error


def _is_separator_line(cells: list[str], delimiter: str) -> bool:
    return delimiter.join(cells).lower() == SEPARATOR_LINE + delimiter


def _without_guards(cells: Iterable[str]) -> list[str]:
    """Drop the apostrophe that `outgoing.csv_safe` puts before text that looks like a formula, so
    that an exported list can be imported again unchanged."""
    return [cell[1:] if _is_guarded(cell) else cell for cell in cells]


def _is_guarded(cell: str) -> bool:
    return cell.startswith(FORMULA_GUARD) and cell[1:].lstrip(" ").startswith(FORMULA_STARTS)
