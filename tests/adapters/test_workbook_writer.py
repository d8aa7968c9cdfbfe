"""Writing: nothing becomes a formula, nothing is lost silently, nothing crashes the export."""

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from app.adapters.workbook import writer
from app.adapters.workbook.delimited import text_rows
from app.adapters.workbook.outgoing import MAX_CELL_UNITS, csv_safe
from app.adapters.workbook.reader import read_rows
from app.adapters.workbook.writer import Column, Sheet, sheet_title, write_table

AFTERNOON = dt.datetime.fromisoformat("2024-03-05 13:04")
MIDNIGHT = dt.datetime.fromisoformat("2024-03-05")
STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "＠"]
BODIES = [
    "1+1", "cmd|'/C calc'!A0", 'HYPERLINK("http://x.test","y")', "SUM(A1:A9)", "A1",
    'IMPORTXML("http://x.test","//a")', "WEBSERVICE(A1)", "2+5+cmd|' /C notepad'!A0", "DDE(1)", "1",
    "@SUM(1)", '"&A1&"', "{1,2}", "' x", "-1", "=1", "+86 138", "中文", "😀", "_x003D_1",
]  # fmt: skip
PAYLOADS = [start + body for start in STARTS for body in BODIES]


def cells_of(path: Path) -> list[openpyxl.cell.Cell]:
    page = openpyxl.load_workbook(path).worksheets[0]
    return [row[0] for row in page.iter_rows(min_row=2)]


def test_two_hundred_formula_payloads_stay_text(tmp_path: Path) -> None:
    assert len(set(PAYLOADS)) == 200
    path = tmp_path / "out.xlsx"
    write_table(path, [Sheet("=1+1", [Column("=2+2")], [[one] for one in PAYLOADS])])
    written = cells_of(path)
    assert {cell.data_type for cell in written} == {"s"}
    page = openpyxl.load_workbook(path).worksheets[0]
    assert page["A1"].data_type == "s"
    assert all(cell.quotePrefix for cell in written)
    back = [row.cells[0] for row in read_rows(path)]
    # XML readers turn a carriage return into a line feed, whoever wrote it.
    assert back == [one.replace("\r", "\n") for one in PAYLOADS] or back == PAYLOADS


def test_the_payloads_survive_a_csv_export_and_import(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([csv_safe(one), "x"] for one in PAYLOADS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert all(row[0].startswith("'") for row in csv.reader(file))
    rows = text_rows(path, encoding="utf-8", delimiter=",")
    assert [row.cells[0] for row in rows] == PAYLOADS


def test_csv_numbers_stay_numbers_and_nul_goes() -> None:
    assert [csv_safe(one) for one in (-5, 1.5, None, True, dt.date(2024, 3, 5))] == [
        "-5", "1.5", "", "True", "2024-03-05",
    ]  # fmt: skip
    assert csv_safe("\x00=1") == "'=1"
    assert csv_safe("-5") == "'-5"


def test_control_characters_do_not_break_an_export(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    report = write_table(path, [Sheet("a", [Column("c")], [["a\x0bb\x00c\ud800d\ufffe"], ["ok"]])])
    assert [cell.value for cell in cells_of(path)] == ["abcd", "ok"]
    assert report.removed_characters == 4


@pytest.mark.parametrize("letter", ["a", "中", "😀"])
def test_long_text_is_cut_visibly_and_counted(tmp_path: Path, letter: str) -> None:
    path = tmp_path / "out.xlsx"
    report = write_table(path, [Sheet("答案", [Column("c")], [[letter * 40_000], ["short"]])])
    text = cells_of(path)[0].value
    kept, _, rest = text.partition("… [✂ +")
    units = len((letter * 40_000).encode("utf-16-le")) // 2
    assert len(text.encode("utf-16-le")) // 2 <= MAX_CELL_UNITS
    assert int(rest.removesuffix("]")) + len(kept.encode("utf-16-le")) // 2 == units
    assert (report.cut, report.cut_cells) == (1, ["答案!A2"])


def test_types_and_formats(tmp_path: Path) -> None:
    columns = [
        Column("n", "integer"), Column("p", "percent", width=20), Column("d", "date"),
        Column("t", "datetime"), Column("g"), Column("long"),
    ]  # fmt: skip
    row = [1234, 0.673, dt.date(2024, 3, 5), AFTERNOON, Decimal("1.5"), 10**17]
    target = io.BytesIO()
    old = [None, float("nan"), dt.date(1850, 1, 1), None, True, dt.time(9, 30)]
    report = write_table(target, [Sheet("数据", columns, iter([row, old]))])
    page = openpyxl.load_workbook(target)["数据"]
    first, second = page[2], page[3]
    assert [cell.value for cell in first] == [
        1234, 0.673, MIDNIGHT, AFTERNOON, 1.5, str(10**17),
    ]  # fmt: skip
    assert [cell.number_format for cell in first][:4] == [
        "#,##0", "0.0%", "yyyy-mm-dd", "yyyy-mm-dd hh:mm",
    ]  # fmt: skip
    assert [cell.value for cell in second] == [None, None, "1850-01-01", None, True, dt.time(9, 30)]
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert round(page.column_dimensions["B"].width) == 20 + 1
    assert report.rows == 2


def test_a_long_table_continues_on_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_ROWS", 4)
    path = tmp_path / "out.xlsx"
    report = write_table(path, [Sheet("a", [Column("c")], ([i] for i in range(6)))])
    book = openpyxl.load_workbook(path)
    assert [[cell.value for cell in page["A"]] for page in book] == [["c", 0, 1, 2], ["c", 3, 4, 5]]
    assert book.sheetnames == ["a", "a (2)"]
    assert report.rows == 6


def test_no_sheets_and_no_rows_make_valid_files(tmp_path: Path) -> None:
    write_table(tmp_path / "none.xlsx", [])
    write_table(tmp_path / "empty.xlsx", [Sheet("a", [Column("c")], [])])
    assert openpyxl.load_workbook(tmp_path / "none.xlsx").sheetnames == ["Sheet"]
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx")["a"]["A1"].value == "c"


def test_sheet_titles() -> None:
    taken: set[str] = set()
    wanted = ["a/b:[c]*?", "A B C", "'x'", "", "History", "很" * 40, "很" * 40, "😀" * 20]
    titles = [sheet_title(one, taken) for one in wanted]
    assert titles == [
        "a b c", "A B C (2)", "x", "Sheet", "History (2)", "很" * 31, "很" * 27 + " (2)", "😀" * 15,
    ]  # fmt: skip
