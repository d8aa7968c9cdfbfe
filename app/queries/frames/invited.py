"""Who was invited to a survey, and who has answered: the base of the response rate."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, text

from app.queries.frames.frame import FIELDS, Wide
from app.queries.frames.reading import profile_labels
from app.stats.types import FloatArray

_PLAIN = text("SELECT customer_id, finished FROM invitation WHERE survey_id = :survey")
_GROUPED = text(
    "SELECT customer_id, finished, unit_id, language, CAST(profile AS TEXT)"
    " FROM invitation WHERE survey_id = :survey"
)


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
    if wanted:
        rows = connection.execute(_GROUPED, {"survey": survey_id}).all()
        kept = _matching([(row[2], row[3], row[4]) for row in rows], wanted)
        pairs = [(row[0], row[1]) for row, keep in zip(rows, kept, strict=True) if keep]
    else:
        pairs = [(row[0], row[1]) for row in connection.execute(_PLAIN, {"survey": survey_id}).all()]
    ids = np.array([pair[0] for pair in pairs], dtype=np.int64)
    answered = np.array([bool(pair[1]) for pair in pairs], dtype=np.float64)
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
