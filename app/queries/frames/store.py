"""The columnar copy below HEED_DATA/cache/frames: brought up to date by what is new, rebuilt when in doubt.

The copy can be deleted at any time. Two processes may bring it up to date at once: each writes a file of
its own and renames it, so whoever comes last replaces a whole copy by a whole copy.
"""

from pathlib import Path

import numpy as np
from sqlalchemy import Connection, text

from app.queries.frames import frame as frames
from app.queries.frames import reading, whole
from app.queries.frames.frame import DamagedFrame, Frame
from app.queries.frames.plan import Plan

_STAMP = text(
    "SELECT COUNT(*), COALESCE(SUM(id), 0) FROM response WHERE survey_id = :survey AND state = 'complete'"
)
# By itself it is found at once; beside a count it would be looked for in every row.
_NEWEST = text("SELECT COALESCE(MAX(id), 0) FROM response WHERE survey_id = :survey AND state = 'complete'")
_WHEN = text("SELECT submitted_at FROM response WHERE id = :id")
_IDS = text("SELECT id FROM response WHERE survey_id = :survey AND state = 'complete' ORDER BY id")


def current_frame(connection: Connection, folder: Path, plan: Plan) -> Frame:
    """The frame of a survey as the database is now; `folder` is HEED_DATA/cache/frames."""
    path = folder / f"{plan.survey_id}.npz"
    stored = _load(path, plan)
    if stored is not None and not _same_history(connection, stored):
        stored = None
    if stored is not None and _stamp(connection, plan.survey_id) == _stamp_of(stored):
        return stored
    fresh = _brought_up_to_date(connection, plan, stored)
    _save(path, fresh)
    return fresh


def _load(path: Path, plan: Plan) -> Frame | None:
    try:
        with path.open("rb") as file:
            stored = frames.read(file)
    except (OSError, DamagedFrame):
        return None
    same = (stored.survey_id, stored.signature) == (plan.survey_id, plan.signature)
    columns = (stored.items, stored.choices) == (tuple(plan.items), tuple(plan.choices))
    return stored if same and columns else None


def _same_history(connection: Connection, stored: Frame) -> bool:
    """Whether the newest row of the copy is still that row. After a backup has been restored the same ids are
    given again, to other answers."""
    if not stored.n:
        return True
    newest = int(np.argmax(stored.ids))
    moment = connection.execute(_WHEN, {"id": int(stored.ids[newest])}).scalar_one_or_none()
    return reading.seconds(moment) == int(stored.submitted[newest])


def _stamp(connection: Connection, survey_id: int) -> tuple[int, int, int]:
    count, total = connection.execute(_STAMP, {"survey": survey_id}).one()
    newest = connection.execute(_NEWEST, {"survey": survey_id}).scalar_one()
    return int(count), int(newest), int(total)


def _stamp_of(frame: Frame) -> tuple[int, int, int]:
    return frame.n, int(frame.ids.max(initial=0)), int(frame.ids.sum())


def _brought_up_to_date(connection: Connection, plan: Plan, stored: Frame | None) -> Frame:
    """Add what is missing. A complete response never changes, but one begun early may be finished late,
    so the ids are compared and not only the newest looked at."""
    if stored is None or not stored.n:
        return reading.read_after(connection, plan, 0)
    present = np.fromiter(connection.execute(_IDS, {"survey": plan.survey_id}).scalars().all(), np.int64)
    if not np.isin(stored.ids, present, assume_unique=True).all():
        return reading.read_after(connection, plan, 0)
    missing = np.setdiff1d(present, stored.ids, assume_unique=True)
    newest = int(stored.ids.max())
    late = reading.read_these(connection, plan, [int(i) for i in missing[missing < newest]])
    return stored.followed_by(late).followed_by(reading.read_after(connection, plan, newest))


def _save(path: Path, frame: Frame) -> None:
    whole.replace(path, lambda file: frames.write(frame, file))
