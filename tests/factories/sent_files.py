"""Files as customers send them: small, right in every byte that matters, with and without what must not be kept."""

import io
import struct
import zipfile
import zlib

SECRET = b"GPS 30.25N 120.16E iPhone of Lin"


def jpeg(*, orientation: int = 1, tail: bytes = b"", told: bytes = SECRET) -> bytes:
    """One grey pixel with place, comment, preview and colour profile."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0) + told
    parts = [
        b"\xff\xd8",
        _part(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        _part(0xE1, b"Exif\0\0" + tiff),
        _part(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + told),
        _part(0xE2, b"ICC_PROFILE\0\x01\x01profile"),
        _part(0xE2, b"MPF\0" + told),
        _part(0xED, b"Photoshop 3.0\0" + told),
        _part(0xFE, told),
        _part(0xDB, bytes(65)),
        _part(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0"),
        _part(0xC4, bytes(17)),
        _part(0xDA, b"\x01\x01\0\0\x3f\0"),
        b"\x12\xff\x00\x34\xff\xd0\x56",
        b"\xff\xd9",
        tail,
    ]
    return b"".join(parts)


def _part(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def png(*, tail: bytes = b"", told: bytes = SECRET) -> bytes:
    """One pixel, with texts."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"tEXt", b"Comment\0" + told), (b"eXIf", told), (b"gAMA", b"\0\0\xb1\x8f")]
    chunks += [(b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks) + tail


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def webp(told: bytes = SECRET) -> bytes:
    """An extended picture that says it has EXIF and XMP."""
    parts = [(b"VP8X", b"\x0c" + bytes(9)), (b"VP8 ", b"drawn"), (b"EXIF", told), (b"XMP ", told)]
    body = b"WEBP" + b"".join(
        name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2) for name, data in parts
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def pdf() -> bytes:
    """The beginning and the end of one."""
    return b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def office(main: str = "word/document.xml", **parts: bytes) -> bytes:
    """An office document with one main part; others by name, "__" for "/" and "_" for "."."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", parts.pop("types", b"<Types/>"))
        archive.writestr(main, b"<document/>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()
