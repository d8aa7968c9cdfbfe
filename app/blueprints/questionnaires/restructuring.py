"""What the small buttons inside the editor form do to the changes before they are stored.

A button is called `do` and its value is `verb` or `verb:subject`.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from app.blueprints.questionnaires.conditions import MOST_CHECKS, first_check
from app.blueprints.questionnaires.fields import LONGEST, MOST_PARTS
from app.blueprints.questionnaires.site import plain
from app.rules.questionnaire import Questionnaire
from app.services.questionnaires.operations import fresh_ids
from app.services.questionnaires.presets import LABELS, scale_words

Changes = dict[str, Any]


def restructure(do: str, changes: Changes, form: MultiDict[str, str], questionnaire: Questionnaire) -> None:
    """Carry out the button `do`; one that is not known does nothing beyond saving."""
    verb, _colon, subject = do.partition(":")
    kind, _dash, step = verb.partition("_")
    key = f"{kind}s"
    if verb == "add" and subject in ("option", "row") and f"{subject}s" in changes:
        _add_parts(changes, subject, form)
    elif key in ("options", "rows") and key in changes and step in _STEPS:
        _STEPS[step](changes[key], subject)
    elif verb == "labels" and "labels" in changes:
        _set_labels(changes, subject)
    elif verb == "check_add":
        _add_check(changes, plain(form.get("if-new")), questionnaire)
    elif verb == "check_remove":
        _remove_check(changes, subject)


def _add_parts(changes: Changes, kind: str, form: MultiDict[str, str]) -> None:
    """One part per pasted line (`中文 | English`), or one empty part."""
    language = "en" if form.get("main-language") == "en" else "zh"
    lines = [line for line in map(plain, form.get(f"more-{kind}s", "").split("\n")) if line] or [""]
    ids = fresh_ids("o")
    for line in lines[: MOST_PARTS - len(changes[f"{kind}s"])]:
        first, _bar, second = line[:LONGEST].partition("|")
        text = {"zh": plain(first), "en": plain(second)} if second else {language: plain(first)}
        part: Changes = {"id": next(ids), "text": {lang: words for lang, words in text.items() if words}}
        part |= {"other": False, "exclusive": False} if kind == "option" else {"code": "", "indicator": None}
        changes[f"{kind}s"].append(part)


def _remove(parts: list[Changes], part_id: str) -> None:
    parts[:] = [part for part in parts if part.get("id") != part_id]


def _shift(parts: list[Changes], part_id: str, by: int) -> None:
    at = next((place for place, part in enumerate(parts) if part.get("id") == part_id), None)
    if at is not None and 0 <= at + by < len(parts):
        parts.insert(at + by, parts.pop(at))


_STEPS: dict[str, Callable[[list[Changes], str], None]] = {
    "remove": _remove,
    "up": lambda parts, part_id: _shift(parts, part_id, -1),
    "down": lambda parts, part_id: _shift(parts, part_id, 1),
}


def _set_labels(changes: Changes, kind: str) -> None:
    if kind in LABELS:
        changes |= scale_words(kind, changes["points"])
    elif kind == "none":
        changes["labels"] = None


def _add_check(changes: Changes, code: str, questionnaire: Questionnaire) -> None:
    if code not in questionnaire.by_code:
        return
    condition = changes.get("show_if") or {"all": []}
    mode, checks = next(iter(condition.items()))
    if len(checks) < MOST_CHECKS:
        changes["show_if"] = {mode: [*checks, first_check(questionnaire, code)]}


def _remove_check(changes: Changes, place: str) -> None:
    condition = changes.get("show_if")
    if not condition or not place.isdigit():
        return
    mode, checks = next(iter(condition.items()))
    kept = [one for at, one in enumerate(checks) if str(at) != place]
    changes["show_if"] = {mode: kept} if kept else None
