"""The zip archive around an .xlsx: size checks, its list of sheets, and its parts as byte streams.

The parser unpacks without limits, so every XML part is unpacked here first, in bounded memory, and
counted for real: the sizes declared in the archive may lie.
"""

import copy
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.adapters.workbook import bounds
from app.adapters.workbook.errors import WorkbookError

CHUNK_BYTES = 1024 * 1024
WORKBOOK_PART = "xl/workbook.xml"
RELATIONS_PART = "xl/_rels/workbook.xml.rels"
XML_ENDINGS = (".xml", ".rels")
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
OVERLAP = max(len(word) for word in FORBIDDEN) - 1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class SheetPart:
    """One sheet of the workbook: its name, whether it is hidden, and its part in the archive."""

    name: str
    hidden: bool
    part: str


class Container:
    """An opened .xlsx archive whose declared sizes are within `bounds`.

    Errors on opening: not_readable, encrypted, too_many_parts, unpacked_too_large,
    ratio_too_high. On reading a part: not_readable, xml_entities.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except BROKEN as error:
            raise WorkbookError("not_readable") from error
        try:
            _check_sizes(self._archive.infolist())
        except WorkbookError:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    def xml_parts(self) -> list[str]:
        """Names of all parts the parser may read as XML."""
        return [name for name in self._archive.namelist() if name.lower().endswith(XML_ENDINGS)]

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield a part's unpacked bytes; refuses entity declarations and false sizes on the way."""
        tail = b""
        for chunk in self._unpacked(part):
            window = tail + chunk
            if any(word in window for word in FORBIDDEN):
                raise WorkbookError("xml_entities", part=part)
            tail = window[-OVERLAP:]
            yield chunk

    def _unpacked(self, part: str) -> Iterator[bytes]:
        try:
            declared = self._archive.getinfo(part)
            # One byte more than declared: a part that is longer than it says shows itself, while
            # zipfile alone would silently stop at the declared size.
            info = copy.copy(declared)
            info.file_size += 1
            size = 0
            with self._archive.open(info) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    if size == 0 and chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00")):
                        # No spreadsheet program writes UTF-16 parts; they would hide from the scan.
                        raise WorkbookError("not_readable")
                    size += len(chunk)
                    if size > declared.file_size:
                        raise WorkbookError("not_readable")
                    yield chunk
        except BROKEN as error:
            raise WorkbookError("not_readable") from error

    def verify(self, skip: frozenset[str]) -> None:
        """Unpack and check every XML part except those in `skip` (read elsewhere)."""
        for part in self.xml_parts():
            if part not in skip:
                for _ in self.chunks(part):
                    pass

    def sheets(self) -> list[SheetPart]:
        """The worksheets in the workbook's order (chart sheets and macros are left out)."""
        targets = {
            relation.get("Id"): relation.get("Target", "")
            for relation in self._tree(RELATIONS_PART)
            if relation.get("Type", "").endswith("/worksheet")
        }
        found = []
        for element in self._tree(WORKBOOK_PART).iter():
            if _local(element.tag) != "sheet":
                continue
            relation_id = next((v for k, v in element.items() if _local(k) == "id"), None)
            if relation_id in targets:
                hidden = element.get("state", "visible") != "visible"
                part = posixpath.normpath(posixpath.join("/xl", targets[relation_id])).lstrip("/")
                found.append(SheetPart(element.get("name", ""), hidden, part))
        if len(found) > bounds.MAX_SHEETS:
            raise WorkbookError("too_many_sheets", sheets=len(found), limit=bounds.MAX_SHEETS)
        return found

    def _tree(self, part: str) -> Element:
        try:
            if self._archive.getinfo(part).file_size > bounds.MAX_STRUCTURE_BYTES:
                raise WorkbookError("unpacked_too_large", part=part)
            root: Element = fromstring(b"".join(self.chunks(part)))
        except (KeyError, ParseError) as error:
            raise WorkbookError("not_readable") from error
        except DefusedXmlException as error:
            raise WorkbookError("xml_entities", part=part) from error
        return root


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > bounds.MAX_ENTRIES:
        raise WorkbookError("too_many_parts", parts=len(entries), limit=bounds.MAX_ENTRIES)
    if len({entry.filename for entry in entries}) < len(entries):
        raise WorkbookError("not_readable")  # two parts of one name: readers disagree on which counts
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > bounds.MAX_UNPACKED_BYTES:
        raise WorkbookError("unpacked_too_large", bytes=unpacked, limit=bounds.MAX_UNPACKED_BYTES)
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise WorkbookError("encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WorkbookError("not_readable")
        too_dense = entry.file_size > bounds.MAX_RATIO * max(entry.compress_size, 1)
        if entry.file_size > bounds.RATIO_FREE_BYTES and too_dense:
            raise WorkbookError("ratio_too_high", part=entry.filename, limit=bounds.MAX_RATIO)
