"""Reading: good files in every guise, odd cells, and each bad file with its code."""

import csv
import datetime as dt
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from app.adapters.workbook import bounds
from app.adapters.workbook.encodings import guess_encoding
from app.adapters.workbook.errors import Finding, WorkbookError
from app.adapters.workbook.reader import inspect, read_rows
from app.adapters.workbook.tables import Row

HEADER = ["客户编号", "客户名称", "联系人", "电话"]
PEOPLE = [
    ["C001", "杭州云帆科技有限公司", "李明", "13800138000"],
    ["0002", "上海“东方”贸易，分公司", "王丽", "010-12345678"],
    ["C003", 'Müller "Söhne"\nGmbH', "", "+49 30 1234"],
]
ASIAN = [HEADER, *PEOPLE[:2]]


def write_text(path: Path, rows: list[list[str]], encoding: str, delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_book(path: Path, fill: Callable[[openpyxl.Workbook], object]) -> Path:
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(WorkbookError) as caught:
        call()
    return caught.value.code


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_the_same_list_in_six_encodings(tmp_path: Path, encoding: str, name: str, delimiter: str) -> None:
    rows = ASIAN if encoding == "gbk" else [HEADER, *PEOPLE]
    path = tmp_path / "list.csv"
    text = write_text(tmp_path / "utf8", rows, "utf-8", delimiter).read_bytes().decode("utf-8")
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    path.write_bytes((mark + text).encode(encoding))

    found = inspect(path, "list.csv")

    assert found.encoding is not None
    assert found.encoding.name == name
    assert found.encoding.confidence > 0.6
    assert found.delimiter == delimiter
    assert found.sheets[0].header == tuple(HEADER)
    assert [row.cells for row in found.sheets[0].preview] == rows
    assert [row.cells for row in read_rows(path, header_row=1)] == rows[1:]
    assert [row.cells for row in read_rows(path, encoding=name, header_row=1)] == rows[1:]


def test_a_workbook_gives_the_same_rows_as_text(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for row in [HEADER, *PEOPLE]:
            book.active.append(row)

    path = write_book(tmp_path / "list.xlsx", fill)
    assert [row.cells for row in read_rows(path)] == PEOPLE


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("客戶編號,姓名\n1,張小姐\n2,陳先生的電話\n", "big5", "big5"),
        ("Kunde,Straße\n1,Müller\n2,Bäckerei Grün\n", "cp1252", "windows-1252"),
        ("code,name\n1,Anna\n", "ascii", "utf-8"),
    ],
)
def test_other_encodings_are_guessed(text: str, encoding: str, name: str) -> None:
    assert guess_encoding(text.encode(encoding)).name == name


def test_a_wrong_encoding_shows_in_the_preview_and_stops_the_reading(tmp_path: Path) -> None:
    path = write_text(tmp_path / "list.csv", ASIAN, "gb18030")
    wrong = inspect(path, "list.csv", encoding="utf-8")
    assert "\ufffd" in wrong.sheets[0].header[0]
    assert code_of(lambda: list(read_rows(path, encoding="utf-8"))) == "wrong_encoding"
    assert code_of(lambda: inspect(path, "list.csv", encoding="klingon")) == "unknown_encoding"


def test_the_preview_stops_at_twenty_rows(tmp_path: Path) -> None:
    rows = [["code", "name"], *([str(i), f"n{i}"] for i in range(50))]
    sheet = inspect(write_text(tmp_path / "a.csv", rows, "utf-8"), "a.csv").sheets[0]
    assert len(sheet.preview) == bounds.PREVIEW_ROWS
    assert sheet.rows == 50


def test_odd_cells_become_what_a_person_would_type(tmp_path: Path) -> None:
    golden = [
        (13800138000, "13800138000"),
        (1e10, "10000000000"),
        (12345678901234567, "12345678901234570"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (-2.5, "-2.5"),
        ("007", "007"),
        ("1E10", "1E10"),
        (True, "TRUE"),
        (dt.date(2024, 3, 5), "2024-03-05"),
        (dt.datetime(2024, 3, 5, 13, 4), "2024-03-05 13:04:00"),  # noqa: DTZ001 - cells have no zone
        (dt.time(3, 4), "03:04:00"),
        (dt.timedelta(hours=30), "30:00:00"),
        (None, ""),
        ("=1+1", ""),
        (" 空 格 ", " 空 格 "),
    ]

    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["key", "cell"])
        for place, (value, _) in enumerate(golden):
            book.active.append([f"k{place}", value])

    path = write_book(tmp_path / "odd.xlsx", fill)
    assert [row.cells[1] for row in read_rows(path)] == [text for _, text in golden]
    notes = {one.code: one.params for one in inspect(path, "odd.xlsx").sheets[0].notes}
    assert notes["formulas_as_values"] == {"count": 1, "cells": ["B16"]}
    assert notes["formulas_without_value"] == {"count": 1}


def test_formula_results_are_read_as_values(tmp_path: Path) -> None:
    path = tmp_path / "formula.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["code", "name"])
        page.write_formula(1, 0, '="C"&1', None, "C1")
        page.write_formula(1, 1, "=1+1", None, 2)
    assert next(read_rows(path)).cells == ["C1", "2"]
    assert codes(inspect(path, "formula.xlsx").sheets[0].notes) == {"formulas_as_values"}


def test_titles_blank_rows_and_an_offset_table_keep_their_row_numbers(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        page = book.active
        page["B2"] = "2024 customers"
        page.merge_cells("B2:D2")
        for column, name in zip("BCD", ["code", "name", "phone"], strict=True):
            page[f"{column}4"] = name
            page[f"{column}7"] = "x"

    path = write_book(tmp_path / "offset.xlsx", fill)
    sheet = inspect(path, "offset.xlsx").sheets[0]
    assert (sheet.header_row, sheet.header) == (4, ("", "code", "name", "phone"))
    assert sheet.problems == ()
    assert list(read_rows(path, header_row=4)) == [Row(7, ["", "x", "x", "x"])]


def test_hidden_rows_and_sheets_merges_and_errors_are_reported(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        page = book.active
        for row in (["code", "name"], ["1", "a"], ["2", "b"], ["3", "c"]):
            page.append(row)
        page.row_dimensions[3].hidden = True
        page.merge_cells("A2:A3")
        page["B4"] = "#N/A"
        page["B4"].data_type = "e"
        secret = book.create_sheet("Secret")
        secret.append(["code"])
        secret.append(["9"])
        secret.sheet_state = "hidden"

    path = write_book(tmp_path / "hidden.xlsx", fill)
    found = inspect(path, "hidden.xlsx")
    assert found.notes == (Finding("hidden_sheets", {"names": ["Secret"]}),)
    assert codes(found.sheets[0].notes) == {"hidden_rows", "merged_cells", "error_cells"}
    assert [row.hidden for row in read_rows(path)] == [False, True, False]
    assert [row.cells for row in read_rows(path, sheet="Secret")] == [["9"]]
    assert code_of(lambda: list(read_rows(path, sheet="none"))) == "sheet_missing"


def test_a_merged_header_is_a_problem(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["code", "contact", None])
        book.active.append(["1", "a", "b"])
        book.active.merge_cells("B1:C1")

    path = write_book(tmp_path / "merged.xlsx", fill)
    sheet = inspect(path, "merged.xlsx").sheets[0]
    assert sheet.problems == (Finding("header_merged", {"row": 1, "cells": ["B1:C1"]}),)
    assert Finding("column_without_name", {"columns": ["C"]}) in sheet.notes
    assert code_of(lambda: list(read_rows(path))) == "header_merged"


def test_duplicate_header_names_are_a_problem(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", [["code", "Note", "note"], ["1", "a", "b"]], "utf-8")
    problem = Finding("header_duplicate", {"name": "Note", "columns": ["B", "C"]})
    assert inspect(path, "a.csv").sheets[0].problems == (problem,)
    assert code_of(lambda: list(read_rows(path))) == "header_duplicate"
    assert len(list(read_rows(path, header_row=0))) == 2


def test_ragged_rows_are_padded_and_surplus_cells_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1\n1,2,3,4\n,,\n\n5,6,7\n")
    assert list(read_rows(path)) == [
        Row(2, ["1", "", ""]),
        Row(3, ["1", "2", "3", "4"]),
        Row(6, ["5", "6", "7"]),
    ]


def test_the_separator_line_of_spreadsheets_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\ncode;name\n1;a,b\n")
    assert inspect(path, "a.csv").sheets[0].header_row == 2
    assert list(read_rows(path, header_row=2)) == [Row(3, ["1", "a,b"])]


def test_the_name_of_a_file_does_not_decide(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.xlsx", ASIAN, "utf-8")
    found = inspect(path, "a.xlsx")
    assert found.kind == "text"
    assert codes(found.notes) == {"name_differs"}


EMPTY_BOOK: list[list[str]] = []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(EMPTY_BOOK, "empty_sheet"), ([["code", "name"]], "only_header")],
)
def test_sheets_without_rows(tmp_path: Path, rows: list[list[str]], expected: str) -> None:
    path = write_book(tmp_path / "a.xlsx", lambda book: [book.active.append(row) for row in rows])
    assert code_of(lambda: inspect(path, "a.xlsx")) == expected
    assert code_of(lambda: list(read_rows(path))) == expected
    path = write_text(tmp_path / "a.csv", rows or [["", ""]], "utf-8")
    assert code_of(lambda: inspect(path, "a.csv")) == expected
    assert code_of(lambda: list(read_rows(path))) == expected


def test_too_many_columns(tmp_path: Path) -> None:
    rows = [[f"h{i}" for i in range(201)], [str(i) for i in range(201)]]
    text = write_text(tmp_path / "a.csv", rows, "utf-8")
    book = write_book(tmp_path / "a.xlsx", lambda book: [book.active.append(row) for row in rows])
    for path in (text, book):
        assert code_of(lambda path=path: inspect(path, path.name)) == "too_many_columns"
        assert code_of(lambda path=path: list(read_rows(path))) == "too_many_columns"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ROWS", 30)
    rows = [["code"], *([str(i)] for i in range(60))]
    text = write_text(tmp_path / "a.csv", rows, "utf-8")
    book = write_book(tmp_path / "a.xlsx", lambda book: [book.active.append(row) for row in rows])
    for path in (text, book):
        assert code_of(lambda path=path: inspect(path, path.name)) == "too_many_rows"
        assert code_of(lambda path=path: list(read_rows(path))) == "too_many_rows"


def test_a_stray_cell_far_away_is_refused_before_the_parser_lays_the_sheet_out(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = "code"
        book.active["A1048576"] = "1"

    path = write_book(tmp_path / "far.xlsx", fill)
    assert code_of(lambda: inspect(path, "far.xlsx")) == "too_many_rows"


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('code,name\n1,"open\n' + "2,b\n" * 500)
    assert code_of(lambda: list(read_rows(path, header_row=1))) == "broken_quotes"


@pytest.mark.parametrize(
    ("content", "expected", "found"),
    [
        (b"", "empty_file", None),
        (b"%PDF-1.7\n1 0 obj", "unsupported_type", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "unsupported_type", "image"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table>", "unsupported_type", "html"),
        (b'<?xml version="1.0"?><a/>', "unsupported_type", "xml"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_xls", None),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            None,
        ),
        (bytes(range(256)) * 4, "unsupported_type", "binary"),
        (b"PK\x03\x04 cut off", "not_readable", None),
    ],
)
def test_the_real_type_decides(tmp_path: Path, content: bytes, expected: str, found: str | None) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(WorkbookError) as caught:
        inspect(path, "list.csv")
    assert caught.value.code == expected
    assert caught.value.params.get("found") == found


@pytest.mark.parametrize(
    ("part", "found"),
    [("word/document.xml", "docx"), ("xl/workbook.bin", "xlsb"), ("readme", "archive")],
)
def test_other_archives_are_named(tmp_path: Path, part: str, found: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(WorkbookError) as caught:
        inspect(path, "a.xlsx")
    assert caught.value.params == {"found": found}


def test_too_large_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(bounds.MAX_FILE_BYTES + 1)
    assert code_of(lambda: inspect(path, "a.csv")) == "file_too_large"


def test_a_header_row_must_be_filled(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\ncode\n1\n")
    found = inspect(path, "a.csv", header_row=1)
    assert found.sheets[0].problems == (Finding("header_missing", {"row": 1}),)
    assert code_of(lambda: list(read_rows(path, header_row=1))) == "header_missing"


def test_a_damaged_workbook_ends_in_a_code(tmp_path: Path) -> None:
    good = write_book(tmp_path / "a.xlsx", lambda book: [book.active.append(HEADER) for _ in "abc"])
    content = good.read_bytes()
    chance = random.Random(5)
    refusals = 0
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(4):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        good.write_bytes(damaged[: chance.choice([len(damaged), len(damaged) - 30])])
        try:
            inspect(good, "a.xlsx")
        except WorkbookError:
            refusals += 1
    assert refusals > 100
