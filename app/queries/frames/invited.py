"""Who was invited to a survey, and who has answered: the base of the response rate."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, text

from app.queries.frames.frame import FIELDS, Wide
from app.queries.frames.reading import profile_labels
from app.stats.types import FloatArray

# Ids come as one text per group: a row for each of a hundred thousand people takes ten times as long to read.
_PLAIN = """
    SELECT finished, {ids} FROM invitation WHERE survey_id = :survey GROUP BY finished ORDER BY finished
"""
_GROUPED = """
    SELECT finished, {ids}, unit_id, language, CAST(profile AS TEXT) FROM invitation WHERE survey_id = :survey
    GROUP BY finished, unit_id, language, CAST(profile AS TEXT) ORDER BY finished
"""
_IDS = {"sqlite": "group_concat(customer_id)", "postgresql": "string_agg(CAST(customer_id AS TEXT), ',')"}


@dataclass(frozen=True, slots=True)
class Invited:
    """One row per invitation: customer ids and 1.0 for an answer, 0.0 for none."""

    customers: Wide
    answered: FloatArray


def read_invited(
    connection: Connection,
    survey_id: int,
    wanted: Mapping[str, str],
    customers: Iterable[int] | None = None,
) -> Invited | None:
    """The invited whose profile has all the wanted texts. None for a channel: an invitation has none."""
    if "channel" in wanted:
        return None
    sql = (_GROUPED if wanted else _PLAIN).format(ids=_IDS[connection.dialect.name])
    groups = connection.execute(text(sql), {"survey": survey_id}).all()
    if wanted:
        kept = _matching([(group[2], group[3], group[4]) for group in groups], wanted)
        groups = [group for group, keep in zip(groups, kept, strict=True) if keep]
    # Those who did not answer come first, so of a customer invited twice the pair of two waves is always the same.
    each = [np.fromstring(group[1], dtype=np.int64, sep=",") for group in groups]
    ids = np.concatenate(each) if each else np.empty(0, dtype=np.int64)
    finished = np.array([bool(group[0]) for group in groups], dtype=np.float64)
    answered = np.repeat(finished, [part.size for part in each])
    if customers is not None:
        chosen = np.isin(ids, np.fromiter(customers, np.int64))
        ids, answered = ids[chosen], answered[chosen]
    return Invited(ids, answered)


def _matching(rows: list[tuple[int | None, str, str | None]], wanted: Mapping[str, str]) -> list[bool]:
    known: dict[str, tuple[str, ...]] = {}
    kept = []
    for unit_id, language, profile in rows:
        labels = known.get(profile or "")
        if labels is None:
            labels = known[profile or ""] = profile_labels(json.loads(profile or "{}") or {})
        unit = "" if unit_id is None else str(unit_id)
        texts = dict(zip(FIELDS, ("", language, unit, *labels), strict=True))
        kept.append(all(texts[field] == text_ for field, text_ in wanted.items()))
    return kept
