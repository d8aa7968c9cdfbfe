"""Taking a mail apart: headers, parts, text. Bounded, and without the standard parser.

The standard parser goes down into nested parts by recursion and keeps every one of them; ten thousand nested parts
break it. Here a mail is read to a fixed depth, number of parts and length of text, and what lies beyond is not looked
at: what a bounce has to say stands near the top.
"""

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MOST_HEADER_BYTES = 64 * 1024
MOST_PARTS = 100
DEEPEST = 8
MOST_TEXT_BYTES = 64 * 1024

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
# Only these: what else Python takes for the end of a line could smuggle in a field.
_LINE_END = re.compile(r"\r\n|\r|\n")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[^?]*)?\?([BbQq])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_PARAMETER = r"""(?:^|;)\s*{name}\s*=\s*(?:"([^"]{{0,200}})"|([^\s;"]{{1,200}}))"""
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"(?i)</?(?:br|p|div|tr|li|h[1-6])\b[^<>]*>")
_UNSEEN = re.compile(r"(?is)<(style|script|title)\b[^<>]*>[^<]*</\1>")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
# What Chinese mail calls GB2312 or GBK is best read as the larger set that contains both.
_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "utf8": "utf-8",
    # What some programs write whatever the text is; see `text_of`.
    "us-ascii": "utf-8",
    "iso-8859-1": "cp1252",
    "windows-1252": "cp1252",
}
# What Python reads by these names is no text of a mail, or takes long.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
# A text of which no more than one character in so many is broken is in the character set it names.
BROKEN_IN = 50


class Headers:
    """The fields of one header, by name without regard to case, as text."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def all(self, name: str) -> list[str]:
        """Every value of a field, in order."""
        return [value for one, value in self._fields if one == name]

    def first(self, name: str) -> str:
        """The first value of a field, "" when there is none."""
        return next(iter(self.all(name)), "")

    def __contains__(self, name: str) -> bool:
        return any(one == name for one, _value in self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Part:
    """One part that holds no further parts. `enclosed`: it lies in a mail that this mail carries."""

    headers: Headers
    body: bytes
    enclosed: bool

    @property
    def kind(self) -> str:
        """Its type in lower case, such as text/plain."""
        return kind_of(self.headers)

    def decoded(self) -> bytes:
        """The body without its transfer encoding, as much of it as is looked at."""
        return _decoded(self.body[: 2 * MOST_TEXT_BYTES], self.headers)[:MOST_TEXT_BYTES]

    def content(self, most: int) -> bytes:
        """The whole body without its transfer encoding, cut behind `most` bytes."""
        return _decoded(self.body[: 3 * most], self.headers)[:most]

    def text(self) -> str:
        """The body as text; of HTML what a reader sees."""
        found = text_of(self.decoded(), parameter(self.headers.first("content-type"), "charset"))
        return _visible(found) if self.kind == "text/html" else found


@dataclass(frozen=True)
class Letter:
    """A mail taken apart. `carried` are the headers of the mails that it carries."""

    headers: Headers
    parts: list[Part]
    carried: list[Headers]


def read(raw: bytes) -> Letter:
    """Take a mail apart. Whatever the bytes are, something comes of it."""
    headers, body = _halves(raw)
    parts: list[Part] = []
    carried: list[Headers] = []
    waiting = [(headers, body, 0, False)]
    while waiting and len(parts) < MOST_PARTS:
        own, content, depth, enclosed = waiting.pop()
        kind = kind_of(own)
        boundary = parameter(own.first("content-type"), "boundary")
        if kind.startswith("multipart/") and boundary and depth < DEEPEST:
            inner = [_halves(piece) for piece in _pieces(content, boundary)]
            waiting += [(head, rest, depth + 1, enclosed) for head, rest in reversed(inner)]
        elif kind in ("message/rfc822", "message/global") and depth < DEEPEST:
            head, rest = _halves(_decoded(content, own))
            carried.append(head)
            waiting.append((head, rest, depth + 1, True))
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            carried.append(fields_of(_decoded(content, own)))
        else:
            parts.append(Part(own, content, enclosed))
    return Letter(headers, parts, carried)


def fields_of(head: bytes) -> Headers:
    """The fields of a header; lines that are none are passed over."""
    text = _FOLD.sub(" ", _guessed(head[:MOST_HEADER_BYTES]))
    found = (_FIELD.fullmatch(line) for line in _LINE_END.split(text))
    return Headers([(field[1].lower(), _readable(field[2].strip())) for field in found if field])


def blocks_of(body: bytes) -> Iterator[Headers]:
    """The groups of fields that a delivery status consists of."""
    for block in _HEAD_END.split(body[:MOST_TEXT_BYTES], MOST_PARTS)[:MOST_PARTS]:
        fields = fields_of(block)
        if len(fields):
            yield fields


def kind_of(headers: Headers) -> str:
    """The type that a header names, in lower case; plain text where it names none."""
    return headers.first("content-type").partition(";")[0].strip().lower() or "text/plain"


def parameter(value: str, name: str) -> str:
    """A parameter of a field such as Content-Type, "" when it is not there."""
    found = re.search(_PARAMETER.format(name=name), value[:2000], re.IGNORECASE)
    return (found[1] or found[2] or "") if found else ""


def text_of(body: bytes, charset: str) -> str:
    """Bytes as text in the named character set, or in the likeliest when it is not true."""
    name = charset.strip().lower().replace("-", "_")
    if not name or name in _NO_CHARSETS:
        return _guessed(body)
    named = _READ_AS.get(charset.strip().lower(), name)
    try:
        if named == "cp1252" and not body.isascii():
            return body.decode("utf-8")
    except ValueError:
        pass  # it is what it says
    try:
        return body.decode(named)
    except LookupError:
        return _guessed(body)
    except ValueError:
        pass
    try:
        read = body.decode(named, "replace")
    except (LookupError, ValueError):
        return _guessed(body)
    return read if read.count("\ufffd") * BROKEN_IN <= len(read) else _guessed(body)


def _halves(raw: bytes) -> tuple[Headers, bytes]:
    """Header and body. A mail that begins with its body has no header."""
    if raw[:2] == b"\r\n" or raw[:1] == b"\n":
        return Headers([]), raw.lstrip(b"\r\n")
    end = _HEAD_END.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    return fields_of(head), body


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundary lines; the last one may have been cut off."""
    line = re.compile(rb"(?m)^--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*\r?$\n?")
    marks = list(islice(line.finditer(body), MOST_PARTS))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    return [
        body[mark.end() : end].removesuffix(b"\n").removesuffix(b"\r")
        for mark, end in zip(marks, ends, strict=False)
        if not mark[1]
    ]


def _decoded(body: bytes, headers: Headers) -> bytes:
    encoding = headers.first("content-transfer-encoding").strip().lower()
    if encoding == "base64":
        return _from_base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    return body


def _from_base64(body: bytes) -> bytes:
    """As much of it as can be read; strange characters are passed over."""
    plain = _NOT_BASE64.sub(b"", body)
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _guessed(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        # Cut in the middle of a character it is still UTF-8.
        if len(body) > 4 and "\ufffd" not in body[:-4].decode("utf-8", "replace"):
            return body.decode("utf-8", "replace")
        return body.decode("gb18030", "replace")


def _readable(value: str) -> str:
    """A field's value with its encoded words (RFC 2047) read."""
    if "=?" not in value:
        return value
    return _WORD.sub(_read_word, _BETWEEN_WORDS.sub(r"\1", value))


def _read_word(word: re.Match[str]) -> str:
    charset, encoding, content = word.groups()
    plain = content.encode("utf-8", "replace")
    body = _from_base64(plain) if encoding in "Bb" else quopri.decodestring(plain, header=True)
    return text_of(body, charset)


def _visible(page: str) -> str:
    plain = _TAG.sub(" ", _BREAK.sub("\n", _UNSEEN.sub(" ", _without_comments(page))))
    try:
        return html.unescape(plain)
    except ValueError:
        return plain  # a character's number of thousands of digits


def _without_comments(page: str) -> str:
    """Found one after the other: a pattern would look to the end of the page again from each beginning."""
    kept, place = [], 0
    while (begin := page.find("<!--", place)) >= 0:
        kept.append(page[place:begin])
        end = page.find("-->", begin)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join([*kept, page[place:]])
