"""Which feedback and complaints a question is about, and among how many customers."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
from sqlalchemy import Connection, text

from app.queries.complaints.summary.asking import Scope, Stretch
from app.queries.frames.cases import CHANNELS, CLOCKS, KINDS, NONE, OUTCOMES, CaseFrame, floats
from app.queries.frames.frame import Wide
from app.rules.clocks import Clock
from app.rules.complaints import LEFT_OUT, REPEAT_DAYS, Kind
from app.stats.types import FloatArray, Mask

MINUTE = 60_000_000
_DAY = 1440 * MINUTE
_CUSTOMERS = text("SELECT unit_id, customer_since, COUNT(*) FROM customer GROUP BY unit_id, customer_since")


def micros(moment: str) -> int:
    """A moment in UTC as the frame counts it."""
    plain = datetime.fromisoformat(moment).replace(tzinfo=None)
    return int(np.datetime64(plain, "us").astype(np.int64))


@dataclass(frozen=True)
class Selection:
    """The rows that the reader's scope leaves, before any period is looked at."""

    frame: CaseFrame
    scope: Scope

    @cached_property
    def visible(self) -> Mask:
        """Cases of the wanted kind that the reader may see, of whatever unit, those left out among them."""
        cases, scope = self.frame.cases, self.scope
        mask = cases["kind"] == KINDS.index(Kind(scope.kind))
        if scope.without_about is not None:
            mask &= cases["about"] != scope.without_about
        if scope.own_units is not None:
            mask &= self._involved(scope.own_units) | (cases["handler"] == scope.handler)
        return np.asarray(mask)

    @cached_property
    def chosen(self) -> Mask:
        """Those of them that are with the chosen units."""
        if self.scope.units is None:
            return self.visible
        return np.asarray(self.visible & np.isin(self.frame.cases["unit"], self.scope.units))

    def _involved(self, units: tuple[int, ...]) -> Mask:
        links = self.frame.tables["units"]
        return np.isin(self.frame.cases["id"], links["id"][np.isin(links["unit"], units)])

    @cached_property
    def left_out(self) -> Mask:
        """What is not accepted as a complaint or went into another case."""
        return np.isin(self.frame.cases["outcome"], [OUTCOMES.index(one) for one in LEFT_OUT])

    @cached_property
    def counted(self) -> Mask:
        """The cases that count."""
        return np.asarray(self.chosen & ~self.left_out)

    @cached_property
    def first(self) -> int | None:
        """When the first feedback on record was received, of whatever kind."""
        received = self.frame.cases["received"]
        return int(received.min()) if received.size else None

    def knows(self, stretch: Stretch) -> bool:
        """Whether feedback was recorded throughout a period: else it would look like a time of few complaints."""
        return self.first is not None and self.first < micros(stretch.begins)

    def received(self, stretch: Stretch, mask: Mask | None = None) -> Mask:
        """Of the cases that count, or of the mask, those received in a period."""
        return within(self.frame.cases["received"], stretch) & (self.counted if mask is None else mask)

    @cached_property
    def repeats(self) -> Mask:
        """Cases whose customer had complained before, not long ago; with whomever that case is or was."""
        cases = self.frame.cases
        complaint = (cases["kind"] == KINDS.index(Kind.COMPLAINT)) & ~self.left_out
        places = np.flatnonzero(complaint & (cases["customer"] != NONE))
        order = places[
            np.lexsort((cases["id"][places], cases["received"][places], cases["customer"][places]))
        ]
        same = cases["customer"][order][1:] == cases["customer"][order][:-1]
        soon = np.diff(cases["received"][order]) <= REPEAT_DAYS * _DAY
        found = np.zeros(cases["id"].size, dtype=np.bool_)
        found[order[1:][same & soon]] = True
        return found

    @cached_property
    def run_cases(self) -> Wide:
        """For each run the place of its case, -1 where it does not count."""
        return self.frame.belonging("runs", self.counted)

    def runs_of(self, clock: Clock) -> Mask:
        """The runs of a clock that count. The department's clock is that of the units whose turn it was, wherever the
        case is now.
        """
        runs = self.frame.tables["runs"]
        mask = runs["clock"] == CLOCKS.index(clock)
        if clock is not Clock.DEPARTMENT:
            return np.asarray(mask & (self.run_cases >= 0))
        mask &= self.frame.belonging("runs", self.visible & ~self.left_out) >= 0
        for units in (self.scope.units, self.scope.own_units):
            if units is not None:
                mask &= np.isin(runs["unit"], units)
        return np.asarray(mask)

    def resolving(self, mask: Mask) -> tuple[FloatArray, FloatArray]:
        """Receipt of these cases and when the result was told that stood; in whole minutes, as a clock shows them."""
        runs, cases = self.frame.tables["runs"], self.frame.cases
        places = self.run_cases
        last = self.runs_of(Clock.CUSTOMER) & (runs["round"] == cases["round"][places]) & mask[places]
        return _minutes(cases["received"][places[last]]), _minutes(runs["stopped"][last])

    def acknowledging(self, mask: Mask) -> tuple[FloatArray, FloatArray]:
        """Receipt of these cases and when the customer first heard of us; in whole minutes."""
        runs, places = self.frame.tables["runs"], self.run_cases
        chosen = self.runs_of(Clock.ACKNOWLEDGE) & mask[places]
        return _minutes(runs["started"][chosen]), _minutes(runs["stopped"][chosen])

    @cached_property
    def callback_cases(self) -> Wide:
        """For each callback the place of its case, -1 where it does not count."""
        return self.frame.belonging("callbacks", self.counted)

    def labels(self, field: str, mask: Mask) -> dict[str, int]:
        """Cases of the mask by category, unit, cause or channel; "" is none."""
        values, counts = np.unique(self.frame.cases[field][mask], return_counts=True)
        return {_label(field, int(value)): int(n) for value, n in zip(values, counts, strict=True)}


def _label(field: str, value: int) -> str:
    if value == NONE:
        return ""
    return CHANNELS[value].value if field == "channel" else str(value)


def _minutes(moments: Wide) -> FloatArray:
    return np.floor(floats(moments) / MINUTE)


def within(moments: Wide, stretch: Stretch) -> Mask:
    """Which moments lie in a period."""
    return np.asarray((moments >= micros(stretch.begins)) & (moments < micros(stretch.ends)))


@dataclass(frozen=True)
class Customers:
    """The customers on record, by unit and by the day since when they are customers."""

    rows: tuple[tuple[int | None, date | None, int], ...]

    @classmethod
    def read(cls, connection: Connection) -> "Customers":
        """As they are on record now."""
        rows = connection.execute(_CUSTOMERS).all()
        return cls(tuple((unit, _day(since), int(count)) for unit, since, count in rows))

    def by(self, last_day: str, units: tuple[int, ...] | None = None) -> int:
        """How many were customers by a day; those of whom the day is not known are taken to have been always."""
        until = date.fromisoformat(last_day)
        return sum(
            count
            for unit, since, count in self.rows
            if (units is None or unit in units) and (since is None or since <= until)
        )


def _day(value: str | date | None) -> date | None:
    # SQLite hands out the text that it keeps.
    return date.fromisoformat(value) if isinstance(value, str) else value
