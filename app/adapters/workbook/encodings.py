"""Which encoding a text file is in: a guess with a confidence, and the ones a person may choose."""

from dataclasses import dataclass

from app.adapters.workbook.errors import WorkbookError

CHOICES = ("utf-8", "gb18030", "big5", "utf-16", "windows-1252")
CODECS = {  # names people and programs use, to the codec that reads them
    "utf-8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "big5hkscs",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
    "windows-1252": "cp1252",
}
SAMPLE_BYTES = 256 * 1024


@dataclass(frozen=True)
class Encoding:
    """A guess: one of `CHOICES` and how sure it is, 0 to 1."""

    name: str
    confidence: float


def codec_of(name: str) -> str:
    """The codec for an encoding's name. Errors: unknown_encoding."""
    codec = CODECS.get(name.lower().replace("_", "-"))
    if codec is None:
        raise WorkbookError("unknown_encoding", encoding=name)
    return codec


def guess_encoding(data: bytes) -> Encoding:
    """Guess the encoding of a whole file.

    A byte order mark and valid UTF-8 decide by themselves. Otherwise each candidate is scored by
    the share of its characters that ordinary text uses: a wrong reading gives rare characters.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16", 1.0)
    if data.isascii() or data.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8", 1.0)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _most_ordinary(data)
    return Encoding("utf-8", 0.99)


def _most_ordinary(data: bytes) -> Encoding:
    sample = data[:SAMPLE_BYTES]
    scores = (
        Encoding("gb18030", 0.95 * _double_byte_score(sample, "gb18030", 0xB0, 0xD7)),
        Encoding("big5", 0.90 * _double_byte_score(sample, "big5hkscs", 0xA4, 0xC6)),
        Encoding("windows-1252", 0.80 * _latin_score(sample)),
    )
    return max(scores, key=lambda score: score.confidence)


def _double_byte_score(sample: bytes, codec: str, first: int, last: int) -> float:
    """Share of characters among the commonest hanzi (lead bytes first..last) and punctuation."""
    text = sample.decode(codec, errors="ignore" if len(sample) == SAMPLE_BYTES else "replace")
    characters = [character for character in text if not character.isascii()]
    if not characters or "\ufffd" in characters:
        return 0.0
    common = 0
    for character in characters:
        code = character.encode(codec)
        ordinary = first <= code[0] <= last and (codec != "gb18030" or code[-1] >= 0xA1)
        common += len(code) == 2 and (ordinary or 0xA1 <= code[0] <= 0xA3)
    return common / len(characters)


def _latin_score(sample: bytes) -> float:
    """Share of non-ASCII characters that are letters standing next to an ASCII letter."""
    text = sample.decode("cp1252", errors="replace")
    places = [place for place, character in enumerate(text) if not character.isascii()]
    if not places:
        return 0.0
    inside_words = 0
    for place in places:
        neighbours = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
        near_ascii = any(one.isascii() and one.isalpha() for one in neighbours)
        inside_words += text[place].isalpha() and near_ascii
    return inside_words / len(places)
