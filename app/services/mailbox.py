"""Taking in mail: each one once, together with what it leads to.

Reading goes up a folder by number, and `Mailbox.mark` moves in the transaction of each mail. So a mail is either taken
in with all that follows from it, or met again; whoever dies in between has done nothing. What was taken in is remembered for
a while by its digest too, because a server may number a folder anew.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from app.extensions import db
from app.models import InboundMail, Mailbox
from app.rules.inbound import Judged
from app.rules.letters import State
from app.services import bounces, letters
from app.services.letters import Parcel

# How far back a folder is read that was never read before, or has been numbered anew.
LOOK_BACK = timedelta(days=30)
# Longer than that, so that nothing within it is taken for new.
REMEMBERED = timedelta(days=90)

# What it led to, where its place in the folder is no longer needed.
PUT_AWAY = frozenset(state.value for state in State)


@dataclass(frozen=True)
class Arrival:
    """A mail in its folder. `raw` is None when it is too large to be fetched; `at` is when it came there."""

    number: int
    size: int
    raw: bytes | None
    at: datetime | None = None

    def came(self, now: datetime) -> datetime:
        """When the server got it; a clock that is wrong by days is not believed."""
        at = self.at
        return at if at is not None and now - LOOK_BACK - timedelta(days=1) < at <= now else now

    @property
    def digest(self) -> str:
        """What tells this mail from every other one, "" when it was not fetched."""
        return "" if self.raw is None else hashlib.sha256(self.raw).hexdigest()


def mark_of(name: str, validity: int) -> int | None:
    """The number up to which this folder was read; None when it was not, or is numbered anew."""
    box = _box(name)
    return box.mark if box is not None and box.validity == validity else None


def start(name: str, validity: int, mark: int) -> None:
    """Begin to read a folder above `mark`. Numbers of an earlier numbering mean nothing any more."""
    box = _present(name)
    if box.validity == validity:
        return
    box.validity, box.mark = validity, mark
    db.session.flush()
    db.session.execute(update(InboundMail).where(InboundMail.mailbox_id == box.id).values(filed=True))


def take_in(
    name: str, validity: int, arrival: Arrival, judged: Judged, parcel: Parcel | None = None, *, now: datetime
) -> str:
    """Take in one mail with what follows from it. Returns what it led to; "" when there was nothing to do.

    `parcel` is the mail opened, where it concerns us. Somebody else may have been quicker, or the folder may have been
    numbered anew: then nothing happens.
    """
    box = _box(name, lock=True)
    if box is None or box.validity != validity or arrival.number <= box.mark:
        return ""
    box.mark = arrival.number
    earlier = _earlier(box, arrival)
    row = InboundMail(
        mailbox_id=box.id,
        validity=validity,
        number=arrival.number,
        digest=arrival.digest,
        size=arrival.size,
        kind=judged.kind.value,
        taken_at=now,
    )
    if earlier is not None:
        row.outcome, row.delivery_id = "repeated", earlier.delivery_id
    elif judged.bounce is not None:
        row.outcome, row.delivery_id = _bounced(judged, now)
    elif judged.letter is not None and parcel is not None:
        row.outcome = letters.receive(
            judged.letter, judged.kind, parcel, digest=arrival.digest, arrived=arrival.came(now), now=now
        )
    # Only what was about a mail of ours, or is kept here, is put away; people go on reading the rest.
    row.filed = row.delivery_id is None and (earlier or row).outcome not in PUT_AWAY
    db.session.add(row)
    db.session.flush()
    return row.outcome


def pass_over(name: str, validity: int, number: int) -> None:
    """Go on behind a mail that is no longer there."""
    box = _box(name, lock=True)
    if box is not None and box.validity == validity and number > box.mark:
        box.mark = number


def unfiled(name: str, validity: int) -> list[int]:
    """The numbers of mails that were taken in and are to be put away."""
    return list(
        db.session.scalars(
            select(InboundMail.number)
            .join(Mailbox)
            .where(Mailbox.name == name[:300], InboundMail.validity == validity, InboundMail.filed.is_(False))
            .order_by(InboundMail.number)
        )
    )


def note_filed(name: str, validity: int, numbers: Collection[int]) -> None:
    """These mails are put away."""
    box = _present(name)
    db.session.execute(
        update(InboundMail)
        .where(
            InboundMail.mailbox_id == box.id,
            InboundMail.validity == validity,
            InboundMail.number.in_(numbers),
        )
        .values(filed=True)
    )


def note_read(name: str, *, now: datetime) -> None:
    """The folder has been read to its end; what is long past is forgotten."""
    box = _present(name)
    box.read_at, box.trouble, box.troubled_since = now, "", None
    db.session.execute(delete(InboundMail).where(InboundMail.taken_at < now - REMEMBERED))


def note_trouble(name: str, code: str, *, now: datetime) -> None:
    """The folder can't be read at present."""
    box = _present(name)
    box.trouble, box.troubled_since = code, box.troubled_since or now


def _bounced(judged: Judged, now: datetime) -> tuple[str, int | None]:
    assert judged.bounce is not None
    delivery, changed = bounces.came_back(judged.marks, judged.bounce, now=now)
    if delivery is None:
        return "foreign", None
    return "bounced" if changed else "known", delivery.id


def _earlier(box: Mailbox, arrival: Arrival) -> InboundMail | None:
    if not arrival.digest:
        return None
    return db.session.scalar(
        select(InboundMail)
        .where(InboundMail.mailbox_id == box.id, InboundMail.digest == arrival.digest)
        .order_by(InboundMail.id)
        .limit(1)
    )


def _box(name: str, *, lock: bool = False) -> Mailbox | None:
    found = select(Mailbox).where(Mailbox.name == name[:300])
    if lock:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(found)


def _present(name: str) -> Mailbox:
    box = _box(name, lock=True)
    if box is None:
        box = Mailbox(name=name[:300])
        db.session.add(box)
        db.session.flush()
    return box
