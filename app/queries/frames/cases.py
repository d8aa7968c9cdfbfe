"""Feedback and complaints as arrays: one row per feedback, per run of a clock, per callback, per unit of a case.

Everything is a whole number: moments are microseconds since 1970 UTC, texts their place in a list of known ones, and
`NONE` stands for what is not there. The copy on disk can be deleted at any time.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, text

from app.queries.frames import whole
from app.queries.frames.frame import DamagedFrame, Wide
from app.rules.clocks import Clock
from app.rules.complaints import Channel, Kind, Outcome, Satisfaction
from app.stats.types import FloatArray, Mask

# Raised whenever an older file would be read wrongly.
LAYOUT = 1
NONE = np.iinfo(np.int64).min
KINDS, CHANNELS = tuple(Kind), tuple(Channel)
CLOCKS, SATISFACTIONS, OUTCOMES = tuple(Clock), tuple(Satisfaction), tuple(Outcome)
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "channel": CHANNELS,
    "clock": CLOCKS,
    "satisfaction": SATISFACTIONS,
    "outcome": OUTCOMES,
}
_MOMENTS = frozenset({"received", "started", "due", "stopped", "called"})
_MOST_CHANGED = 20_000
_FEW = 500
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class _Table:
    """How one table is read: its columns, and the statement without its condition on the ids of feedback."""

    columns: tuple[str, ...]
    sql: str
    order: str


_TABLES: Mapping[str, _Table] = {
    "cases": _Table(
        (
            "id", "kind", "received", "channel", "category", "unit", "customer", "about", "complaint", "version",
            "round", "handler", "outcome", "cause",
        ),
        "SELECT f.id, f.kind, f.received_at, f.channel, COALESCE(c.category_id, f.category_id),"
        " CASE WHEN c.id IS NULL THEN f.unit_id ELSE c.unit_id END, COALESCE(c.customer_id, f.customer_id),"
        " COALESCE(c.about_user_id, f.about_user_id), c.id, c.version, c.round, c.handler_id, c.outcome, r.cause_id"
        " FROM feedback f LEFT JOIN complaint c ON c.feedback_id = f.id"
        " LEFT JOIN complaint_round r ON r.complaint_id = c.id AND r.number = c.round",
        "f.id",
    ),
    "runs": _Table(
        ("id", "clock", "round", "unit", "started", "due", "stopped"),
        "SELECT f.feedback_id, q.clock, q.round, q.unit_id, q.started_at, q.due_at, q.stopped_at"
        " FROM complaint f JOIN complaint_run q ON q.complaint_id = f.id",
        "f.feedback_id, q.clock, q.round, q.turn",
    ),
    "callbacks": _Table(
        ("id", "round", "called", "satisfaction", "solution", "handling"),
        "SELECT f.feedback_id, r.number, r.called_back_at, r.satisfaction, r.solution_score, r.handling_score"
        " FROM complaint f JOIN complaint_round r ON r.complaint_id = f.id AND r.called_back_at IS NOT NULL",
        "f.feedback_id, r.number",
    ),
    "units": _Table(
        ("id", "unit"),
        "SELECT f.feedback_id, u.unit_id FROM complaint f JOIN complaint_unit u ON u.complaint_id = f.id",
        "f.feedback_id, u.unit_id",
    ),
}  # fmt: skip
_STAMP = text(
    "SELECT (SELECT COUNT(*) FROM feedback), (SELECT COALESCE(MAX(id), 0) FROM feedback),"
    " (SELECT COALESCE(MAX(id), 0) FROM complaint_event),"
    " COUNT(*), COALESCE(SUM(version), 0) FROM complaint"
)
_WHEN = text("SELECT recorded_at FROM complaint_event WHERE id = :id")
_CHANGED = text(
    "SELECT DISTINCT c.feedback_id FROM complaint_event e JOIN complaint c ON c.id = e.complaint_id"
    " WHERE e.id > :event UNION SELECT id FROM feedback WHERE id > :feedback"
)


@dataclass(frozen=True)
class Stamp:
    """What changes when the rows change. `at` is when the newest entry of a log was made: after a backup has been
    restored, the same ids are given again."""

    feedback: int
    newest: int
    event: int
    cases: int
    versions: int
    at: int

    @property
    def sums(self) -> tuple[int, int, int]:
        """What a copy must have once it is up to date."""
        return self.feedback, self.cases, self.versions


@dataclass(frozen=True)
class CaseFrame:
    """All feedback; each table maps a column to its array."""

    stamp: Stamp
    tables: Mapping[str, Mapping[str, Wide]]

    @property
    def cases(self) -> Mapping[str, Wide]:
        """One row per feedback, by id."""
        return self.tables["cases"]

    def belonging(self, table: str, chosen: Mask) -> Wide:
        """For each row of a table the place of its case among `cases`, -1 where that is not chosen."""
        ids = self.cases["id"]
        if not ids.size:
            return np.full(self.tables[table]["id"].size, -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(ids, self.tables[table]["id"]), ids.size - 1)
        return np.where((ids[places] == self.tables[table]["id"]) & chosen[places], places, -1)

    @property
    def sums(self) -> tuple[int, int, int]:
        """As of a stamp."""
        known = self.cases["complaint"] != NONE
        return self.cases["id"].size, int(known.sum()), int(self.cases["version"][known].sum())


def floats(column: Wide) -> FloatArray:
    """The column as the formulas take it: NaN where there is nothing."""
    return np.where(column == NONE, np.nan, column).astype(np.float64)


def current_cases(connection: Connection, folder: Path, *, keep: bool = False) -> CaseFrame:
    """The frame as the database is now; `folder` is HEED_DATA/cache/frames.

    Writing the copy takes longer than reading a few changes again: who waits for figures leaves it to the worker, which
    asks to `keep` it.
    """
    path = folder / "cases.npz"
    # Taken before the rows are read: what comes in between is found the next time.
    stamp = read_stamp(connection)
    stored = _load(path)
    if stored is not None and stored.stamp == stamp:
        return stored
    fresh = _brought_up_to_date(connection, stored, stamp)
    if keep or stored is None or stamp.event - stored.stamp.event > _FEW:
        whole.replace(path, lambda file: np.savez(file, **_packed(fresh)))
    return fresh


def read_stamp(connection: Connection) -> Stamp:
    """How the database is now."""
    feedback, newest, event, cases, versions = (int(one) for one in connection.execute(_STAMP).one())
    return Stamp(feedback, newest, event, cases, versions, _recorded_at(connection, event))


def _recorded_at(connection: Connection, event: int) -> int:
    return int(_moments([connection.execute(_WHEN, {"id": event}).scalar_one_or_none()])[0])


def _brought_up_to_date(connection: Connection, stored: CaseFrame | None, stamp: Stamp) -> CaseFrame:
    if stored is not None and _recorded_at(connection, stored.stamp.event) == stored.stamp.at:
        since = {"event": stored.stamp.event, "feedback": stored.stamp.newest}
        changed = [int(one) for one in connection.execute(_CHANGED, since).scalars()]
        if len(changed) <= _MOST_CHANGED:
            fresh = CaseFrame(stamp, _with_new(stored, _read_these(connection, changed), changed))
            # A transaction may end after one that began later: then its entries are below the newest one.
            if fresh.sums == stamp.sums:
                return fresh
    return CaseFrame(stamp, {name: _read(connection, table, "") for name, table in _TABLES.items()})


def _read_these(connection: Connection, ids: list[int]) -> Mapping[str, list[Mapping[str, Wide]]]:
    parts = [ids[at : at + _IDS_AT_ONCE] for at in range(0, len(ids), _IDS_AT_ONCE)]
    return {
        name: [
            _read(connection, table, f" WHERE {table.order.partition(',')[0]} IN :ids", part)
            for part in parts
        ]
        for name, table in _TABLES.items()
    }


def _read(
    connection: Connection, table: _Table, condition: str, ids: Iterable[int] = ()
) -> Mapping[str, Wide]:
    statement = text(f"{table.sql}{condition} ORDER BY {table.order}")
    if condition:
        statement = statement.bindparams(bindparam("ids", expanding=True))
    rows = connection.execute(statement, {"ids": list(ids)} if condition else {}).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(table.columns)
    return {name: _array(name, column) for name, column in zip(table.columns, columns, strict=True)}


def _array(name: str, column: Iterable[Any]) -> Wide:
    if name in _MOMENTS:
        return _moments(column)
    if name in _TEXTS:
        places = {known: place for place, known in enumerate(_TEXTS[name])}
        return np.array([places.get(one, NONE) for one in column], dtype=np.int64)
    return np.array([NONE if one is None else one for one in column], dtype=np.int64)


def _moments(column: Iterable[Any]) -> Wide:
    # What is missing becomes NaT, whose number is NONE.
    return np.array(list(column), dtype="datetime64[us]").astype(np.int64)


def _with_new(
    stored: CaseFrame, read: Mapping[str, list[Mapping[str, Wide]]], changed: list[int]
) -> Mapping[str, Mapping[str, Wide]]:
    """The stored rows without those that changed, and the new ones, in order."""
    gone = np.array(sorted(changed), dtype=np.int64)
    found = {}
    for name, table in stored.tables.items():
        kept = ~np.isin(table["id"], gone)
        joined = {
            column: np.concatenate([values[kept], *(part[column] for part in read[name])])
            for column, values in table.items()
        }
        order = np.argsort(joined["id"], kind="stable")
        found[name] = {column: values[order] for column, values in joined.items()}
    return found


def _packed(frame: CaseFrame) -> dict[str, Any]:
    about = json.dumps({"layout": LAYOUT, "stamp": list(vars(frame.stamp).values())})
    arrays = {name: np.stack(list(table.values())) for name, table in frame.tables.items()}
    return {"about": np.frombuffer(about.encode(), dtype=np.uint8), **arrays}


def _load(path: Path) -> CaseFrame | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            if about["layout"] != LAYOUT:
                raise DamagedFrame
            return CaseFrame(
                Stamp(*about["stamp"]),
                {
                    name: dict(zip(table.columns, stored[name], strict=True))
                    for name, table in _TABLES.items()
                },
            )
    # numpy and zipfile raise whatever their parts raise on a damaged file.
    except Exception:
        return None
