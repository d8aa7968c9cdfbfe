"""From rows of `response` to arrays."""

import calendar
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, text

from app.queries.frames.frame import FIELDS, INVALID, NOBODY, NOT_SHOWN, SKIPPED, Frame, Labels
from app.queries.frames.plan import Plan
from app.rules.questionnaire import NA, Answer, Question, ScoredItem
from app.stats.status import Status

_COLUMNS = (
    "SELECT id, customer_id, unit_id, channel, language, CAST(profile AS TEXT), CAST(answers AS TEXT),"
    " submitted_at FROM response WHERE survey_id = :survey AND state = 'complete'"
)
_AFTER = text(f"{_COLUMNS} AND id > :after ORDER BY id")
_THESE = text(f"{_COLUMNS} AND id IN :ids ORDER BY id").bindparams(bindparam("ids", expanding=True))
CHUNK = 5_000
_IDS_AT_ONCE = 500
_ABSENT = object()

Row = Sequence[Any]


def read_after(connection: Connection, plan: Plan, after: int) -> Frame:
    """Complete responses with an id above `after`."""
    result = connection.execute(_AFTER, {"survey": plan.survey_id, "after": after})
    return _gather(plan, result.partitions(CHUNK))


def read_these(connection: Connection, plan: Plan, ids: Sequence[int]) -> Frame:
    """The complete responses among these ids."""

    def parts() -> Iterator[Sequence[Row]]:
        for start in range(0, len(ids), _IDS_AT_ONCE):
            wanted = {"survey": plan.survey_id, "ids": list(ids[start : start + _IDS_AT_ONCE])}
            yield connection.execute(_THESE, wanted).all()

    return _gather(plan, parts())


def empty(plan: Plan) -> Frame:
    """A frame without rows."""
    return _chunk(plan, [], {})


def _gather(plan: Plan, chunks: Iterable[Sequence[Row]]) -> Frame:
    profiles: dict[str, tuple[str, ...]] = {}
    frame = empty(plan)
    parts = [_chunk(plan, rows, profiles) for rows in chunks]
    while len(parts) > 1:  # in pairs, so that no row is copied more than a few times
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [pair[0].followed_by(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0] if parts else frame


def _chunk(plan: Plan, rows: Sequence[Row], profiles: dict[str, tuple[str, ...]]) -> Frame:
    documents = [json.loads(row[6]) for row in rows]
    grouped = [_group(row, profiles) for row in rows]
    answers = np.empty((len(plan.items), len(rows)), dtype=np.int8)
    for place, item in enumerate(plan.items.values()):
        answers[place] = _codes([d.get(item.code, _ABSENT) for d in documents], _item_coder(item))
    picks = np.empty((len(plan.choices), len(rows)), dtype=np.int64)
    for place, question in enumerate(plan.choices.values()):
        picks[place] = _codes([d.get(question.code, _ABSENT) for d in documents], _choice_coder(question))
    return Frame(
        plan.survey_id,
        plan.signature,
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([NOBODY if row[1] is None else row[1] for row in rows], dtype=np.int64),
        np.array([seconds(row[7]) for row in rows], dtype=np.int64),
        {field: Labels.of([group[at] for group in grouped]) for at, field in enumerate(FIELDS)},
        tuple(plan.items),
        answers,
        tuple(plan.choices),
        picks,
    )


def _group(row: Row, profiles: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    text_ = row[5] or "{}"
    known = profiles.get(text_)
    if known is None:
        known = profiles[text_] = profile_labels(json.loads(text_) or {})
    unit = "" if row[2] is None else str(row[2])
    return row[3] or "", row[4] or "", unit, *known


def profile_labels(profile: dict[str, Any]) -> tuple[str, ...]:
    """Region, kind, size, key account and tenure as texts, in the order of `FIELDS`."""
    key = profile.get("key_account")
    key_text = "" if key is None else "yes" if key else "no"
    region, kind, size, tenure = (str(profile.get(k) or "") for k in ("region", "kind", "size", "tenure"))
    return region, kind, size, key_text, tenure


def seconds(moment: Any) -> int:
    """An instant as stored, in whole seconds since 1970 UTC; 0 for none."""
    if moment is None:
        return 0
    at = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return calendar.timegm(at.utctimetuple())


def _codes(cells: Sequence[Any], code_of: Callable[[Any], int]) -> list[int]:
    """Code of every cell. A column holds few distinct contents: each is judged once.

    The type belongs to the key because True, 1 and 1.0 are equal but mean different things.
    """
    known: dict[Any, int] = {}
    found = []
    for cell in cells:
        key = (cell.__class__, tuple(cell) if cell.__class__ is list else cell)
        try:
            code = known.get(key)
            if code is None:
                code = known[key] = code_of(cell)
        except TypeError:  # a cell with unhashable parts
            code = code_of(cell)
        found.append(code)
    return found


def _item_coder(item: ScoredItem) -> Callable[[Any], int]:
    """As `rules.answers.answer_status` reads it."""

    def code_of(cell: Any) -> int:
        if cell is _ABSENT:
            return NOT_SHOWN
        if cell is None:
            return SKIPPED
        if cell == NA and item.allow_na:
            return -int(Status.NOT_APPLICABLE)
        if type(cell) is int and item.min <= cell <= item.max:
            return cell
        return INVALID

    return code_of


def _choice_coder(question: Question) -> Callable[[Any], int]:
    places = {option.id: place for place, option in enumerate(question.options)}
    single = question.kind.answer is Answer.CHOICE

    def code_of(cell: Any) -> int:
        if cell is _ABSENT:
            return NOT_SHOWN
        if cell is None:
            return SKIPPED
        chosen = [cell] if single else cell
        if not isinstance(chosen, list) or not all(isinstance(c, str) and c in places for c in chosen):
            return INVALID
        return sum(1 << place for place in {places[c] for c in chosen})

    return code_of
