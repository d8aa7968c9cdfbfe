"""The questionnaires that come with the product, from `app/library/*.json`.

Each file is a content document with `key`, `name`, `purpose` and its `indicators` tree.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.rules import indicators
from app.rules.questionnaire import (
    Content,
    Questionnaire,
    estimate_minutes,
    parse,
    scored_items,
)

FOLDER = Path(__file__).parents[1] / "library"
_ORDER = ("general", "touchpoints", "orders")
_OWN_KEYS = ("key", "name", "purpose", "indicators")


@dataclass(frozen=True)
class Template:
    """A ready-made questionnaire; `name` and `purpose` by language, `items` = scored items."""

    key: str
    name: Mapping[str, str]
    purpose: Mapping[str, str]
    minutes: int
    items: int
    indicators: tuple[indicators.Indicator, ...]
    questionnaire: Questionnaire
    _content: Content

    def new_content(self) -> Content:
        """A content document of one's own, to be edited freely."""
        return copy.deepcopy(self._content)


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """All templates, in the order they are offered."""
    return tuple(_load(FOLDER / f"{key}.json") for key in _ORDER)


def template(key: str) -> Template:
    """The template with this key; raises `KeyError` when there is none."""
    for one in templates():
        if one.key == key:
            return one
    raise KeyError(key)


def _load(path: Path) -> Template:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    content = {key: value for key, value in document.items() if key not in _OWN_KEYS}
    questionnaire = parse(content)
    return Template(
        key=document["key"],
        name=document["name"],
        purpose=document["purpose"],
        minutes=questionnaire.minutes or estimate_minutes(questionnaire),
        items=len(scored_items(questionnaire)),
        indicators=indicators.parse(document["indicators"]),
        questionnaire=questionnaire,
        _content=content,
    )
