"""Files that customers send: checked, on the disk for good, then their row; afterwards joined to what they belong to.

A file without a row is worth nothing and is swept up; a row without its file is told as such where it is fetched.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import func, select

from app.adapters import files
from app.adapters.attachments import Unfit, fit
from app.extensions import db
from app.models import Attachment, Feedback
from app.rules import attachments as rules

UNSENT_KEPT = timedelta(days=1)
# A file is written a moment before its row; a slow request is not an orphan.
ORPHAN_AFTER = timedelta(hours=1)
LEAST_ROOM = 512 * rules.MEGABYTE


@dataclass(frozen=True)
class Offered:
    """A file as it came: its name, and its content to be read once."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Refused:
    """A file that is not taken, and the code of the reason: of `rules.attachments.refusal`, of `adapters.attachments`,
    `no_room`, or `enough` (of this case).
    """

    name: str
    code: str


@dataclass(frozen=True)
class Stored:
    """A file that is on the disk and has no row yet."""

    name: str
    kind: str
    file: files.StoredFile


def folder() -> Path:
    """Where the contents lie, outside of everything a web server hands out."""
    return files.private_folder(current_app.config["HEED"].data, "attachments")


def store(
    offered: Sequence[Offered], *, before: int, bytes_before: int, room: int
) -> tuple[list[Stored], list[Refused]]:
    """Check each file and put the good ones on the disk. Works without the database, for it takes a while.

    `before` and `bytes_before` are those the form has brought already, `room` how many more its case takes.
    """
    stored: list[Stored] = []
    refused: list[Refused] = []
    for one in offered:
        name = rules.shown_name(one.name)
        content = one.stream.read(rules.LARGEST + 1)
        count, size = before + len(stored), bytes_before + sum(item.file.size for item in stored)
        code = rules.refusal(name, len(content), before=count, bytes_before=size) or _lack(len(stored), room)
        if code is None:
            code = _keep(name, content, stored)
        if code:
            refused.append(Refused(name, code))
    return stored, refused


def _lack(stored: int, room: int) -> str | None:
    if stored >= room:
        return "enough"
    return "no_room" if files.free_bytes(folder()) < LEAST_ROOM else None


def _keep(name: str, content: bytes, stored: list[Stored]) -> str | None:
    kind = rules.kind_of_name(name) or ""
    try:
        kept = fit(kind, content)
    except Unfit as unfit:
        return unfit.code
    stored.append(Stored(name, kind, files.store(io.BytesIO(kept), folder())))
    return None


def add(stored: Sequence[Stored], *, form_key: str, now: datetime) -> None:
    """Give stored files their rows. They wait for their form."""
    for one in stored:
        db.session.add(
            Attachment(
                form_key=form_key,
                name=one.name,
                kind=one.kind,
                size=one.file.size,
                sha256=one.file.sha256,
                stored=one.file.name,
                created_at=now,
            )
        )
    db.session.flush()


def waiting(form_key: str) -> Sequence[Attachment]:
    """The files a form has brought and that wait for it to be sent."""
    return db.session.scalars(
        select(Attachment)
        .where(Attachment.form_key == form_key, Attachment.feedback_id.is_(None))
        .order_by(Attachment.id)
    ).all()


def join(form_key: str, feedback: Feedback, event_id: int | None) -> None:
    """Join the waiting files of a form to what was sent with it. A form sent twice at once has brought each twice, the
    second time perhaps after the first was joined.
    """
    joined = select(Attachment.name, Attachment.sha256).where(
        Attachment.form_key == form_key, Attachment.feedback_id.is_not(None)
    )
    seen = {(name, digest) for name, digest in db.session.execute(joined)}
    for one in waiting(form_key):
        if (one.name, one.sha256) in seen:
            db.session.delete(one)
        else:
            one.feedback_id, one.event_id = feedback.id, event_id
            seen.add((one.name, one.sha256))
    db.session.flush()


def drop(form_key: str, attachment_id: int) -> None:
    """The sender has thought better of a file; only while it waits. The content is swept up later."""
    for one in waiting(form_key):
        if one.id == attachment_id:
            db.session.delete(one)
    db.session.flush()


def room_of(feedback: Feedback) -> int:
    """How many more files this feedback takes."""
    present = db.session.scalar(
        select(func.count(Attachment.id)).where(Attachment.feedback_id == feedback.id)
    )
    return max(rules.MOST_PER_CASE - (present or 0), 0)


def forget(stored: Sequence[Stored]) -> None:
    """Remove files that have got no row."""
    for one in stored:
        (folder() / one.file.name).unlink(missing_ok=True)


def forget_unsent(*, now: datetime) -> None:
    """Remove the rows of files whose form was never sent."""
    old = (
        Attachment.feedback_id.is_(None)
        & Attachment.letter_id.is_(None)
        & (Attachment.created_at < now - UNSENT_KEPT)
    )
    for one in db.session.scalars(select(Attachment).where(old)):
        db.session.delete(one)
    db.session.flush()


def known_files() -> set[str]:
    """The names of all files that have a row."""
    return set(db.session.scalars(select(Attachment.stored)))
