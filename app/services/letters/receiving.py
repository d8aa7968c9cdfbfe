"""Taking in a mail of a person: into its case, or before somebody who sorts it. Nothing that comes in is answered here.

The files lie on the disk before the transaction that gives them rows; those that get none are swept up.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.extensions import db
from app.models import Letter
from app.queries import letters as queries
from app.queries.complaints import cases
from app.queries.letters import Aim
from app.rules import inbound
from app.rules.attachments import LARGEST, MOST_FILES
from app.rules.complaints import Channel
from app.rules.letters import Match, State, state_of
from app.rules.throttle import LETTERS
from app.services import attachments, complaints, throttling
from app.services.attachments import Offered, Stored
from app.services.complaints import log

# More than a small firm sorts in a week: what comes beyond stays in the mailbox.
MOST_WAITING = 500


class Outcome(StrEnum):
    """What a mail led to, beside the states of a letter."""

    OWN = "own"  # one of ours has come back
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Parcel:
    """A mail opened: what it says, and its files on the disk or the reasons against them."""

    contents: inbound.Contents
    stored: list[Stored]
    left_out: list[list[str]]


def room_for(letter: inbound.Letter, kind: inbound.Kind) -> int | None:
    """How many files a mail may bring; None: it is nothing to us and is not opened.

    It concerns us if it belongs to a case, or if people want to sort what belongs to none. Only reads.
    """
    aim = _aim(letter)
    if aim is not None:
        return attachments.room_of(aim.feedback)
    return MOST_FILES if kind is inbound.Kind.PERSON and queries.sorts_by_hand() else None


def pack(letter: inbound.Letter, kind: inbound.Kind, *, room: int) -> Parcel:
    """Read the words, check the files and put the good ones on the disk. Needs no database and takes a while."""
    contents = inbound.contents_of(letter)
    if kind is not inbound.Kind.PERSON:
        return Parcel(contents, [], [])
    stored: list[Stored] = []
    left_out: list[list[str]] = []
    # One after the other: only one is held unpacked at a time.
    for one in contents.files:
        content = io.BytesIO(one.content(LARGEST + 1))
        size = sum(item.file.size for item in stored)
        kept, refused = attachments.store(
            [Offered(one.name, content)], before=len(stored), bytes_before=size, room=room - len(stored)
        )
        stored += kept
        left_out += [[two.name, two.code] for two in refused]
    return Parcel(contents, stored, left_out)


def forget(parcel: Parcel) -> None:
    """Remove the files of a mail that was not taken in after all."""
    attachments.forget(parcel.stored)


def receive(
    letter: inbound.Letter,
    kind: inbound.Kind,
    parcel: Parcel,
    *,
    digest: str,
    arrived: datetime,
    now: datetime,
) -> str:
    """Take in a mail with what follows from it. Returns a `State`, an `Outcome`, or "" where it is nothing to us."""
    if (
        queries.is_ours(inbound.own_threads(letter.headers))
        or parcel.contents.address in queries.own_addresses()
    ):
        return Outcome.OWN
    aim, automatic = _aim(letter), kind is not inbound.Kind.PERSON
    if aim is None and (automatic or not queries.sorts_by_hand()):
        return ""
    if _too_many(parcel.contents.address, aim, now):
        return Outcome.TOO_MANY
    row = _row(parcel, aim, automatic=automatic, digest=digest, arrived=arrived, now=now)
    db.session.add(row)
    db.session.flush()
    _keep_files(row, parcel, now)
    if row.state == State.ADDED and aim is not None:
        _add(row, aim, now)
    return row.state


def key_of(letter: Letter) -> str:
    """What makes a step or a record that a mail leads to one of a kind."""
    return f"letter-{letter.digest[:36]}"


def words_of(letter: Letter) -> str:
    """What stands in the log: the words, or the names of the files where there are no words."""
    return letter.text or ", ".join(one.name for one in attachments.waiting(key_of(letter)))


def _aim(letter: inbound.Letter) -> Aim | None:
    sender = inbound.sender_of(letter.headers)[0]
    return queries.aim_of(inbound.threads_in(letter.headers), letter.headers.first("subject"), sender)


def _too_many(sender: str, aim: Aim | None, now: datetime) -> bool:
    if throttling.try_once("letter", sender, policy=LETTERS, now=now):
        return True
    return aim is None and queries.count_waiting() >= MOST_WAITING


def _row(
    parcel: Parcel, aim: Aim | None, *, automatic: bool, digest: str, arrived: datetime, now: datetime
) -> Letter:
    contents = parcel.contents
    state = State.WAITING
    if aim is not None:
        state = state_of(
            has_case=aim.complaint is not None,
            known=aim.known,
            automatic=automatic,
            has_words=bool(contents.text or parcel.stored),
        )
    # Of a notice that somebody is away nothing but that it came is of use.
    words = contents if not automatic else None
    return Letter(
        digest=digest,
        state=state.value,
        matched_by=(aim.matched_by if aim else Match.NONE).value,
        feedback_id=aim.feedback.id if aim else None,
        sender=contents.address,
        sender_name=contents.name,
        subject=contents.subject if words else "",
        text=contents.text if words else "",
        earlier=contents.earlier if words else "",
        cut=contents.cut if words else False,
        language=contents.language,
        left_out=parcel.left_out,
        received_at=arrived,
        taken_at=now,
    )


def _keep_files(row: Letter, parcel: Parcel, now: datetime) -> None:
    attachments.add(parcel.stored, form_key=key_of(row), now=now)
    for one in attachments.waiting(key_of(row)):
        one.letter_id = row.id
    db.session.flush()


def _add(row: Letter, aim: Aim, now: datetime) -> None:
    """The customer's words become an entry of the log, as if he had written them on his page."""
    assert aim.complaint is not None
    # On PostgreSQL a colleague may be at it, or at the case in which it goes on: wait for him, instead of failing
    # because the row has changed.
    log.lock(aim.complaint, cases.goes_on(aim.complaint))
    event = complaints.add(
        aim.complaint,
        text=words_of(row),
        channel=Channel.EMAIL,
        seen=None,
        key=log_key(row),
        by=None,
        now=now,
    )
    if event is not None:
        row.event_id = event.id
        attachments.join(key_of(row), aim.feedback, event.id)


def log_key(row: Letter) -> str:
    """As `key_of`, in the length that an entry of the log has room for beside the number of its case."""
    return f"letter-{row.digest[:16]}"
