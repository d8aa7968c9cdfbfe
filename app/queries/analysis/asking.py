"""What is asked of the analyst: survey, comparison, filter, and the state of the data it is asked about."""

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from typing import Any

from app.queries.figures.formulas import fingerprint

# Figures depend on these folders; a change of any file makes every kept result stale.
_SOURCES = ("stats", "queries/figures", "queries/frames", "queries/analysis", "rules/questionnaire")


@dataclass(frozen=True)
class Filters:
    """Which answers count. `chosen` maps fields (see `queries.frames.frame.FIELDS`) to texts; `customers`
    are the ids of a segment, None for everybody."""

    chosen: Mapping[str, str] = field(default_factory=dict)
    segment: int | None = None
    customers: tuple[int, ...] | None = None

    @property
    def used(self) -> bool:
        """Whether anything is left out."""
        return bool(self.chosen) or self.segment is not None


@dataclass(frozen=True)
class Asking:
    """One question to the analyst.

    `cautious`: the reader must not be able to work out a group below `least` by subtraction (roles that
    see groups only). `stamps`: what the data looked like when the question was put.
    """

    survey_id: int
    previous_id: int | None
    filters: Filters
    least: int
    cautious: bool
    stamps: tuple[tuple[int, ...], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Asking":
        filters = raw["filters"]
        customers = filters["customers"]
        return cls(
            raw["survey_id"],
            raw["previous_id"],
            Filters(
                dict(filters["chosen"]), filters["segment"], None if customers is None else tuple(customers)
            ),
            raw["least"],
            raw["cautious"],
            tuple(tuple(stamp) for stamp in raw["stamps"]),
        )

    @property
    def subject(self) -> Hashable:
        """What is asked, whatever the data are: equal for the same question about other data."""
        chosen = tuple(sorted(self.filters.chosen.items()))
        people = (self.filters.segment, self.filters.customers)
        return self.survey_id, self.previous_id, chosen, people, self.least, self.cautious

    @cached_property
    def key(self) -> str:
        """Name of the result: the same question about the same data by the same formulas."""
        text = json.dumps([formulas(), self.to_json()], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def formulas() -> str:
    """Fingerprint of the code that the figures come from."""
    return fingerprint(_SOURCES)
