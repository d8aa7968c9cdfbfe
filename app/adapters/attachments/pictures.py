"""Pictures without what they tell beside themselves: place, time, device, previews, comments.

A picture is a row of labelled parts. Those that draw it are copied byte by byte, all others are left out, and so is
whatever follows its end. Nothing is decoded, so no quality is lost and no decoder can be attacked.
"""

import re
import struct

from app.adapters.attachments.errors import Unfit

# JPEG: two-byte markers (ISO/IEC 10918-1, table B.1).
SOI, EOI = b"\xff\xd8", b"\xff\xd9"
SCAN, COMMENT, APP0, APP1, APP2, APP14 = 0xDA, 0xFE, 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
APPS = range(0xE0, 0xF0)
FIRST_WITH_LENGTH = 0xC0
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# Inside a scan 0xff is followed by 0 (a plain 0xff) or by a restart mark.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
KEPT_APPS = {APP0: b"JFIF\0", APP2: b"ICC_PROFILE\0", APP14: b"Adobe"}
EXIF = b"Exif\0\0"
ORIENTATION = 0x0112

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
WEBP_DRAWN = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
WEBP_TOLD = 0x08 | 0x04  # flags: there is EXIF, there is XMP


def jpeg(content: bytes) -> bytes:
    """Raises `Unfit`."""
    if not content.startswith(SOI):
        raise Unfit
    kept: list[bytes] = []
    turned, place, drawn, framed = 0, len(SOI), False, False
    while (marker := _marker(content, place)) is not None and marker != EOI[1]:
        while content[place + 1] == 0xFF:
            place += 1
        if marker in ALONE:
            kept.append(content[place : place + 2])
            place += 2
            continue
        if marker < FIRST_WITH_LENGTH:
            raise Unfit
        segment = _segment(content, place)
        place += len(segment)
        framed = framed or marker in FRAMES
        if marker == APP1 and segment[4:].startswith(EXIF):
            turned = turned or _orientation(segment[4 + len(EXIF) :])
        if _draws(marker, segment):
            kept.append(segment)
        if marker == SCAN:
            end = END_OF_SCAN.search(content, place)
            kept.append(content[place : end.start() if end else len(content)])
            place, drawn = (end.start() if end else len(content)), True
    if not (drawn and framed):
        raise Unfit
    if turned > 1:
        kept.insert(1 if kept[0].startswith(b"\xff\xe0") else 0, _turning(turned))
    return b"".join([SOI, *kept, EOI])


def _marker(content: bytes, place: int) -> int | None:
    """The marker at a place; None at the end: a picture that was cut off is shown as far as it goes."""
    if place >= len(content):
        return None
    if content[place] != 0xFF:
        raise Unfit
    while place < len(content) and content[place] == 0xFF:
        place += 1
    return content[place] if place < len(content) else None


def _segment(content: bytes, place: int) -> bytes:
    length = int.from_bytes(content[place + 2 : place + 4], "big")
    if length < 2 or place + 2 + length > len(content):
        raise Unfit
    return content[place : place + 2 + length]


def _draws(marker: int, segment: bytes) -> bool:
    if marker in APPS:
        wanted = KEPT_APPS.get(marker)
        return wanted is not None and segment[4:].startswith(wanted)
    return marker != COMMENT


def _orientation(tiff: bytes) -> int:
    """How the camera was held, 1 to 8; 0 when it is not said."""
    order = {b"MM\0*": ">", b"II*\0": "<"}.get(tiff[:4])
    if order is None:
        return 0
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(count, 200)):
            tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _turning(orientation: int) -> bytes:
    """An EXIF part that says how to turn the picture, and nothing else."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    return struct.pack(">HH", 0xFF00 | APP1, 2 + len(EXIF) + len(tiff)) + EXIF + tiff


def png(content: bytes) -> bytes:
    """Raises `Unfit`."""
    if not content.startswith(PNG_HEAD):
        raise Unfit
    kept, place = [PNG_HEAD], len(PNG_HEAD)
    names: set[bytes] = set()
    while b"IEND" not in names:
        length, name = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(content) or (not names and name != b"IHDR"):
            raise Unfit
        names.add(name)
        if name in PNG_KEPT:
            kept.append(content[place:end])
        place = end
    if b"IDAT" not in names:
        raise Unfit
    return b"".join(kept)


def webp(content: bytes) -> bytes:
    """Raises `Unfit`."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise Unfit
    limit = min(8 + int.from_bytes(content[4:8], "little"), len(content))
    kept: list[bytes] = []
    place, names = 12, set[bytes]()
    while place + 8 <= limit:
        name, length = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8], "little")
        end = place + 8 + length + length % 2
        if place + 8 + length > limit:
            raise Unfit
        names.add(name)
        part = content[place:end]
        if name == b"VP8X" and length >= 1:
            part = part[:8] + bytes([part[8] & ~WEBP_TOLD]) + part[9:]
        if name in WEBP_KEPT:
            kept.append(part)
        place = end
    if not names & WEBP_DRAWN:
        raise Unfit
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
