"""How the installation is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.models import Delivery, Firm, WorkerBeat
from app.queries import mailbox

BEAT_LIMIT = timedelta(seconds=90)
QUEUE_LIMIT = timedelta(hours=1)
MAILBOX_LIMIT = timedelta(hours=1)


@dataclass(frozen=True)
class Health:
    """State of the parts. Ages in seconds; None where there is nothing to have an age."""

    database: bool
    migrated: bool
    oldest_queued_seconds: float | None
    worker_beat_seconds: float | None
    mailbox_trouble_seconds: float | None = None

    @property
    def good(self) -> bool:
        """Whether nothing needs a person."""
        beat, queue = self.worker_beat_seconds, self.oldest_queued_seconds
        inbox = self.mailbox_trouble_seconds
        return (
            self.database
            and self.migrated
            and (beat is not None and beat < BEAT_LIMIT.total_seconds())
            and (queue is None or queue < QUEUE_LIMIT.total_seconds())
            and (inbox is None or inbox < MAILBOX_LIMIT.total_seconds())
        )

    def as_json(self) -> dict[str, Any]:
        """The answer of /healthz."""
        return {
            "status": "ok" if self.good else "bad",
            "database": "ok" if self.database else "bad",
            "migrations": "ok" if self.migrated else "bad",
            "oldest_queued_delivery_seconds": self.oldest_queued_seconds,
            "worker_beat_seconds": self.worker_beat_seconds,
            "mailbox_trouble_seconds": self.mailbox_trouble_seconds,
        }


@lru_cache(maxsize=1)
def newest_migration(directory: str) -> str | None:
    """The revision that the code expects."""
    return ScriptDirectory(directory).get_current_head()


def check(now: datetime) -> Health:
    """Look at every part; a database that does not answer is a result, not an error."""
    try:
        present = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        paused = db.session.scalar(select(Firm.mail_paused))
        oldest = db.session.scalar(
            select(func.min(Delivery.due_at)).where(Delivery.state == "queued", Delivery.due_at <= now)
        )
        # A beat from the future is left over from before the clock was set back; its worker may be long dead.
        beat = db.session.scalar(select(func.max(WorkerBeat.at)).where(WorkerBeat.at <= now + BEAT_LIMIT))
        server = current_app.config["HEED"].mailbox
        trouble = mailbox.troubled_seconds(server.name, now=now) if server is not None else None
    except SQLAlchemyError:
        db.session.rollback()
        return Health(False, False, None, None)
    expected = newest_migration(current_app.extensions["migrate"].directory)
    return Health(
        database=True,
        migrated=present == expected,
        oldest_queued_seconds=None if oldest is None or paused else (now - oldest).total_seconds(),
        worker_beat_seconds=None if beat is None else (now - beat).total_seconds(),
        mailbox_trouble_seconds=trouble,
    )
