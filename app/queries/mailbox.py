"""How the reading of the mailbox stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from app.extensions import db
from app.models import InboundMail, Mailbox

COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class Reading:
    """How it stands with one folder. `trouble` is a code, "" when all is well.

    `counts` are the mails of the last weeks by kind, `bounced` those of them that were about mails of ours.
    """

    read_at: datetime | None = None
    trouble: str = ""
    troubled_since: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    bounced: int = 0


def reading(name: str, *, now: datetime) -> Reading:
    """How the reading of the folder with this name stands."""
    box = _box(name)
    if box is None:
        return Reading()
    recent = (InboundMail.mailbox_id == box.id, InboundMail.taken_at > now - COUNTED)
    counts = db.session.execute(
        select(InboundMail.kind, func.count()).where(*recent).group_by(InboundMail.kind)
    )
    bounced = db.session.scalar(select(func.count()).where(*recent, InboundMail.outcome == "bounced"))
    return Reading(box.read_at, box.trouble, box.troubled_since, dict(counts.all()), bounced or 0)


def troubled_seconds(name: str, *, now: datetime) -> float | None:
    """For how long the folder can't be read, None when it can."""
    box = _box(name)
    if box is None or box.troubled_since is None:
        return None
    return (now - box.troubled_since).total_seconds()


def _box(name: str) -> Mailbox | None:
    return db.session.scalar(select(Mailbox).where(Mailbox.name == name[:300]))


def has_mailbox() -> bool:
    """Whether the settings name a mailbox at all."""
    return current_app.config["HEED"].mailbox is not None
