"""What a stranger's file really holds. Nothing is decoded or unpacked: the outer structure is walked, no more."""

from collections.abc import Callable

from app.adapters.attachments.documents import office, pdf
from app.adapters.attachments.errors import Unfit
from app.adapters.attachments.pictures import jpeg, png, webp

__all__ = ["Unfit", "fit"]

_CHECKS: dict[str, Callable[[bytes], bytes]] = {
    "jpeg": jpeg,
    "png": png,
    "webp": webp,
    "pdf": pdf,
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
}


def fit(kind: str, content: bytes) -> bytes:
    """The content to keep, of pictures without what tells place, time and device.

    Raises `Unfit` when it is not of this kind (`content`), holds macros (`macros`), is locked by a password (`locked`) or
    would unpack to too much (`bomb`).
    """
    return _CHECKS[kind](content)
