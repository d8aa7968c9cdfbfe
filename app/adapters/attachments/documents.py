"""PDF and office documents: whether they are what their name says, and hold nothing that runs by itself."""

import io
import zipfile
import zlib
from collections.abc import Callable

from app.adapters.attachments.errors import Unfit
from app.adapters.workbook import bounds

PDF_HEAD = b"%PDF-"
# Some programs put a mark or a line break before it.
BEFORE_PDF = b"\xef\xbb\xbf \r\n\t"
ZIP_HEAD = b"PK\x03\x04"
TYPES_PART = "[content_types].xml"
MOST_TYPES = 1024 * 1024
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an office document behind a password is wrapped in one
MACROS = ("vbaproject.bin", "vbadata.xml")
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError)  # fmt: skip


def pdf(content: bytes) -> bytes:
    """Raises `Unfit`."""
    if not content[:16].lstrip(BEFORE_PDF).startswith(PDF_HEAD):
        raise Unfit
    return content


def office(main_part: str) -> Callable[[bytes], bytes]:
    """The check for the kind of office document that has this part."""

    def check(content: bytes) -> bytes:
        if content.startswith(COMPOUND_FILE):
            raise Unfit("locked")
        if not content.startswith(ZIP_HEAD):
            raise Unfit
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                _look_into(archive, main_part)
        except BROKEN as error:
            raise Unfit from error
        return content

    return check


def _look_into(archive: zipfile.ZipFile, main_part: str) -> None:
    entries = archive.infolist()
    names = {entry.filename.lower(): entry for entry in entries}
    # Whatever stands before the archive is skipped by some programs and run by others.
    if min((entry.header_offset for entry in entries), default=1) != 0:
        raise Unfit
    if main_part not in names or TYPES_PART not in names:
        raise Unfit
    if any(name.endswith(MACROS) for name in names):
        raise Unfit("macros")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Unfit("locked")
    _refuse_bombs(entries)
    with archive.open(names[TYPES_PART]) as part:
        if b"macroenabled" in part.read(MOST_TYPES).lower():
            raise Unfit("macros")


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    """By what is declared: we never unpack, but whoever opens the document will."""
    if len(entries) > bounds.MAX_ENTRIES or sum(one.file_size for one in entries) > bounds.MAX_UNPACKED_BYTES:
        raise Unfit("bomb")
    for one in entries:
        dense = one.file_size > bounds.MAX_RATIO * max(one.compress_size, 1)
        if one.file_size > bounds.RATIO_FREE_BYTES and dense:
            raise Unfit("bomb")
