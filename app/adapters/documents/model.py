"""What a document says, as plain texts and numbers that are already worded. Nothing in it is markup.

Light: the pages describe a document with it; `pdf` and `word` write it, in the worker.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# What no XML file can hold, and signs that turn the direction of the text after them: a name must not turn figures.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a document, in the order of reading.

    `kind`: heading (`level` 1 or 2) | text | hint (text that is not the author's) | tiles | table | bars | line | stack.
    `data` holds what only this kind has; see the function below that makes it.
    """

    kind: str
    text: str = ""
    level: int = 1
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `facts`: label and value of what stands under the title; `mark`: what it is not yet ("Draft")."""

    language: str
    firm: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    mark: str
    page: str  # how a page is called, with {page} and {pages}
    table: str  # how a table is called in its caption, with {number}
    figure: str
    blocks: tuple[Block, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, without what no file can hold."""
        cleaned: dict[str, Any] = _clean(asdict(self))
        return cleaned

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Document":
        """The document that `to_json` wrote."""
        blocks = tuple(Block(**block) for block in raw["blocks"])
        facts = tuple((label, value) for label, value in raw["facts"])
        return cls(**{**raw, "blocks": blocks, "facts": facts})


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWANTED.sub("", _BREAKS.sub("\n", value))
    if isinstance(value, Mapping):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    return value


def heading(text: str, level: int = 1) -> Block:
    """A heading."""
    return Block("heading", text, level)


def text(content: str) -> Block:
    """Paragraphs, one a line."""
    return Block("text", content)


def hint(content: str) -> Block:
    """A remark in small letters."""
    return Block("hint", content)


def tiles(items: list[tuple[str, str, str]]) -> Block:
    """The few figures that matter: name, value, remark."""
    return Block("tiles", data={"items": items})


def table(caption: str, columns: list[tuple[str, bool]], rows: list[list[str]], widths: list[int]) -> Block:
    """A table. A column is its name and whether it holds numbers; the first cell of a row is its head.

    `widths` are parts of the whole. A row whose first cell begins with an em space stands below the one before it.
    """
    return Block("table", caption, data={"columns": columns, "rows": rows, "widths": widths})


def bars(caption: str, said: str, items: list[dict[str, Any]]) -> Block:
    """Ranked bars: `label`, `value`, `text`, `note`, `strong`. `said`: the same in words, for who can't see it."""
    return Block("bars", caption, data={"said": said, "items": items})


def line(caption: str, said: str, points: list[dict[str, Any]], **more: Any) -> Block:
    """A control chart: `points` with `label`, `value`, `low`, `high`, `mark` (signal | now | ""), `text`.

    Further: `center`, `top` (end of the axis), `ticks` (value and text).
    """
    return Block("line", caption, data={"said": said, "points": points, **more})


def stack(caption: str, said: str, items: list[dict[str, Any]]) -> Block:
    """Parts of a whole as one bar: `label`, `text`, `share` (0–1)."""
    return Block("stack", caption, data={"said": said, "items": items})


CHARTS = frozenset({"bars", "line", "stack"})
