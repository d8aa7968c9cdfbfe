"""The steps of one mail after it was claimed. Each is committed by the caller before the next begins."""

from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select, update

from app.extensions import db
from app.rules.deliveries import PACED_KINDS, State, Verdict, next_try
from app.services import addresses
from app.services.sending.claiming import LEASE, circumstances, drop, reason_to_drop
from app.services.sending.tables import (
    REPLY_LIMIT,
    Line,
    contact,
    customer,
    delivery,
    firm,
    invitation,
    note,
    survey,
)

_STILL_WANTED = (
    exists()
    .where(
        invitation.c.id == delivery.c.invitation_id,
        invitation.c.finished.is_(False),
        invitation.c.declined_at.is_(None),
        contact.c.id == invitation.c.contact_id,
        contact.c.opted_out_at.is_(None),
        contact.c.address_state != "bad",
        customer.c.id == invitation.c.customer_id,
        customer.c.do_not_contact.is_(False),
    )
    .correlate(delivery)
)


_LIVE = (
    exists()
    .where(
        survey.c.id == delivery.c.survey_id, survey.c.state == "live", survey.c.closes_at > bindparam("now")
    )
    .correlate(delivery)
)
# Made once: building a statement costs more than running it.
_BEGIN = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("row"),
        delivery.c.state == "claimed",
        delivery.c.claimed_by == bindparam("worker"),
        or_(delivery.c.invitation_id.is_(None), _STILL_WANTED),
        or_(delivery.c.kind.not_in(PACED_KINDS), _LIVE),
        ~exists().where(firm.c.mail_paused.is_(True)),
    )
    .values(state="data", lease_until=bindparam("lease"))
)
_SENT = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("row"),
        delivery.c.claimed_by == bindparam("worker"),
        delivery.c.state.in_(["data", "unknown"]),
    )
    .values(
        state="sent",
        reason="",
        reply=bindparam("words"),
        attempts=delivery.c.attempts + 1,
        lease_until=None,
        finished_at=bindparam("now"),
    )
)


def begin_data(on: Line, delivery_id: int, *, worker: str, now: datetime) -> bool:
    """Note that the payload is about to begin. False: it must not; the mail was settled otherwise.

    Whether the mail is still wanted is asked in the same statement, so that somebody who answers
    between claiming and sending gets nothing.
    """
    begun = on.execute(_BEGIN, {"row": delivery_id, "worker": worker, "now": now, "lease": now + LEASE})
    if begun.rowcount == 1:  # type: ignore[attr-defined]
        note([delivery_id], "data", now=now, on=on)
        return True
    _settle_unwanted(on, delivery_id, worker=worker, now=now)
    return False


def record_sent(on: Line, delivery_id: int, *, worker: str, reply: str, now: datetime) -> None:
    """The server has taken the mail. Holds even when the lease ran out in the meantime."""
    words = reply[:REPLY_LIMIT]
    stored = on.execute(_SENT, {"row": delivery_id, "worker": worker, "now": now, "words": words})
    if stored.rowcount == 1:  # type: ignore[attr-defined]
        note([delivery_id], "sent", now=now, reply=words, on=on)


def record_refusal(
    delivery_id: int, verdict: Verdict, *, worker: str, reply: str, now: datetime, jitter: float
) -> State | None:
    """Store what follows from a refusal; returns the new state, None when the mail is no longer ours."""
    row = db.session.execute(
        select(delivery.c.state, delivery.c.attempts, delivery.c.invitation_id)
        .where(delivery.c.id == delivery_id, delivery.c.claimed_by == worker)
        .with_for_update()
    ).first()
    if row is None or row.state not in ("claimed", "data", "unknown"):
        return None
    state, reason, due = verdict.state, verdict.reason, None
    if state is State.QUEUED:
        due = next_try(row.attempts + 1, now, jitter)
        if due is None:
            state, reason = State.FAILED, "gave_up"
    finished = state is not State.QUEUED
    db.session.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(
            state=state.value,
            reason=reason,
            reply=reply[:REPLY_LIMIT],
            attempts=row.attempts + 1,
            due_at=due or delivery.c.due_at,
            claimed_by=worker if finished else None,
            lease_until=None,
            finished_at=now if finished else None,
        )
    )
    note([delivery_id], state.value, now=now, reason=reason, reply=reply)
    if verdict.bad_address and row.invitation_id is not None:
        addresses.found_bad(delivery_id, reason=reason, words=reply[:REPLY_LIMIT], now=now)
    return state


def _settle_unwanted(on: Line, delivery_id: int, *, worker: str, now: datetime) -> None:
    """A claimed mail that must not begin: drop it with its reason, or put it back (paused)."""
    ours = on.execute(
        select(delivery.c.id).where(
            delivery.c.id == delivery_id, delivery.c.state == "claimed", delivery.c.claimed_by == worker
        )
    ).first()
    if ours is None:
        return
    reason = reason_to_drop(circumstances([delivery_id], on=on)[0], now)
    if reason is not None:
        drop(delivery_id, reason, now=now, on=on)
        return
    on.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state="queued", claimed_by=None, lease_until=None)
    )
    note([delivery_id], "queued", now=now, reason="paused", on=on)
