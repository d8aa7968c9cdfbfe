"""Documents as PDF, and their drawn figures as pictures, by Typst. Imported by the worker only.

What a document says is handed over as data (JSON): a text is never read as markup, so it can neither load a file nor
run anything. Typst sees this folder alone, uses the font that lies in it, and has no package to fetch.
"""

import json
from pathlib import Path
from typing import Any, Literal

import typst

from app.adapters.documents.model import CHARTS, Document

_HERE = Path(__file__).parent
# Pictures of 166 mm at this resolution are sharp on paper and stay below 100 kB.
_PIXELS_PER_INCH = 220.0


def pdf(document: Document) -> bytes:
    """The whole document."""
    return _typeset("document.typ", document, "pdf")[0]


def pictures(document: Document) -> list[bytes]:
    """Its drawn figures in the order of the document, as PNG."""
    if not any(block.kind in CHARTS for block in document.blocks):
        return []
    return _typeset("pictures.typ", document, "png")


def _typeset(template: str, document: Document, form: Literal["pdf", "png"]) -> list[bytes]:
    made: Any = typst.compile(
        str(_HERE / template),
        None,
        root=str(_HERE),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        format=form,
        ppi=_PIXELS_PER_INCH,
        sys_inputs={"document": json.dumps(document.to_json(), ensure_ascii=False)},
    )
    return list(made) if isinstance(made, list) else [made]
