"""What a person wrote and sent along: sender, subject, words without the earlier mail, files. Of any bytes something comes.

Words are text for people, to be shown as text and nothing else. Files are claims; `services.attachments` looks at what they hold.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from app.rules.inbound import quoting
from app.rules.inbound.letters import Headers, Letter, Part, kind_of, parameter, text_of
from app.rules.inbound.threads import LONGEST_SUBJECT

LONGEST_TEXT = 10_000
LONGEST_EARLIER = 20_000
LONGEST_NAME = 120
LONGEST_ADDRESS = 254
MOST_FILES_LOOKED_AT = 60
# A page that says so much more than the plain text beside it holds the words; the plain text was put in on the way.
PLAIN_BESIDE_PAGE = 4
SHORT_PLAIN = 200

_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,253}")
_NAME_PIECE = re.compile(r'(?:^|;)\s*filename\*(?:(\d{1,2}))?(\*)?\s*=\s*(?:"([^"]{0,500})"|([^\s;"]{1,500}))', re.IGNORECASE)  # fmt: skip
# Marks that turn the direction of a whole stretch: a name could be made to read as another one.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# They sign the mail and say nothing to a person.
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})  # fmt: skip
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class File:
    """A file as it came; `part` None: a mail within the mail, of which only the name is kept."""

    name: str
    part: Part | None = field(repr=False)

    def content(self, most: int) -> bytes:
        """Its bytes, as far as they are looked at."""
        return self.part.content(most) if self.part is not None else b""


@dataclass(frozen=True)
class Contents:
    """One mail for people. `text` may be empty; `earlier` is what was quoted below it; `cut`: there was more text."""

    address: str
    name: str
    subject: str
    text: str
    earlier: str
    cut: bool
    language: str
    files: tuple[File, ...]


def contents_of(letter: Letter) -> Contents:
    """Read a mail for people."""
    address, name = sender_of(letter.headers)
    whole = plain_text(letter)
    new, earlier = quoting.split(whole)
    return Contents(
        address=address,
        name=name,
        subject=one_line(letter.headers.first("subject"), LONGEST_SUBJECT),
        text=new[:LONGEST_TEXT],
        earlier=earlier[:LONGEST_EARLIER],
        cut=len(new) > LONGEST_TEXT,
        language="zh" if _CJK.search(new or letter.headers.first("subject")) else "en",
        files=tuple(_files(letter)),
    )


def sender_of(headers: Headers) -> tuple[str, str]:
    """Address in lower case and name of who says he wrote it; "" where there is none."""
    value = headers.first("from")[:1000]
    name, bracket, rest = value.rpartition("<")
    found = _ADDRESS.search(rest if bracket else value)
    address = found[0].lower()[:LONGEST_ADDRESS] if found else ""
    plain = one_line(name.strip().strip('"').replace('\\"', '"'), LONGEST_NAME)
    return _storable(address), plain if bracket else ""


def plain_text(letter: Letter) -> str:
    """The words: of plain text, or of a page where the plain text says nothing."""
    own = [part for part in letter.parts if not part.enclosed and not _file_name(part.headers)]
    plain = "\n\n".join(_words(part) for part in own if part.kind == "text/plain").strip()
    page = "\n\n".join(part.text() for part in own if part.kind == "text/html").strip()
    shorter = len(plain) < SHORT_PLAIN and len(page) > PLAIN_BESIDE_PAGE * len(plain) + SHORT_PLAIN
    return readable(page if not plain or shorter else plain)


def readable(text: str) -> str:
    """Text as people read it and every database takes it: no control marks, no more than one empty line in a row."""
    kept = "".join(one for one in _storable(text).replace("\r\n", "\n").replace("\r", "\n") if _is_kept(one))
    lines = [line.rstrip() for line in kept.replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(text: str, longest: int) -> str:
    """The same on one line."""
    return " ".join(readable(text).split())[:longest]


def _is_kept(character: str) -> bool:
    if character in _TURNING:
        return False
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(part: Part) -> str:
    text = part.text()
    said = part.headers.first("content-type")
    if parameter(said, "format").lower() != "flowed":
        return text
    return _unflowed(text, joins_words=parameter(said, "delsp").lower() == "yes")


def _unflowed(text: str, *, joins_words: bool) -> str:
    """Lines that were broken for the way are put together again (RFC 3676)."""
    done: list[str] = []
    depth, flowing = 0, False
    for raw in text.splitlines():
        line = raw.lstrip(">")
        quotes = len(raw) - len(line)
        line = line.removeprefix(" ")
        soft = line.endswith(" ") and line != "-- "
        piece = line[:-1] if soft and joins_words else line
        if flowing and quotes == depth and done and line != "-- ":
            done[-1] += piece
        else:
            done.append(">" * quotes + (" " if quotes else "") + piece)
        depth, flowing = quotes, soft
    return "\n".join(done)


def _files(letter: Letter) -> list[File]:
    """What was attached comes before pictures that stand in the text, for only so many are taken."""
    attached: list[File] = []
    inside: list[File] = []
    for part in letter.parts:
        if part.enclosed or part.kind in _SIGNATURES:
            continue
        name = _file_name(part.headers)
        if not name and part.kind.startswith(("text/", "multipart/", "message/delivery-status")):
            continue
        shown = File(name or "file" + _ENDINGS.get(part.kind, ""), part)
        (inside if "content-id" in part.headers else attached).append(shown)
    mails = [
        File(one_line(head.first("subject"), LONGEST_NAME - 4) + ".eml", None) for head in letter.carried
    ]
    return [*attached, *inside, *mails][:MOST_FILES_LOOKED_AT]


def _file_name(headers: Headers) -> str:
    """What a part is called; "" for one that is text of the mail."""
    said = headers.first("content-disposition")[:2000]
    pieces = sorted(
        (int(number or 0), bool(encoded), quoted or bare) for number, encoded, quoted, bare in _NAME_PIECE.findall(said)
    )  # fmt: skip
    if pieces:
        return _joined_name(pieces)
    named = parameter(said, "filename") or parameter(headers.first("content-type"), "name")
    if named:
        return named
    attached = said.partition(";")[0].strip().lower() == "attachment"
    return ("file" + _ENDINGS.get(kind_of(headers), "")) if attached else ""


def _joined_name(pieces: list[tuple[int, bool, str]]) -> str:
    """A name in the pieces of RFC 2231, percent-encoded where it says so."""
    charset = ""
    if pieces[0][2].count("'") >= 2:
        charset, _language, rest = pieces[0][2].split("'", 2)
        pieces = [(pieces[0][0], True, rest), *pieces[1:]]
    raw = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace") for _, encoded, text in pieces
    )
    return text_of(raw, charset or "utf-8")
