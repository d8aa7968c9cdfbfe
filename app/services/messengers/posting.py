"""What groups are told: queued with the step it is about; claimed, begun and settled by the worker, each step stored first.

A message tells number, category, severity, deadline and a link that asks for a sign-in; never a word of the customer. Of a
complaint about one of us nothing is told to any group: nobody knows who reads there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Complaint, ComplaintEvent, Firm, Messenger, MessengerPost
from app.queries.complaints.trees import tree
from app.rules import messengers as rules
from app.rules.messengers import Kind, Place, State, Verdict
from app.rules.notices import Kind as Notice

# Longer than all time limits of one message together.
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=180)  # as the notices they go with
TEST = "test"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


@dataclass(frozen=True)
class Outgoing:
    """One message ready to go."""

    post_id: int
    host: str
    path: str
    body: bytes
    kind: Kind


def queue(
    complaint: Complaint,
    event: ComplaintEvent,
    notice: Notice,
    *,
    critical: bool,
    due_at: datetime,
    now: datetime,
) -> None:
    """Queue a message for every group that is told this."""
    if complaint.about_user_id is not None or notice not in rules.POSTED:
        return
    weight = rules.weight_of(notice, critical=critical)
    wanted = or_(Messenger.unit_id.is_(None), Messenger.unit_id == complaint.unit_id)
    for messenger in db.session.scalars(select(Messenger).where(Messenger.active, wanted)):
        if rules.is_told(messenger.least, weight):
            db.session.add(
                MessengerPost(
                    messenger_id=messenger.id,
                    complaint_id=complaint.id,
                    event_id=event.id,
                    kind=notice.value,
                    due_at=due_at,
                    created_at=now,
                )
            )


def claim(*, now: datetime) -> int | None:
    """Take the oldest message that is due and whose group has not been told too much this minute; its id.

    Nothing while mail rests: a restored copy must not talk to the groups of the installation it was taken from.
    """
    if db.session.scalar(select(Firm.mail_paused)) is not False:
        return None
    while (post := _next(now)) is not None:
        reason = _reason_to_drop(post, now)
        if not reason:
            post.state, post.lease_until = State.CLAIMED, now + LEASE
            post.attempts += 1
            return post.id
        post.state, post.reason, post.finished_at = State.DROPPED, reason, now
    return None


def _next(now: datetime) -> MessengerPost | None:
    # When a message was last taken up can be told from its lease, which stays.
    earlier = aliased(MessengerPost)
    begun = select(func.count(earlier.id)).where(
        earlier.messenger_id == Messenger.id, earlier.lease_until > now - timedelta(minutes=1) + LEASE
    )
    due = (
        select(MessengerPost)
        .join(Messenger, Messenger.id == MessengerPost.messenger_id)
        .where(MessengerPost.state == State.QUEUED, MessengerPost.due_at <= now)
        .where(begun.scalar_subquery() < rules.MOST_A_MINUTE)
        .order_by(MessengerPost.due_at, MessengerPost.id)
        .limit(1)
    )
    return db.session.scalar(due.with_for_update(of=MessengerPost, skip_locked=True))


def prepare(post_id: int, *, now: datetime) -> Outgoing:
    """Compose a claimed message. Raises `Refused` when its address is not allowed (any more)."""
    post = db.session.get_one(MessengerPost, post_id)
    messenger = post.messenger
    kind = Kind(messenger.kind)
    place: Place = rules.place_of(kind, messenger.address)
    path, body = rules.request_of(kind, place, messenger.secret, text_of(post), now)
    return Outgoing(post.id, place.host, path, body, kind)


def text_of(post: MessengerPost) -> str:
    """The words, in the language of the group."""
    language = post.messenger.language
    firm = db.session.scalars(select(Firm)).one()
    with force_locale(LOCALES[language]):
        template = current_app.jinja_env.get_template("messages/post.txt")
        return template.render(
            post=post,
            complaint=post.complaint,
            category=tree().label(post.complaint.category_id, language) if post.complaint else "",
            unit=post.complaint.unit.name_in(language) if post.complaint and post.complaint.unit else "",
            firm=firm.name_in(language),
            base=current_app.config["HEED"].base_url,
            lang=language,
        ).strip()


def begin(post_id: int, *, now: datetime) -> bool:
    """Store that the request is about to leave; False when the message is no longer ours to send."""
    taken = db.session.execute(
        update(MessengerPost)
        .where(MessengerPost.id == post_id, MessengerPost.state == State.CLAIMED)
        .values(state=State.BEGUN, lease_until=now + LEASE)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def posted(post_id: int, verdict: Verdict, *, now: datetime) -> None:
    """Store what the messenger answered."""
    _settle(post_id, verdict, now)


def not_posted(post_id: int, reason: str, *, again: bool, now: datetime) -> None:
    """Store that nothing was sent, and whether to try again."""
    _settle(post_id, Verdict(State.QUEUED if again else State.FAILED, reason, again), now)


def _settle(post_id: int, verdict: Verdict, now: datetime) -> None:
    post = db.session.get_one(MessengerPost, post_id, with_for_update=True, populate_existing=True)
    if post.state not in (State.CLAIMED, State.BEGUN):
        return
    state, due_at = verdict.state, None
    if verdict.again:
        # Whoever tries a group out waits for the answer: a test is not repeated.
        due_at = rules.next_try(post.attempts, now) if post.kind != TEST else None
        state = State.QUEUED if due_at else State.FAILED
    post.state, post.reason = state.value, verdict.reason
    post.due_at = due_at or post.due_at
    post.finished_at = None if state is State.QUEUED else now


def expire_leases(*, now: datetime) -> tuple[int, int]:
    """Settle the messages of a worker that has died: how many go again, and of how many nobody knows."""
    dead = MessengerPost.lease_until < now
    back = db.session.execute(
        update(MessengerPost)
        .where(MessengerPost.state == State.CLAIMED, dead)
        .values(state=State.QUEUED, reason="worker_lost")
    )
    lost = db.session.execute(
        update(MessengerPost)
        .where(MessengerPost.state == State.BEGUN, dead)
        .values(state=State.UNKNOWN, reason="worker_lost", finished_at=now)
    )
    return back.rowcount, lost.rowcount  # type: ignore[attr-defined]


def forget_old(*, now: datetime) -> None:
    """Remove what was settled long ago: what happened stands in the log of the case."""
    settled = MessengerPost.finished_at.is_not(None) & (MessengerPost.created_at < now - KEPT)
    db.session.execute(delete(MessengerPost).where(settled))


def _reason_to_drop(post: MessengerPost, now: datetime) -> str:
    if not post.messenger.active:
        return "switched_off"
    if now - post.due_at > rules.STALE_AFTER and not post.attempts:
        return "stale"
    if post.complaint is not None and post.complaint.about_user_id is not None:
        return "about_one_of_us"
    return ""
