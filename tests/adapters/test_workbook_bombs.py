"""Files made to hurt: each is small on disk, made here, and refused before the parser opens it."""

import multiprocessing
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app.adapters.workbook import bounds, reader
from app.adapters.workbook.errors import WorkbookError
from app.adapters.workbook.limits import apply_limits, died_of_limits

SHEET = "xl/worksheets/sheet1.xml"
Change = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def parser_stays_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(path: Path) -> None:
        raise AssertionError("the parser was given the file")

    monkeypatch.setattr(reader.python_calamine, "load_workbook", opened)


def book(path: Path, changes: dict[str, Change] | None = None) -> Path:
    """A small good workbook in which some parts are changed."""
    good = path.with_suffix(".good")
    workbook = openpyxl.Workbook()
    workbook.active.append(["code", "name"])
    workbook.active.append(["1", "a"])
    workbook.save(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            change = (changes or {}).get(name, bytes)
            target.writestr(name, change(source.read(name)))
    return path


def refused(path: Path) -> str:
    with pytest.raises(WorkbookError) as caught:
        reader.inspect(path, path.name)
    with pytest.raises(WorkbookError):
        list(reader.read_rows(path))
    return caught.value.code


def test_a_sheet_that_unpacks_to_hundreds_of_megabytes(tmp_path: Path) -> None:
    path = book(tmp_path / "bomb.xlsx")
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(bounds.MAX_UNPACKED_BYTES // 2**20 + 1):
            part.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    assert refused(path) == "unpacked_too_large"


def test_a_part_that_is_packed_too_well(tmp_path: Path) -> None:
    blanks = {SHEET: lambda xml: xml.replace(b"</sheetData>", b" " * 2**22 + b"</sheetData>")}
    assert refused(book(tmp_path / "a.xlsx", blanks)) == "ratio_too_high"


def test_too_many_parts(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(bounds.MAX_ENTRIES):
            archive.writestr(f"xl/media/{number}", b"")
    assert refused(path) == "too_many_parts"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(SHEET, b"<worksheet/>")
    assert refused(path) == "not_readable"


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_entity_bombs_in_any_part(tmp_path: Path, part: str) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    hidden = b"<!--" + b" x" * 40_000 + b"-->" + laughs
    assert refused(book(tmp_path / "a.xlsx", {part: lambda xml: hidden + xml})) == "xml_entities"


def test_a_part_in_an_encoding_that_hides_from_the_scan(tmp_path: Path) -> None:
    change = {SHEET: lambda xml: xml.decode().encode("utf-16")}
    assert refused(book(tmp_path / "a.xlsx", change)) == "not_readable"


def test_a_part_that_is_longer_than_it_declares(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size
    content = path.read_bytes()
    entry = content.rindex(SHEET.encode()) - 46  # the name follows 46 bytes of central directory
    short = struct.pack("<I", size // 2)
    path.write_bytes(content[: entry + 24] + short + content[entry + 28 :])
    assert refused(path) == "not_readable"


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    content = bytearray(path.read_bytes())
    entry = content.rindex(SHEET.encode()) - 46
    content[entry + 8] |= 1
    path.write_bytes(content)
    assert refused(path) == "encrypted"


def _hungry() -> None:
    apply_limits(memory_mb=512, cpu_seconds=5)
    try:
        bytearray(2**30)
    except MemoryError:
        raise SystemExit(7) from None


def _busy() -> None:
    apply_limits(memory_mb=512, cpu_seconds=1)
    while True:
        pass


@pytest.mark.parametrize("task", [_hungry, _busy])
def test_a_child_process_keeps_to_its_limits(task: Callable[[], None]) -> None:
    child = multiprocessing.get_context("spawn").Process(target=task)
    child.start()
    child.join(30)
    assert child.exitcode is not None
    assert child.exitcode == 7 if task is _hungry else died_of_limits(child.exitcode)
    assert not died_of_limits(0)
