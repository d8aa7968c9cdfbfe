"""The builder's operations: a content document in, a new one out, the old one untouched.

Ids and codes stay unique through every operation and a new document always parses. Fresh ids
come from outside as an iterator of strings; taken ones are skipped. `reserved` holds codes of
earlier versions that must not be given to another question, because answers are stored under
them. Conditions follow a changed code; those on a deleted question stay, so that restoring it
heals them, and `lint` reports them meanwhile.
"""

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from app.rules.questionnaire.document import Content, codes_of
from app.rules.questionnaire.reading import CODE_PATTERN, MAX_QUESTIONS, parse
from app.rules.questionnaire.types import TYPES

MAX_CODE_LENGTH = 40
SETTINGS = ("languages", "default_language", "title", "intro", "thanks", "minutes")


class EditError(ValueError):
    """An operation that can't be done: `code` says why, `subject` which id, key or code."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code}: {subject}")
        self.code = code
        self.subject = subject


class Added(NamedTuple):
    """The changed document, and the id of what was added."""

    content: Content
    id: str


class Removed(NamedTuple):
    """What `delete_question` took out, with what `restore_question` needs to put it back."""

    content: Content
    question: Content
    page_id: str
    position: int


def update_settings(content: Content, changes: Mapping[str, Any]) -> Content:
    """The document with other top-level keys (all but `pages`), e.g. title or languages.

    Texts are replaced as a whole; taking a language off the list deletes no translation.
    """
    for key in changes:
        if key not in SETTINGS:
            raise EditError("unknown_key", key)
    return _checked(copy.deepcopy({**content, **changes}))


def add_page(content: Content, *, ids: Iterator[str], after: str | None = None) -> Added:
    """An empty page behind page `after`, or at the end."""
    new = copy.deepcopy(content)
    page: Content = {"id": _fresh_id(new, ids), "title": {}, "questions": []}
    at = len(new["pages"]) if after is None else _page_at(new, after) + 1
    new["pages"].insert(at, page)
    return Added(new, page["id"])


def update_page(content: Content, page_id: str, *, title: Mapping[str, str]) -> Content:
    """The page with another title."""
    new = copy.deepcopy(content)
    new["pages"][_page_at(new, page_id)]["title"] = dict(title)
    return _checked(new)


def move_page(content: Content, page_id: str, *, to: int) -> Content:
    """The page at place `to` (0-based, clipped to the questionnaire)."""
    new = copy.deepcopy(content)
    page = new["pages"].pop(_page_at(new, page_id))
    new["pages"].insert(max(0, to), page)
    return new


def delete_page(content: Content, page_id: str) -> Content:
    """Without the page, which must be empty: questions are never lost on the way."""
    new = copy.deepcopy(content)
    page = new["pages"].pop(_page_at(new, page_id))
    if page["questions"]:
        raise EditError("page_not_empty", page_id)
    return new


def add_question(
    content: Content,
    type_name: str,
    *,
    ids: Iterator[str],
    after: str | None = None,
    page: str | None = None,
    reserved: Collection[str] = (),
) -> Added:
    """A new question behind question `after`, at the end of `page`, or on a new last page."""
    if type_name not in TYPES:
        raise EditError("unknown_type", type_name)
    new = copy.deepcopy(content)
    if after is None and page is None:
        new, page = add_page(new, ids=ids)
    question: Content = {
        "id": _fresh_id(new, ids),
        "code": _fresh_code(new, type_name, reserved),
        "type": type_name,
        "text": {},
        "hint": {},
        "required": False,
        "indicator": None,
        "show_if": None,
        **copy.deepcopy(dict(TYPES[type_name].defaults)),
    }
    _insert(new, question, after=after, page=page)
    if "options" in question:
        for _ in range(2):
            _add_option(new, question, ids)
    if "rows" in question:
        code = _fresh_code(new, f"{question['code']}_row", reserved)
        row: Content = {
            "id": _fresh_id(new, ids),
            "code": code,
            "text": {},
            "indicator": None,
        }
        question["rows"] = [row]
    return Added(new, question["id"])


def update_question(
    content: Content,
    question_id: str,
    changes: Mapping[str, Any],
    *,
    ids: Iterator[str] | None = None,
    reserved: Collection[str] = (),
) -> Content:
    """The question with `changes` (keys of its type; never its id or type).

    Options and rows without an `id` get one, rows without a `code` too. Raises `EditError` for
    an unknown key or a taken code, `ContentError` for a value of the wrong shape.
    """
    new = copy.deepcopy(content)
    question = _question(new, question_id)
    for key in changes:
        if key in ("id", "type") or key not in TYPES[question["type"]].allowed_keys:
            raise EditError("unknown_key", key)
    former = _named_codes(question)
    question.update(copy.deepcopy(dict(changes)))
    _name_parts(new, question, iter(()) if ids is None else ids, reserved)
    _checked(new)
    renamed = {}
    for identity, code in _named_codes(question).items():
        if code in reserved and code not in former.values():
            raise EditError("code_reserved", code)
        if former.get(identity, code) != code:
            renamed[former[identity]] = code
    _rename(new, renamed)
    return new


def move_question(
    content: Content,
    question_id: str,
    direction: str | None = None,
    *,
    page: str | None = None,
    position: int = 0,
) -> Content:
    """The question one place `up` or `down`, or at `position` of `page` (0-based, clipped).

    At the edge of a page, up and down go over to the neighbouring page; at the edge of the
    questionnaire nothing changes.
    """
    new = copy.deepcopy(content)
    page_at, at = _find(new, question_id)
    if direction is not None:
        return _step(new, page_at, at, direction)
    if page is None:
        raise EditError("no_destination", question_id)
    target = new["pages"][_page_at(new, page)]
    question = new["pages"][page_at]["questions"].pop(at)
    target["questions"].insert(max(0, position), question)
    return new


def duplicate_question(
    content: Content,
    question_id: str,
    *,
    ids: Iterator[str],
    reserved: Collection[str] = (),
) -> Added:
    """A copy right behind the question, with ids and codes of its own."""
    new = copy.deepcopy(content)
    twin = copy.deepcopy(_question(new, question_id))
    twin["id"] = _fresh_id(new, ids)
    twin["code"] = _fresh_code(new, twin["code"], reserved)
    rows, twin["rows"] = twin.get("rows", []), []
    _insert(new, twin, after=question_id, page=None)
    for option in twin.get("options", []):
        option["id"] = _fresh_id(new, ids)
    for row in rows:
        row["id"] = _fresh_id(new, ids)
        row["code"] = _fresh_code(new, row["code"], reserved)
        twin["rows"].append(row)
    if not rows:
        del twin["rows"]
    return Added(new, twin["id"])


def delete_question(content: Content, question_id: str) -> Removed:
    """Without the question; its page stays even when it is now empty."""
    new = copy.deepcopy(content)
    page_at, at = _find(new, question_id)
    page = new["pages"][page_at]
    return Removed(new, page["questions"].pop(at), page["id"], at)


def restore_question(
    content: Content, question: Mapping[str, Any], *, page_id: str, position: int
) -> Content:
    """The deleted question back in its place, or on the last page when its page is gone.

    Raises `EditError("code_taken" | "id_taken")` when something has taken its place meanwhile.
    """
    new = copy.deepcopy(content)
    if not new["pages"]:
        raise EditError("no_page", page_id)
    page = next((one for one in new["pages"] if one["id"] == page_id), new["pages"][-1])
    page["questions"].insert(max(0, position), copy.deepcopy(dict(question)))
    return _checked(new)


def _step(new: Content, page_at: int, at: int, direction: str) -> Content:
    if direction not in ("up", "down"):
        raise EditError("unknown_direction", direction)
    pages = new["pages"]
    here = pages[page_at]["questions"]
    to = at - 1 if direction == "up" else at + 1
    next_page = page_at - 1 if direction == "up" else page_at + 1
    if 0 <= to < len(here):
        here.insert(to, here.pop(at))
    elif 0 <= next_page < len(pages):
        there = pages[next_page]["questions"]
        there.insert(len(there) if direction == "up" else 0, here.pop(at))
    return new


def _checked(new: Content) -> Content:
    """The document if it parses and every id and code is unique."""
    codes = list(codes_of(parse(new)))
    _refuse_twice(codes, "code_taken")
    _refuse_twice([page["id"] for page in new["pages"]] + [one["id"] for one in _questions(new)], "id_taken")
    for question in _questions(new):
        # Options and rows are told apart within their question only; "other" may stand in several.
        parts = (*question.get("options", ()), *question.get("rows", ()))
        _refuse_twice([part["id"] for part in parts], "id_taken")
    return new


def _refuse_twice(names: list[str], code: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise EditError(code, name)
        seen.add(name)


def _questions(content: Content) -> Iterator[Content]:
    for page in content["pages"]:
        yield from page["questions"]


def _all_ids(content: Content) -> Iterator[str]:
    """Ids of pages, questions, options and rows; a fresh one is none of them."""
    for page in content["pages"]:
        yield page["id"]
        for question in page["questions"]:
            yield question["id"]
            for part in (*question.get("options", ()), *question.get("rows", ())):
                yield part.get("id", "")


def _all_codes(content: Content) -> set[str]:
    return {code for question in _questions(content) for code in _named_codes(question).values()}


def _named_codes(question: Content) -> dict[str, str]:
    """Codes by the id of the question or row that carries them."""
    rows = {row["id"]: row["code"] for row in question.get("rows", ()) if row.get("code")}
    return {question["id"]: question["code"], **rows}


def _fresh_id(content: Content, ids: Iterator[str]) -> str:
    taken = set(_all_ids(content))
    for candidate in ids:
        if candidate and candidate not in taken:
            return candidate
    raise EditError("ids_exhausted")


def _fresh_code(content: Content, wish: str, reserved: Collection[str]) -> str:
    """`wish` with the first free number behind it."""
    taken = _all_codes(content)
    stem = wish.rstrip("0123456789").rstrip("_")[: MAX_CODE_LENGTH - 6]
    number = 1
    while (code := f"{stem}_{number}") in taken or code in reserved:
        number += 1
    if not CODE_PATTERN.fullmatch(code):
        raise EditError("bad_code", code)
    return code


def _add_option(content: Content, question: Content, ids: Iterator[str]) -> None:
    option = {
        "id": _fresh_id(content, ids),
        "text": {},
        "other": False,
        "exclusive": False,
    }
    question["options"].append(option)


def _name_parts(content: Content, question: Content, ids: Iterator[str], reserved: Collection[str]) -> None:
    """Give ids to new options and rows, and codes to new rows."""
    for key in ("options", "rows"):
        for part in question.get(key, ()) if isinstance(question.get(key), list) else ():
            if not isinstance(part, dict):
                raise EditError("bad_part", key)
            if not part.get("id"):
                part["id"] = _fresh_id(content, ids)
            if key == "rows" and not part.get("code"):
                wish = f"{question['code']}_row"
                part["code"] = _fresh_code(content, wish, reserved)


def _rename(content: Content, renamed: Mapping[str, str]) -> None:
    """Let conditions follow changed codes (old -> new, all at once, so that a swap works)."""
    for question in _questions(content):
        condition = question.get("show_if") or {}
        for checks in condition.values():
            for check in checks:
                check["question"] = renamed.get(check["question"], check["question"])


def _find(content: Content, question_id: str) -> tuple[int, int]:
    for page_at, page in enumerate(content["pages"]):
        for at, question in enumerate(page["questions"]):
            if question["id"] == question_id:
                return page_at, at
    raise EditError("unknown_question", question_id)


def _question(content: Content, question_id: str) -> Content:
    page_at, at = _find(content, question_id)
    found: Content = content["pages"][page_at]["questions"][at]
    return found


def _page_at(content: Content, page_id: str) -> int:
    for at, page in enumerate(content["pages"]):
        if page["id"] == page_id:
            return at
    raise EditError("unknown_page", page_id)


def _insert(content: Content, question: Content, *, after: str | None, page: str | None) -> None:
    if sum(1 for _ in _questions(content)) >= MAX_QUESTIONS:
        raise EditError("too_many_questions")
    if after is not None:
        page_at, at = _find(content, after)
        content["pages"][page_at]["questions"].insert(at + 1, question)
    elif page is not None:
        content["pages"][_page_at(content, page)]["questions"].append(question)
