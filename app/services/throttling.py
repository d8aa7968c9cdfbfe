"""The memory of failed tries, shared by all processes. How long to wait is in `rules.throttle`."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.extensions import db
from app.models import SignInThrottle
from app.rules.throttle import Policy, wait_after

KEPT = timedelta(days=2)


def try_once(*subject: str, policy: Policy, now: datetime) -> timedelta:
    """Count a try *before* it is made and return how long it has to wait; zero means go ahead.

    Counting first is what keeps a thousand tries at the same moment from all getting through.
    `succeeded` takes the count back. A try that has to wait is not counted.
    """
    row = _locked_row(_key(subject), now)
    if row.blocked_until is not None and row.blocked_until > now:
        return row.blocked_until - now
    if row.updated_at < now - policy.memory:
        row.failures = 0
    row.failures += 1
    wait = wait_after(row.failures, policy)
    row.blocked_until = now + wait if wait else None
    row.updated_at = now
    db.session.flush()
    return timedelta(0)


def take_back(*subject: str, now: datetime) -> None:
    """Uncount one try that was right, keeping the wrong ones of others at the same place."""
    row = _locked_row(_key(subject), now)
    row.failures = max(row.failures - 1, 0)
    row.blocked_until = None


def succeeded(*subject: str, now: datetime) -> None:
    """Forget the failures of this subject, and everything that is old."""
    db.session.execute(
        delete(SignInThrottle).where(
            (SignInThrottle.key == _key(subject)) | (SignInThrottle.updated_at < now - KEPT)
        )
    )


def use_once(*subject: str, now: datetime) -> bool:
    """Return whether this subject is seen for the first time (a code that must not be used twice)."""
    row = _locked_row(_key(subject), now)
    if row.failures:
        return False
    row.failures, row.updated_at = 1, now
    db.session.flush()
    return True


def _locked_row(key: str, now: datetime) -> SignInThrottle:
    # Made first if missing, so that two processes at once lock the same row instead of both inserting.
    insert = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
    db.session.execute(
        insert(SignInThrottle).values(key=key, failures=0, updated_at=now).on_conflict_do_nothing()
    )
    query = select(SignInThrottle).where(SignInThrottle.key == key).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _key(subject: tuple[str, ...]) -> str:
    # Hashed: the table shall not be a list of addresses somebody has tried.
    return hashlib.sha256("\x00".join(subject).encode("utf-8", "surrogatepass")).hexdigest()
