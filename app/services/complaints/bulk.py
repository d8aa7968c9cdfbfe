"""What became of a step that was taken for many cases at once: which took it, and why the others did not.

The cases themselves are changed by the same functions as one by one, each in a transaction of its own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import BulkRun, User
from app.services import audit

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Result:
    """What became of one case: `code` why not, "" for done; `params` as of `Refused`."""

    id: int
    number: str
    code: str
    params: dict[str, object]


def begin(action: str, *, key: str, by: User, now: datetime) -> tuple[BulkRun, bool]:
    """The record of this form, and whether it is sent for the first time."""
    present = _of_key(key, by)
    if present is not None:
        return present, False
    run = BulkRun(key=_key_of(key, by), user_id=by.id, action=action, started_at=now, results=[])
    try:
        # A savepoint: on PostgreSQL the same form may arrive twice at once.
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        present = _of_key(key, by)
        assert present is not None, "it was there a moment ago"
        return present, False
    return run, True


def finish(run: BulkRun, results: Sequence[Result], *, by: User, now: datetime) -> None:
    """Keep what became of each; each case's own step is in the audit log already."""
    run.results = [asdict(one) for one in results]
    run.finished_at = now
    done = sum(1 for one in results if not one.code)
    audit.record(
        "complaint.bulk",
        kind="bulk",
        object_id=run.id,
        by=by,
        now=now,
        step=run.action,
        done=done,
        left=len(results) - done,
    )


def forget_old(*, now: datetime) -> None:
    """Remove records nobody looks at any more."""
    db.session.execute(delete(BulkRun).where(BulkRun.started_at < now - KEPT))


def _of_key(key: str, by: User) -> BulkRun | None:
    return db.session.scalar(select(BulkRun).where(BulkRun.key == _key_of(key, by)))


def _key_of(key: str, by: User) -> str:
    """A key that was meant for somebody else is another key."""
    return f"{by.id}:{key}"
