"""The builder's steps on a draft, each a named edit that can be undone."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.errors import Stale
from app.models import QuestionnaireVersion, User
from app.queries.questionnaires import reserved_codes
from app.rules import questionnaire as rules
from app.rules.questionnaire import Content
from app.services.questionnaires.editing import apply_edit
from app.services.questionnaires.presets import first_words

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def fresh_ids(prefix: str) -> Iterator[str]:
    """Short ids that do not look like words; they appear in addresses and anchors."""
    while True:
        yield prefix + "".join(secrets.choice(_LETTERS) for _ in range(5))


def fingerprint(question: Content) -> str:
    """What a question looked like, in 16 characters, so that a late save can be told from a stale one."""
    text = json.dumps(question, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def add_page(
    version: QuestionnaireVersion, *, after: str | None = None, by: User | None, now: datetime
) -> str:
    """An empty page behind `after` or at the end; returns its id."""
    added = rules.add_page(version.content, ids=fresh_ids("p"), after=after)
    apply_edit(version, lambda _old: added.content, action="add_page", by=by, now=now)
    return added.id


def save_page(
    version: QuestionnaireVersion, page_id: str, title: Mapping[str, str], *, by: User | None, now: datetime
) -> None:
    """Another title of the page. Raises `EditError("unknown_page")`."""
    apply_edit(
        version,
        lambda old: rules.update_page(old, page_id, title=title),
        action="save_page",
        by=by,
        now=now,
    )


def move_page(
    version: QuestionnaireVersion, page_id: str, *, to: int, by: User | None, now: datetime
) -> None:
    """The page at place `to`, counted from 0."""
    apply_edit(version, lambda old: rules.move_page(old, page_id, to=to), action="move_page", by=by, now=now)


def delete_page(version: QuestionnaireVersion, page_id: str, *, by: User | None, now: datetime) -> None:
    """Without the page. Raises `EditError("page_not_empty")` while it has questions."""
    apply_edit(version, lambda old: rules.delete_page(old, page_id), action="delete_page", by=by, now=now)


def add_question(
    version: QuestionnaireVersion,
    type_name: str,
    *,
    after: str | None = None,
    page: str | None = None,
    by: User | None,
    now: datetime,
) -> str:
    """A new question with the usual words of its type (scale labels, ends); returns its id."""
    reserved = reserved_codes(version)
    added = rules.add_question(
        version.content, type_name, ids=fresh_ids("q"), after=after, page=page, reserved=reserved
    )
    content = rules.update_question(added.content, added.id, first_words(type_name))
    apply_edit(version, lambda _old: content, action="add_question", by=by, now=now)
    return added.id


def save_question(
    version: QuestionnaireVersion,
    question_id: str,
    changes: Mapping[str, Any],
    *,
    seen: str | None = None,
    by: User | None,
    now: datetime,
) -> bool:
    """Other keys of one question; returns whether anything changed.

    `seen` is the fingerprint of the question as the person saw it. Raises `Stale` when it has
    been changed since; a change of *another* question does no harm. Raises `EditError` and
    `ContentError` as `rules.questionnaire.update_question`.
    """
    present = find_question(version.content, question_id)
    if seen is not None and seen != fingerprint(present):
        raise Stale("question_changed")
    own = {question_id, *(row["id"] for row in present.get("rows", ()))}
    reserved = reserved_codes(version, but_of=own)
    return apply_edit(
        version,
        lambda old: rules.update_question(old, question_id, changes, ids=fresh_ids("o"), reserved=reserved),
        action="save_question",
        by=by,
        now=now,
    )


def find_question(content: Content, question_id: str) -> Content:
    """The question's part of the document. Raises `EditError("unknown_question")`."""
    for page in content["pages"]:
        for question in page["questions"]:
            if question["id"] == question_id:
                found: Content = question
                return found
    raise rules.EditError("unknown_question", question_id)


def move_question(
    version: QuestionnaireVersion,
    question_id: str,
    direction: str | None = None,
    *,
    page: str | None = None,
    position: int = 0,
    by: User | None,
    now: datetime,
) -> None:
    """One place `up` or `down`, or at `position` of `page`, counted from 0."""
    apply_edit(
        version,
        lambda old: rules.move_question(old, question_id, direction, page=page, position=position),
        action="move_question",
        by=by,
        now=now,
    )


def duplicate_question(
    version: QuestionnaireVersion, question_id: str, *, by: User | None, now: datetime
) -> str:
    """A copy right behind the question; returns its id."""
    added = rules.duplicate_question(
        version.content, question_id, ids=fresh_ids("q"), reserved=reserved_codes(version)
    )
    apply_edit(version, lambda _old: added.content, action="duplicate_question", by=by, now=now)
    return added.id


def delete_question(
    version: QuestionnaireVersion, question_id: str, *, by: User | None, now: datetime
) -> None:
    """Without the question; undo brings it back."""
    apply_edit(
        version,
        lambda old: rules.delete_question(old, question_id).content,
        action="delete_question",
        by=by,
        now=now,
    )


def save_settings(
    version: QuestionnaireVersion,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    by: User | None,
    now: datetime,
) -> bool:
    """Title, intro, thanks, languages. Taking a language off the list deletes no translation."""
    return apply_edit(
        version,
        lambda old: rules.update_settings(old, changes),
        action="save_settings",
        expected_version=expected_version,
        by=by,
        now=now,
    )
