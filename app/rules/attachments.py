"""Files that customers send: which kinds, how large, how many, and how they are called.

Names are claims of the sender: the ending says what a file has to be, the adapter looks whether it is, and the rest of
a name is only ever shown.
"""

import unicodedata
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
MOST_FILES = 5
LARGEST = 10 * MEGABYTE
LARGEST_TOGETHER = 20 * MEGABYTE
# Over all messages of one case.
MOST_PER_CASE = 40
LONGEST_NAME = 120
LONGEST_ENDING = 10


@dataclass(frozen=True)
class Kind:
    """A kind of file: the endings it may have, and the type a browser is told."""

    endings: tuple[str, ...]
    media_type: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
# No kind that can carry a program: neither the old office formats nor those with macros, no SVG, no HTML, no archive.
KINDS: dict[str, Kind] = {
    "jpeg": Kind((".jpg", ".jpeg"), "image/jpeg"),
    "png": Kind((".png",), "image/png"),
    "webp": Kind((".webp",), "image/webp"),
    "pdf": Kind((".pdf",), "application/pdf"),
    "docx": Kind((".docx",), _OFFICE + "wordprocessingml.document"),
    "xlsx": Kind((".xlsx",), _OFFICE + "spreadsheetml.sheet"),
    "pptx": Kind((".pptx",), _OFFICE + "presentationml.presentation"),
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)


def kind_of_name(name: str) -> str | None:
    """The kind the name claims; None when it is none that is taken."""
    lowered = name.lower()
    return next((code for code, kind in KINDS.items() if lowered.endswith(kind.endings)), None)


def shown_name(raw: str) -> str:
    """The name as text: no control or direction marks, no path, short, with its ending."""
    plain = "".join(
        " " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one
        for one in unicodedata.normalize("NFC", raw)
        if unicodedata.category(one) not in ("Cf", "Cs", "Co", "Cn")
    )
    name = " ".join(plain.replace("\\", "/").rpartition("/")[2].split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) <= LONGEST_ENDING:
        return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
    return name[:LONGEST_NAME] or "?"


def refusal(name: str, size: int, *, before: int, bytes_before: int) -> str | None:
    """Why a file is not taken, from what can be said without its content; None: nothing speaks against it.

    `before` and `bytes_before` count those of the same form that are taken already. Codes: `kind`, `empty`,
    `too_large`, `too_many`, `too_large_together`.
    """
    if kind_of_name(name) is None:
        return "kind"
    if size == 0:
        return "empty"
    if size > LARGEST:
        return "too_large"
    if before >= MOST_FILES:
        return "too_many"
    if bytes_before + size > LARGEST_TOGETHER:
        return "too_large_together"
    return None
