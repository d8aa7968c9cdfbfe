"""What follows when a mail of ours comes back: for the delivery, and for the address it went to."""

from collections.abc import Sequence
from datetime import datetime
from itertools import dropwhile

from sqlalchemy import select

from app.extensions import db
from app.models import Contact, Delivery, DeliveryEvent, Invitation
from app.rules.deliveries import AGAIN_FROM, MAY_COME_BACK, State
from app.rules.inbound import Bounce, Grade, counts_as_hard, grade_of
from app.services import addresses, audit

# More than enough to see several in a row.
LOOKED_AT = 30


def came_back(marks: Sequence[str], bounce: Bounce, *, now: datetime) -> tuple[Delivery | None, bool]:
    """Note that the mail which one of these Message-IDs names has come back.

    Returns that mail (None when none is ours) and whether this was news: a second report about the same mail, or one
    about a mail that never left, changes nothing.
    """
    delivery = _named(marks)
    if delivery is None or delivery.state not in MAY_COME_BACK:
        return delivery, False
    delivery.state, delivery.reason, delivery.reply = State.BOUNCED.value, bounce.reason, bounce.words
    delivery.claimed_by, delivery.lease_until, delivery.finished_at = None, None, now
    delivery.events.append(
        DeliveryEvent(at=now, state=delivery.state, reason=bounce.reason, reply=bounce.words)
    )
    db.session.flush()
    audit.record(
        "delivery.bounced",
        kind="delivery",
        object_id=delivery.id,
        by=None,
        now=now,
        reason=bounce.reason,
        status=bounce.status,
    )
    _judge_address(delivery, bounce, now)
    return delivery, True


def _named(marks: Sequence[str]) -> Delivery | None:
    """The delivery of the first Message-ID that is one of ours, locked and read anew."""
    found = db.session.scalars(
        select(Delivery)
        .where(Delivery.message_id.in_(marks))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    by_mark = {row.message_id: row for row in found}
    return next((by_mark[mark] for mark in marks if mark in by_mark), None)


def _judge_address(delivery: Delivery, bounce: Bounce, now: datetime) -> None:
    if bounce.grade is Grade.HARD:
        addresses.found_bad(delivery.id, reason=bounce.reason, words=bounce.words, now=now)
    elif bounce.grade is Grade.SOFT and counts_as_hard(_latest(delivery)):
        addresses.found_bad(delivery.id, reason="again_and_again", words=bounce.words, now=now)


def _latest(delivery: Delivery) -> list[str]:
    """What became of the last mails to the same person at the same address, the newest first.

    Each is another occasion. What was sent most lately may still come back and is left out, as is everything from
    before somebody confirmed the address.
    """
    contact = db.session.scalar(
        select(Contact)
        .join(Invitation, Invitation.contact_id == Contact.id)
        .where(Invitation.id == delivery.invitation_id)
    )
    if contact is None:
        return []
    rows = db.session.execute(
        select(Delivery.state, Delivery.reason)
        .join(Invitation, Invitation.id == Delivery.invitation_id)
        .where(
            Invitation.contact_id == contact.id,
            Delivery.to_address == delivery.to_address,
            Delivery.occurrence < AGAIN_FROM,
            Delivery.state.in_(("sent", "bounced")),
            *([Delivery.created_at > contact.address_since] if contact.address_since else []),
        )
        .order_by(Delivery.id.desc())
        .limit(LOOKED_AT)
    ).all()
    became = (grade_of(reason) if state == "bounced" else state for state, reason in rows)
    return list(dropwhile(lambda one: one == "sent", became))
