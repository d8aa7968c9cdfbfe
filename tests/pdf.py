"""Reads the text out of PDF files as Typst writes them: plain objects, composite fonts with a map to Unicode."""

import re
import zlib

_OBJECT = re.compile(rb"(?:^|[\r\n])(\d+) 0 obj\s(.*?)endobj", re.S)
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|\(|<([0-9A-Fa-f]+)>|\b[BE]T\b")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(content: bytes) -> str:
    """All text, piece after piece in the order of drawing, without blanks between or in them."""
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    pieces = []
    for body in objects.values():
        page = re.search(rb"/Type/Page/.*?Resources (\d+) 0 R.*?/Contents (\d+) 0 R", body, re.S)
        if page:
            fonts = _fonts(objects, objects[int(page[1])])
            pieces.append(_shown(_stream(objects[int(page[2])]), fonts))
    return "".join("".join(pieces).split())


def pages_of(content: bytes) -> int:
    """How many pages it has."""
    return len(re.findall(rb"/Type/Page/", content))


def _stream(body: bytes) -> bytes:
    length = re.search(rb"/Length (\d+)", body)
    begin = re.search(rb"stream\r?\n", body)
    assert length is not None
    assert begin is not None
    content = body[begin.end() : begin.end() + int(length[1])]
    return zlib.decompress(content) if b"FlateDecode" in body[: begin.start()] else content


def _fonts(objects: dict[int, bytes], resources: bytes) -> dict[bytes, dict[int, str]]:
    named = re.search(rb"/Font<<(.*?)>>", resources, re.S)
    found = {}
    for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", named[1] if named else b""):
        unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert unicode is not None
        found[name] = _map(_stream(objects[int(unicode[1])]))
    return found


def _map(lines: bytes) -> dict[int, str]:
    pairs = re.findall(rb"^<([0-9A-F]+)> <([0-9A-F]+)>$", lines, re.M)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _shown(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    pieces, font, showing, place = [], {}, False, 0
    while found := _TOKEN.search(content, place):
        place = found.end()
        if found[0] in (b"BT", b"ET"):
            showing = found[0] == b"BT"
        elif found[1]:
            font = fonts[found[1]]
        elif found[0] == b"(":
            written, place = _string(content, place)
            if showing:  # and not the language of a part, say
                pieces += [font.get(glyph, "") for glyph in _glyphs(written)]
        elif showing:
            pieces += [font.get(glyph, "") for glyph in _glyphs(bytes.fromhex(found[2].decode()))]
    return "".join(pieces)


def _string(content: bytes, place: int) -> tuple[bytes, int]:
    """The string that begins at a place, and where it ends; brackets in pairs belong to it."""
    start, depth = place, 1
    while depth:
        if content[place : place + 1] == b"\\":
            place += 1
        else:
            depth += {b"(": 1, b")": -1}.get(content[place : place + 1], 0)
        place += 1
    return _ESCAPE.sub(_plain, content[start : place - 1]), place


def _glyphs(written: bytes) -> list[int]:
    return [written[place] << 8 | written[place + 1] for place in range(0, len(written), 2)]


def _plain(found: "re.Match[bytes]") -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8)])
    return _NAMED.get(code, code)
