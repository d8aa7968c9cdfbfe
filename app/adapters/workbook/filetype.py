"""What a file really is, by its content. The name is a claim of the sender and decides nothing."""

import zipfile
from pathlib import Path
from typing import Literal

from app.adapters.workbook.bounds import MAX_FILE_BYTES
from app.adapters.workbook.errors import WorkbookError

Kind = Literal["xlsx", "text"]

SAMPLE_BYTES = 64 * 1024
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files and password-protected new ones
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MAX_NUL_SHARE = 0.001  # a stray NUL in a text is one bad row; more of them is no text

SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\x1f\x8b", "archive"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"{\\rtf", "rtf"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\x00", "database"),
)
MARKUP = ((b"<!doctype html", "html"), (b"<html", "html"), (b"<table", "html"), (b"<?xml", "xml"))


def kind_of(path: Path) -> Kind:
    """Return "xlsx" or "text".

    Errors: empty_file, file_too_large, old_xls, encrypted, unsupported_type (found=pdf, docx,
    ods, xlsb, html, …), not_readable.
    """
    size = path.stat().st_size
    if size == 0:
        raise WorkbookError("empty_file")
    if size > MAX_FILE_BYTES:
        raise WorkbookError("file_too_large", bytes=size, limit=MAX_FILE_BYTES)
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if head.startswith(COMPOUND_FILE):
        raise WorkbookError("encrypted" if ENCRYPTED_STREAM in path.read_bytes() else "old_xls")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_archive(path)
    _refuse_other_types(head)
    return "text"


def _kind_of_archive(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WorkbookError("not_readable") from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        found = "xlsb"
    elif any(name.startswith("word/") for name in names):
        found = "docx"
    elif any(name.startswith("ppt/") for name in names):
        found = "pptx"
    elif "mimetype" in names and "content.xml" in names:
        found = "ods"
    else:
        found = "archive"
    raise WorkbookError("unsupported_type", found=found)


def _refuse_other_types(head: bytes) -> None:
    for signature, found in SIGNATURES:
        if head.startswith(signature):
            raise WorkbookError("unsupported_type", found=found)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    for signature, found in MARKUP:
        if start.startswith(signature):
            raise WorkbookError("unsupported_type", found=found)
    if not head.startswith(UTF16_MARKS) and head.count(0) > max(1, len(head) * MAX_NUL_SHARE):
        raise WorkbookError("unsupported_type", found="binary")
