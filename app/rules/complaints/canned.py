"""Canned replies: texts that are written once, with places for what differs from case to case."""

import re
from collections.abc import Mapping

# A place is written in either language; both mean the same.
PLACES: Mapping[str, str] = {"number": "编号", "customer": "客户", "unit": "部门", "date": "日期"}
LONGEST = 5000
_PLACE = re.compile(r"[{｛]([^{}｛｝\n]{0,40})[}｝]")
_MEANT = {name: name for name in PLACES} | {name: code for code, name in PLACES.items()}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, by the English names of the places; anything else in braces stays as it is.

    One pass, so that braces inside a value are never filled again.
    """
    return _PLACE.sub(lambda found: values.get(_MEANT.get(found[1].strip().lower(), ""), found[0]), text)


def unknown_places(text: str) -> list[str]:
    """What stands in braces and is no place, in order, each once."""
    names = (found[1].strip() for found in _PLACE.finditer(text))
    return list(dict.fromkeys(name for name in names if name.lower() not in _MEANT))


def text_for(language: str, chinese: str, english: str) -> str:
    """The text in the customer's language; in the other one where it is missing."""
    return (english or chinese) if language == "en" else (chinese or english)


def may_edit(*, is_service: bool, heads_a_unit: bool, service_has_heads: bool) -> bool:
    """The leads of customer service: those who head a unit; where nobody of it does, everybody of it."""
    return is_service and (heads_a_unit or not service_has_heads)
