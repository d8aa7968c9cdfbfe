"""What is asked of the analyst: periods, filters, reader, and the state of the data it is asked about."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from app.queries.figures.formulas import fingerprint

# Figures depend on these folders; a change of any file makes every kept result stale.
_SOURCES = ("stats", "queries/figures", "queries/frames", "queries/complaints/summary", "rules/complaints")


@dataclass(frozen=True)
class Stretch:
    """A period as the figures are counted over it: from one moment up to another, in UTC.

    `code` names it (`rules.complaints.periods`); `last_day` is its last day that has begun, and `days` how many have.
    """

    code: str
    begins: str
    ends: str
    last_day: str
    days: int


@dataclass(frozen=True)
class Scope:
    """Whose cases count.

    `units` is what the reader chose, with the units below, None for all. Departments see the cases that their units
    (`own_units`) have or had and those they handle (`handler`). `without_about` leaves out what is about the reader.
    """

    kind: str
    units: tuple[int, ...] | None = None
    own_units: tuple[int, ...] | None = None
    handler: int | None = None
    without_about: int | None = None


@dataclass(frozen=True)
class Asking:
    """One question to the analyst.

    `cautious`: the reader must not be shown groups below `least`. `at` is the moment at which what is open and what is
    late is judged; it does not name the result, because `stamp` holds the hour.
    """

    now: Stretch
    before: Stretch
    year_before: Stretch
    months: tuple[Stretch, ...]
    scope: Scope
    least: int
    cautious: bool
    at: str
    stamp: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Asking":
        """The question that `to_json` wrote."""
        scope = dict(raw["scope"])
        for name in ("units", "own_units"):
            scope[name] = None if scope[name] is None else tuple(scope[name])
        return cls(
            Stretch(**raw["now"]),
            Stretch(**raw["before"]),
            Stretch(**raw["year_before"]),
            tuple(Stretch(**month) for month in raw["months"]),
            Scope(**scope),
            raw["least"],
            raw["cautious"],
            raw["at"],
            tuple(raw["stamp"]),
        )

    @property
    def moment(self) -> datetime:
        """`at` as a moment."""
        return datetime.fromisoformat(self.at)

    @property
    def key(self) -> str:
        """Name of the result: the same question about the same data by the same formulas."""
        raw = {name: value for name, value in self.to_json().items() if name != "at"}
        text = json.dumps([_formulas(), raw], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@cache
def _formulas() -> str:
    return fingerprint(_SOURCES)
