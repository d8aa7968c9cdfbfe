"""What lists and searches make of what a customer told."""

import unicodedata
from collections.abc import Iterable

LONGEST_SUMMARY = 60
_ENDS = "。！？!?\n"
_BEFORE_DOTS = " .,;:…，、；："  # what would read oddly before the dots of a cut
LEAST_SENTENCE = 6


def summary_of(content: str) -> str:
    """The first sentence of a text, cut where it is too long for a line."""
    line = " ".join(content.split("\n", 1)[0].split())
    ends = (place for place, character in enumerate(line) if character in _ENDS and place >= LEAST_SENTENCE)
    sentence = line[: next(ends, len(line))].strip()
    return (
        sentence
        if len(sentence) <= LONGEST_SUMMARY
        else sentence[: LONGEST_SUMMARY - 1].rstrip(_BEFORE_DOTS) + "…"
    )


def folded(text: str) -> str:
    """One form for every character: full-width and upper-case letters and digits are found by plain ones."""
    return unicodedata.normalize("NFKC", text).casefold()


def searchable(parts: Iterable[str]) -> str:
    """What a search looks through; lines keep parts from running into one another."""
    return folded("\n".join(part for part in parts if part))
