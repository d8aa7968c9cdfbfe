"""What the editor form of a question says, as changes of the document.

Fields of a part carry the part's id (`option-<id>-zh`), and the order is that of the hidden
inputs `option` and `row`, so that parts can be moved about in the browser.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.blueprints.questionnaires.conditions import read_condition
from app.blueprints.questionnaires.site import LANGUAGES, plain, whole_number
from app.rules.questionnaire import TYPES, Content, Questionnaire
from app.rules.questionnaire.reading import CODE_PATTERN

LONGEST = 2000
MOST_PARTS = 100
_PART_ID = re.compile(r"[A-Za-z0-9_-]{1,24}")
Form = MultiDict[str, str]


@dataclass
class Reading:
    """Changes as typed, and per field the code of what is wrong with them."""

    changes: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_question(form: Form, question: Content, questionnaire: Questionnaire) -> Reading:
    """All that the form says about a question of this type."""
    reading = Reading()
    own = TYPES[question["type"]].own_keys
    changes = reading.changes
    for key in ("text", "hint", *(key for key in ("low", "high", "na_text") if key in own)):
        changes[key] = read_text(form, key, question.get(key) or {}, reading)
    changes["code"] = plain(form.get("code", question["code"]))
    if not CODE_PATTERN.fullmatch(changes["code"]):
        reading.errors["code"] = "bad_code"
    changes["required"] = "required" in form and question["type"] != "info"
    if "indicator" in form:
        changes["indicator"] = plain(form["indicator"])[:40] or None
    for key in ("allow_na", "reverse", "dropdown"):
        if key in own:
            changes[key] = key in form
    _read_numbers(form, question, reading, own)
    if "options" in own:
        changes["options"] = _options(form, question, reading)
    if "rows" in own:
        changes["rows"] = _rows(form, question, reading)
    if "labels" in own:
        changes["labels"] = _labels(form, question, changes["points"], reading)
    changes["show_if"] = read_condition(form, question.get("show_if"), questionnaire)
    return reading


def read_text(form: Form, name: str, old: Mapping[str, str], reading: Reading) -> dict[str, str]:
    """A text in every language the form has; languages it does not show keep theirs."""
    text = dict(old)
    for lang in LANGUAGES:
        words = form.get(f"{name}-{lang}")
        if words is None:
            continue
        text[lang] = plain(words)
        if len(text[lang]) > LONGEST:
            reading.errors[f"{name}-{lang}"] = "too_long"
    return {lang: words for lang, words in text.items() if words}


def _read_numbers(form: Form, question: Content, reading: Reading, own: frozenset[str]) -> None:
    bounds = {"points": (3, 11), "max_length": (1, 10_000), "max_choices": (1, MOST_PARTS)}
    for key, (low, high) in bounds.items():
        if key not in own:
            continue
        reading.changes[key] = question.get(key)
        words = plain(form.get(key))
        if key == "max_choices" and key in form and not words:
            reading.changes[key] = None
        elif words:
            number = whole_number(words, low=low, high=high)
            if number is None:
                reading.errors[key] = "number"
            else:
                reading.changes[key] = number


def _part_ids(form: Form, name: str, reading: Reading) -> list[str]:
    ids = list(dict.fromkeys(one for one in form.getlist(name) if _PART_ID.fullmatch(one)))
    if len(ids) > MOST_PARTS:
        reading.errors[name] = "too_many_parts"
    return ids[:MOST_PARTS]


def _options(form: Form, question: Content, reading: Reading) -> list[Content]:
    known = {option["id"]: option for option in question.get("options", ())}
    return [
        {
            "id": one,
            "text": read_text(form, f"option-{one}", known.get(one, {}).get("text", {}), reading),
            "other": f"option-{one}-other" in form,
            "exclusive": f"option-{one}-exclusive" in form,
        }
        for one in _part_ids(form, "option", reading)
    ]


def _rows(form: Form, question: Content, reading: Reading) -> list[Content]:
    known = {row["id"]: row for row in question.get("rows", ())}
    rows = []
    for one in _part_ids(form, "row", reading):
        old = known.get(one, {})
        code = plain(form.get(f"row-{one}-code")) or old.get("code", "")
        if code and not CODE_PATTERN.fullmatch(code):
            reading.errors[f"row-{one}-code"] = "bad_code"
        rows.append(
            {
                "id": one,
                "code": code,
                "text": read_text(form, f"row-{one}", old.get("text", {}), reading),
                "indicator": plain(form.get(f"row-{one}-indicator"))[:40] or None,
            }
        )
    return rows


def _labels(form: Form, question: Content, points: int, reading: Reading) -> list[Content] | None:
    old: Sequence[Content] = question.get("labels") or ()
    labels = [
        read_text(form, f"label-{at}", old[at] if at < len(old) else {}, reading) for at in range(points)
    ]
    return labels if any(labels) else None
