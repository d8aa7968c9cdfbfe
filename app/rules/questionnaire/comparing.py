"""What changed between two versions of a questionnaire.

Things are matched by id, which outlives wording, place and code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.rules.questionnaire.document import Content, Questionnaire
from app.rules.questionnaire.writing import question_to_json, to_json


class Change(StrEnum):
    """What can happen to a question from one version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    `subject` is `questionnaire`, `page`, `question`, `option` or `row`; `id` its id ("" for the
    questionnaire), `question` the code of the question concerned (new code where it changed),
    `field` the key that changed; `old`/`new` are plain JSON values.
    """

    change: Change
    subject: str
    id: str
    question: str | None = None
    field: str | None = None
    old: Any = None
    new: Any = None


def diff(old: Questionnaire, new: Questionnaire) -> list[Difference]:
    """Differences from the outside in: questionnaire, pages, questions with their parts."""
    before, after = to_json(old), to_json(new)
    top = [key for key in before if key != "pages"]
    return [
        *_fields(before, after, top, "questionnaire", "", None),
        *_pages(before["pages"], after["pages"]),
        *_questions(old, new),
    ]


def _pages(before: Sequence[Content], after: Sequence[Content]) -> Iterator[Difference]:
    for change, old, new in _pairs(before, after):
        page = new or old or {}
        if change is Change.CHANGED and old and new:
            yield from _fields(old, new, ["title"], "page", page["id"], None)
        else:
            yield Difference(change, "page", page["id"])


def _questions(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    before = [question_to_json(one) for one in old.questions]
    after = [question_to_json(one) for one in new.questions]
    homes = [{one.id: page.id for page in version.pages for one in page.questions} for version in (old, new)]
    moved = _moved([one["id"] for one in before], [one["id"] for one in after])
    for change, was, now in _pairs(before, after, moved=False):
        question = now or was or {}
        if change is not Change.CHANGED or not was or not now:
            yield Difference(change, "question", question["id"], question["code"], None, was, now)
            continue
        pages = [home[now["id"]] for home in homes]
        if now["id"] in moved or pages[0] != pages[1]:
            yield Difference(Change.MOVED, "question", now["id"], now["code"], None, *pages)
        yield from _question_changes(was, now)


def _question_changes(was: Content, now: Content) -> Iterator[Difference]:
    parts = ("options", "rows")
    keys = [key for key in {**was, **now} if key not in (*parts, "id")]
    yield from _fields(was, now, keys, "question", now["id"], now["code"])
    for key in parts:
        subject = key.removesuffix("s")
        for change, old, new in _pairs(was.get(key, []), now.get(key, [])):
            part = new or old or {}
            if change is Change.CHANGED and old and new:
                names = [name for name in part if name != "id"]
                yield from _fields(old, new, names, subject, part["id"], now["code"])
            else:
                yield Difference(change, subject, part["id"], now["code"], None, old, new)


def _fields(
    old: Content,
    new: Content,
    keys: Sequence[str],
    subject: str,
    id_: str,
    code: str | None,
) -> Iterator[Difference]:
    for key in keys:
        if old.get(key) != new.get(key):
            yield Difference(Change.CHANGED, subject, id_, code, key, old.get(key), new.get(key))


def _pairs(
    before: Sequence[Content], after: Sequence[Content], *, moved: bool = True
) -> Iterator[tuple[Change, Content | None, Content | None]]:
    """Removed, then added and kept (`CHANGED`) in the new order; `MOVED` besides where asked."""
    olds = {one["id"]: one for one in before}
    news = {one["id"] for one in after}
    for one in before:
        if one["id"] not in news:
            yield Change.REMOVED, one, None
    shifted = _moved(list(olds), [one["id"] for one in after]) if moved else frozenset()
    for one in after:
        was = olds.get(one["id"])
        yield (Change.CHANGED if was else Change.ADDED), was, one
        if one["id"] in shifted:
            yield Change.MOVED, was, one


def _moved(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """The fewest ids that must have moved: those outside a longest common order."""
    places = {one: at for at, one in enumerate(before)}
    kept = [one for one in after if one in places]
    best: list[tuple[int, int | None]] = []
    for at, one in enumerate(kept):
        earlier = [(best[back][0] + 1, back) for back in range(at) if places[kept[back]] < places[one]]
        best.append(max(earlier, default=(1, None), key=lambda pair: pair[0]))
    at_end = max(range(len(best)), key=lambda at: best[at][0], default=None)
    stayed: set[str] = set()
    while at_end is not None:
        stayed.add(kept[at_end])
        at_end = best[at_end][1]
    return frozenset(kept) - stayed
