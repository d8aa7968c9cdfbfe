"""Writing tables as .xlsx that nobody's text can turn into a program."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.adapters.workbook.bounds import LISTED
from app.adapters.workbook.outgoing import FORMULA_STARTS, ILLEGAL, Value, cut_text, plain_text
from app.adapters.workbook.scan import column_letters

NumberFormat = Literal["general", "integer", "decimal", "percent", "date", "datetime", "time", "text"]

NUMBER_FORMATS: dict[str, str] = {
    "general": "General",
    "integer": "#,##0",
    "decimal": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
    "time": "hh:mm",
    "text": "@",
}
MAX_ROWS = 1_048_576
MAX_TITLE = 31
MAX_EXACT = 10**15  # a spreadsheet keeps 15 digits; longer whole numbers are written as text
FIRST_DATE = dt.date(1900, 3, 1)  # earlier dates are wrong or unknown in spreadsheets
TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
WIDTH_SAMPLE = 100
MIN_WIDTH, MAX_WIDTH = 8, 60
BLANK_TITLE = "Sheet"


@dataclass(frozen=True)
class Column:
    """A column: its header, how its numbers look, and its width in characters (None: by content)."""

    title: str
    format: NumberFormat = "general"
    width: float | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet to write; `rows` may be a generator of any length."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


@dataclass
class Written:
    """What writing had to change, for people to be told: cells cut to the limit (counted, the first
    ones listed as "Sheet!A1"), characters removed because no spreadsheet can hold them, and rows."""

    rows: int = 0
    cut: int = 0
    cut_cells: list[str] = field(default_factory=list)
    removed_characters: int = 0


def write_table(target: Path | BinaryIO, sheets: Iterable[Sheet]) -> Written:
    """Write sheets one after the other, in constant memory, and say what had to be changed.

    Text is always written as text, never as formula, number or link. A sheet with more rows than a
    spreadsheet holds is continued on further sheets. Aware datetimes raise TypeError: convert them
    to the firm's zone first.
    """
    options = {"constant_memory": True, "default_date_format": NUMBER_FORMATS["date"]}
    written = Written()
    taken: set[str] = set()
    opened = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(opened, options) as book:
        styles = _Styles(book)
        for sheet in sheets:
            rows = iter(sheet.rows)
            more = True
            while more:
                title = sheet_title(sheet.title, taken)
                _SheetWriter(book.add_worksheet(title), sheet, styles, written).write(rows)
                first = next(rows, None)
                more = first is not None
                rows = chain([first], rows) if first is not None else rows
        if not taken:
            book.add_worksheet(sheet_title("", taken))
    return written


def sheet_title(wanted: str, taken: set[str]) -> str:
    """A title a spreadsheet accepts: at most 31 characters, none of []:*?/\\, no apostrophe at the
    ends, not "History", not used before (case does not count). Adds it to `taken`."""
    clean = TITLE_FORBIDDEN.sub(" ", ILLEGAL.sub("", wanted))
    clean = " ".join(clean.split()).strip("' ") or BLANK_TITLE
    title, number = _shortened(clean, MAX_TITLE), 1
    while title.casefold() in taken or title.casefold() == "history":
        number += 1
        ending = f" ({number})"
        title = _shortened(clean, MAX_TITLE - len(ending)) + ending
    taken.add(title.casefold())
    return title


class _Styles:
    """The cell formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header: Format = book.add_format(
            {"bold": True, "bg_color": "#F1F3F5", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.formats = {
            name: book.add_format({"num_format": code, "valign": "top"})
            for name, code in NUMBER_FORMATS.items()
        }
        # Keeps text that looks like a formula as text even when somebody edits the cell.
        self.guarded: Format = book.add_format({"quote_prefix": True, "valign": "top"})


class _SheetWriter:
    """Writes one worksheet: header, rows, widths."""

    def __init__(self, page: Worksheet, sheet: Sheet, styles: _Styles, written: Written) -> None:
        self.page, self.columns, self.styles, self.written = page, sheet.columns, styles, written

    def write(self, rows: Iterator[Sequence[Value]]) -> None:
        self.page.freeze_panes(1, 0)
        for place, column in enumerate(self.columns):
            self._write_text(0, place, column.title, self.styles.header)
        sample = list(islice(rows, min(WIDTH_SAMPLE, MAX_ROWS - 1)))
        for place, column in enumerate(self.columns):
            self.page.set_column(place, place, column.width or _width(place, column, sample))
        number = 0
        for number, row in enumerate(chain(sample, islice(rows, MAX_ROWS - 1 - len(sample))), start=1):
            for place, value in enumerate(row):
                self._write_value(number, place, value)
        self.written.rows += number
        if number and self.columns:
            self.page.autofilter(0, 0, number, len(self.columns) - 1)

    def _write_value(self, row: int, place: int, value: Value) -> None:
        style = self._style(place, "general")
        if value is None or value == "":
            return
        if isinstance(value, str):
            self._write_text(row, place, value, style)
        elif isinstance(value, bool):
            self.page.write_boolean(row, place, value, style)
        elif isinstance(value, dt.date | dt.time):
            self._write_moment(row, place, value)
        elif not math.isfinite(value):
            return
        elif isinstance(value, int) and abs(value) >= MAX_EXACT:
            self._write_text(row, place, str(value), style)
        else:
            self.page.write_number(row, place, float(value), style)

    def _write_text(self, row: int, place: int, value: str, style: Format) -> None:
        text = ILLEGAL.sub("", value)
        self.written.removed_characters += len(value) - len(text)
        short = cut_text(text)
        if short is not text:
            self.written.cut += 1
            if len(self.written.cut_cells) < LISTED:
                cell = f"{self.page.get_name()}!{column_letters(place + 1)}{row + 1}"
                self.written.cut_cells.append(cell)
        guarded = row > 0 and short.startswith(FORMULA_STARTS)
        self.page.write_string(row, place, short, self.styles.guarded if guarded else style)

    def _write_moment(self, row: int, place: int, value: dt.date | dt.time) -> None:
        day = value.date() if isinstance(value, dt.datetime) else value
        if isinstance(day, dt.date) and day < FIRST_DATE:
            self._write_text(row, place, value.isoformat(), self._style(place, "text"))
            return
        if isinstance(value, dt.datetime):
            fallback = "datetime"
        else:
            fallback = "date" if isinstance(value, dt.date) else "time"
        self.page.write_datetime(row, place, value, self._style(place, fallback))

    def _style(self, place: int, fallback: str) -> Format:
        chosen = self.columns[place].format if place < len(self.columns) else "general"
        return self.styles.formats[fallback if chosen == "general" else chosen]


def _shortened(title: str, length: int) -> str:
    cut = title.encode("utf-16-le")[: length * 2].decode("utf-16-le", errors="ignore")
    return cut.rstrip("' ")


def _width(place: int, column: Column, sample: Sequence[Sequence[Value]]) -> float:
    texts = [column.title, *(plain_text(row[place]) for row in sample if place < len(row))]
    widest = max(sum(1 if char < "\u1100" else 2 for char in text[:MAX_WIDTH]) for text in texts)
    return float(min(max(widest + 2, MIN_WIDTH), MAX_WIDTH))
