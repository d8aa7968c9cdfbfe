"""Reading spreadsheets of strangers: first look (`inspect`), then the rows (`read_rows`).

Both are meant for a child process under `limits.apply_limits`. Nothing is written, no formula is
computed, no link followed; every complaint is a `WorkbookError` code.
"""

from collections.abc import Iterator
from pathlib import Path

import python_calamine

from app.adapters.workbook import bounds
from app.adapters.workbook.cells import cell_text
from app.adapters.workbook.container import Container, SheetPart
from app.adapters.workbook.delimited import sniff_delimiter, text_rows
from app.adapters.workbook.encodings import Encoding, codec_of, guess_encoding
from app.adapters.workbook.errors import Finding, WorkbookError
from app.adapters.workbook.filetype import kind_of
from app.adapters.workbook.scan import SheetScan, scan
from app.adapters.workbook.tables import (
    Merge,
    Row,
    SheetInfo,
    Sheets,
    describe,
    header_cells,
    header_problems,
    is_blank,
    raise_first,
)

ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "text": (".csv", ".txt", ".tsv", ".tab")}
UNUSABLE = frozenset({"empty_sheet", "only_header", "too_many_rows", "too_many_columns", "too_many_cells"})


def inspect(
    path: Path,
    filename: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
) -> Sheets:
    """Look at a file: its sheets, their headers, the first rows, and what is wrong with them.

    `filename` is the sender's name for it and only leads to the note `name_differs`. `encoding`,
    `delimiter` and `header_row` override the guesses. A wrong encoding does not fail here: it shows
    in the preview. Raises WorkbookError if the file, or each of its sheets, cannot be used.
    """
    kind = kind_of(path)
    if kind == "xlsx":
        found = _inspect_workbook(path, header_row)
    else:
        found = _inspect_text(path, encoding, delimiter, header_row)
    blocked = [[one for one in sheet.problems if one.code in UNUSABLE] for sheet in found.sheets]
    if all(blocked):
        raise_first(blocked[0] if blocked else [Finding("empty_sheet")])
    ending = Path(filename).suffix.lower()
    if ending in ENDINGS[kind]:
        return found
    note = Finding("name_differs", {"ending": ending, "found": kind})
    return Sheets(kind, found.sheets, found.encoding, found.delimiter, (*found.notes, note))


def read_rows(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    header_row: int = 1,
    delimiter: str | None = None,
) -> Iterator[Row]:
    """Yield the filled rows below the header, padded to the header's width.

    `sheet` is a sheet's name (None: the first one), `header_row` a row number; 0 means that there is
    no header and every row counts. Cells beyond the header's width are kept, so that nothing is
    lost unseen. Errors, on the first row or later: all those of `inspect`, sheet_missing,
    wrong_encoding, broken_quotes, header_missing, header_merged, header_duplicate.
    """
    if kind_of(path) == "xlsx":
        rows, merges = _workbook_rows(path, sheet)
    else:
        name = encoding or guess_encoding(path.read_bytes()).name
        cut = delimiter or sniff_delimiter(path, name)
        rows, merges = text_rows(path, encoding=name, delimiter=cut), ()
    return _below_header(rows, header_row, merges)


def _below_header(rows: Iterator[Row], header_row: int, merges: tuple[Merge, ...]) -> Iterator[Row]:
    width, seen, count = 0, 0, 0
    for row in rows:
        if is_blank(row.cells):
            continue
        seen += 1
        if header_row and row.number <= header_row:
            if row.number == header_row:
                header = header_cells(row, 0)
                raise_first(header_problems(header, header_row, merges))
                width = len(header)
            continue
        if header_row and not width:
            raise WorkbookError("header_missing", row=header_row)
        count += 1
        if count > bounds.MAX_ROWS:
            raise WorkbookError("too_many_rows", limit=bounds.MAX_ROWS)
        if len(row.cells) > bounds.MAX_COLUMNS and any(row.cells[bounds.MAX_COLUMNS :]):
            raise WorkbookError("too_many_columns", columns=len(row.cells), limit=bounds.MAX_COLUMNS)
        if len(row.cells) < width:
            row.cells.extend([""] * (width - len(row.cells)))
        yield row
    if not count:
        raise WorkbookError("only_header" if seen else "empty_sheet")


def _inspect_text(path: Path, encoding: str | None, delimiter: str | None, header_row: int | None) -> Sheets:
    if encoding:
        codec_of(encoding)
        chosen = Encoding(encoding, 1.0)
    else:
        chosen = guess_encoding(path.read_bytes())
    cut = delimiter or sniff_delimiter(path, chosen.name)
    rows = text_rows(path, encoding=chosen.name, delimiter=cut, lenient=True)
    return Sheets("text", (describe("", rows, header_row=header_row),), chosen, cut)


def _inspect_workbook(path: Path, header_row: int | None) -> Sheets:
    with Container(path) as container:
        parts = container.sheets()
        container.verify(frozenset(part.part for part in parts))
        scans = [scan(container.chunks(part.part)) for part in parts]
    reaches = [_reach_problem(found) for found in scans]
    if all(reaches):
        raise_first([one for one in reaches if one] or [Finding("empty_sheet")])
    sheets = []
    book = _open(path)
    for part, found, reach in zip(parts, scans, reaches, strict=True):
        if reach:
            nothing = SheetInfo(part.name, part.hidden, 0, 0, 0, (), (), (reach,), ())
            sheets.append(nothing)
        else:
            sheets.append(_describe_sheet(book, part, found, header_row))
    hidden = [part.name for part in parts if part.hidden]
    notes = (Finding("hidden_sheets", {"names": hidden[: bounds.LISTED]}),) if hidden else ()
    return Sheets("xlsx", tuple(sheets), notes=notes)


def _describe_sheet(
    book: python_calamine.CalamineWorkbook, part: SheetPart, found: SheetScan, header_row: int | None
) -> SheetInfo:
    sheet = _sheet(book, part.name)
    merges = _merges(sheet)
    return describe(
        part.name,
        _sheet_rows(sheet, found),
        hidden=part.hidden,
        header_row=header_row,
        merges=merges,
        notes=_scan_notes(found, merges),
    )


def _workbook_rows(path: Path, name: str | None) -> tuple[Iterator[Row], tuple[Merge, ...]]:
    with Container(path) as container:
        parts = container.sheets()
        part = next((one for one in parts if name in (None, one.name)), None)
        if part is None:
            raise WorkbookError("sheet_missing", name=name)
        container.verify(frozenset({part.part}))
        found = scan(container.chunks(part.part))
    reach = _reach_problem(found)
    raise_first([reach] if reach else [])
    sheet = _sheet(_open(path), part.name)
    return _sheet_rows(sheet, found), _merges(sheet)


def _reach_problem(found: SheetScan) -> Finding | None:
    """Whether a sheet reaches too far for the parser, which lays it out as a full rectangle."""
    if found.last_column > bounds.MAX_COLUMNS:
        return Finding("too_many_columns", {"columns": found.last_column, "limit": bounds.MAX_COLUMNS})
    if found.last_row > bounds.MAX_ROWS + bounds.PREVIEW_ROWS:
        return Finding("too_many_rows", {"rows": found.last_row, "limit": bounds.MAX_ROWS})
    if found.last_row * found.last_column > bounds.MAX_AREA:
        cells = found.last_row * found.last_column
        return Finding("too_many_cells", {"cells": cells, "limit": bounds.MAX_AREA})
    return None


def _scan_notes(found: SheetScan, merges: tuple[Merge, ...]) -> list[Finding]:
    notes = []
    if found.formulas:
        places = {"count": found.formulas, "cells": found.formula_cells}
        notes.append(Finding("formulas_as_values", dict(places)))
    if found.formulas_without_value:
        notes.append(Finding("formulas_without_value", {"count": found.formulas_without_value}))
    if found.error_cells:
        notes.append(Finding("error_cells", {"count": found.error_cells}))
    if found.hidden_rows:
        rows = sorted(found.hidden_rows)
        notes.append(Finding("hidden_rows", {"count": len(rows), "rows": rows[: bounds.LISTED]}))
    if merges:
        cells = [one.cells for one in merges[: bounds.LISTED]]
        notes.append(Finding("merged_cells", {"count": len(merges), "cells": cells}))
    return notes


def _open(path: Path) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.load_workbook(path)
    except python_calamine.PasswordError as error:
        raise WorkbookError("encrypted") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise WorkbookError("not_readable") from error
    except BaseException as error:
        raise _panic_or_same(error) from error


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> python_calamine.CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise WorkbookError("not_readable") from error
    except BaseException as error:
        raise _panic_or_same(error) from error


def _panic_or_same(error: BaseException) -> BaseException:
    """A crash inside the parser arrives as an exception outside of Exception; a broken file must not
    take the worker with it."""
    return WorkbookError("not_readable") if type(error).__name__ == "PanicException" else error


def _sheet_rows(sheet: python_calamine.CalamineSheet, found: SheetScan) -> Iterator[Row]:
    indent = [""] * (sheet.start[1] if sheet.start else 0)  # the parser leaves out empty first columns
    hidden = found.hidden_rows
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [value if type(value) is str else cell_text(value) for value in values]
        yield Row(number, indent + cells if indent else cells, number in hidden)


def _merges(sheet: python_calamine.CalamineSheet) -> tuple[Merge, ...]:
    ranges = sheet.merged_cell_ranges or []
    return tuple(Merge(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)
