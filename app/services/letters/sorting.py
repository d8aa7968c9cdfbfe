"""What a person does with a mail that did not find its place by itself. Each mail is sorted once, whoever is quicker."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.errors import Refused
from app.extensions import db
from app.models import Attachment, Complaint, Feedback, Letter, User
from app.rules.complaints import Channel
from app.rules.letters import SORTABLE, Match, State
from app.services import attachments, audit, complaints
from app.services.complaints import Told, customer_mail, links
from app.services.letters.receiving import key_of, log_key, words_of

# Long enough to notice that one was for us after all.
DISCARDED_KEPT = timedelta(days=30)
AUTOMATIC_KEPT = timedelta(days=180)


def record(
    letter: Letter, told: Told, *, confirms: bool, by: User, now: datetime
) -> tuple[Feedback, Complaint | None]:
    """Make feedback of it; only now number and link go out, if `confirms` and the address can be written to.

    Raises `Refused`: `sorted_meanwhile`, as `complaints.record`.
    """
    _begin(letter)
    sent = confirms and customer_mail.may_confirm(told.contact_email, now=now)
    told = replace(told, channel=Channel.EMAIL, received_at=letter.received_at, acknowledged=sent)
    feedback, case = complaints.record(told, key=key_of(letter), by=by, now=now)
    links.ensure(feedback)
    attachments.join(key_of(letter), feedback, None)
    if sent:
        customer_mail.confirm(feedback, now=now)
    letter.feedback_id, letter.matched_by = feedback.id, Match.HAND.value
    _sorted(letter, State.RECORDED, by=by, now=now)
    return feedback, case


def add_to(letter: Letter, complaint: Complaint, *, by: User, now: datetime) -> None:
    """It belongs to this case: its words become an entry there. Raises `Refused`: `sorted_meanwhile`, `no_words`, as `complaints.add`."""
    _begin(letter)
    letter.feedback_id, letter.matched_by = complaint.feedback_id, Match.HAND.value
    _into_log(letter, complaint, by=by, now=now)


def take_words(letter: Letter, complaint: Complaint, *, by: User, now: datetime) -> None:
    """Whoever wrote this reply speaks for the customer. Raises as `add_to`."""
    _begin(letter)
    _into_log(letter, complaint, by=by, now=now)


def discard(letter: Letter, *, by: User, now: datetime) -> None:
    """Not for us, or not about this case. It can be taken back for a while. Raises `Refused`: `sorted_meanwhile`."""
    _begin(letter)
    _sorted(letter, State.DISCARDED, by=by, now=now)


def take_back(letter: Letter, *, by: User, now: datetime) -> None:
    """It was for us after all. Raises `Refused`: `sorted_meanwhile`."""
    _lock(letter)
    if letter.state != State.DISCARDED:
        raise Refused("sorted_meanwhile")
    of_case = letter.feedback_id is not None and letter.matched_by != Match.NONE
    _sorted(letter, State.SHOWN if of_case else State.WAITING, by=by, now=now)


def forget_old(*, now: datetime) -> None:
    """Remove what was discarded, with its files, and what nobody had written."""
    gone = select(Letter.id).where(
        ((Letter.state == State.DISCARDED) & (Letter.sorted_at < now - DISCARDED_KEPT))
        | ((Letter.state == State.AUTOMATIC) & (Letter.taken_at < now - AUTOMATIC_KEPT))
    )
    db.session.execute(delete(Attachment).where(Attachment.letter_id.in_(gone)))
    db.session.execute(delete(Letter).where(Letter.id.in_(gone)))


def _begin(letter: Letter) -> None:
    _lock(letter)
    if letter.state not in SORTABLE:
        raise Refused("sorted_meanwhile")


def _lock(letter: Letter) -> None:
    # On PostgreSQL two may come at once; on SQLite the second one reads what the first one has written.
    db.session.refresh(letter, with_for_update=True)


def _into_log(letter: Letter, complaint: Complaint, *, by: User, now: datetime) -> None:
    words = words_of(letter)
    if not words:
        raise Refused("no_words")
    event = complaints.add(
        complaint, text=words, channel=Channel.EMAIL, seen=None, key=log_key(letter), by=by, now=now
    )
    if event is not None:
        letter.event_id = event.id
        attachments.join(key_of(letter), complaint.feedback, event.id)
    _sorted(letter, State.ADDED, by=by, now=now)


def _sorted(letter: Letter, state: State, *, by: User, now: datetime) -> None:
    before, letter.state = letter.state, state.value
    letter.sorted_by_id, letter.sorted_at = by.id, now
    db.session.flush()
    audit.record(
        f"letter.{state.value}",
        kind="letter",
        object_id=letter.id,
        by=by,
        now=now,
        state_before=before,
        state_after=letter.state,
    )
