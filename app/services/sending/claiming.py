"""Which mails may leave now, and who sends them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, or_, select, update

from app.extensions import db
from app.models import Firm
from app.rules import sending_time
from app.rules.deliveries import PACED_KINDS, Circumstances, drop_reason
from app.services.sending.tables import Line, contact, customer, delivery, invitation, note, survey

# Longer than every timeout of one mail together (connect, commands, final dot).
LEASE = timedelta(minutes=15)
# A mail whose text has not begun can be taken over much sooner: whoever claimed it first has to
# ask again before he begins the text, and is told that it is no longer his.
CLAIM_LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Lane:
    """Mails that are sent under one rule: those of one survey, or (None) all that wait for nobody."""

    survey_id: int | None
    pace: int | None = None


def due_lanes(now: datetime) -> list[Lane]:
    """Lanes in which something is due and may be sent at this hour. Only reads."""
    firm = db.session.scalar(select(Firm))
    if firm is None or firm.mail_paused:
        return []
    lanes = [Lane(None)] if db.session.scalar(select(exists().where(*_due(now, None)))) else []
    live = db.session.execute(
        select(survey.c.id, survey.c.pace_per_minute, survey.c.quiet_from, survey.c.quiet_until)
        .where(survey.c.state == "live", survey.c.opens_at <= now)
        .order_by(survey.c.id)
    ).all()
    zone = ZoneInfo(firm.timezone)
    for row in live:
        quiet = sending_time.is_quiet(now, row.quiet_from, row.quiet_until, zone)
        if not quiet and db.session.scalar(select(exists().where(*_due(now, row.id)))):
            lanes.append(Lane(row.id, row.pace_per_minute))
    return lanes


def claim(
    lane: Lane, *, worker: str, limit: int, now: datetime, but_domains: Collection[str] = ()
) -> list[int]:
    """Take up to `limit` due mails of a lane and return their ids, oldest first.

    Atomic: of two workers only one gets a mail. Whatever must not be sent any more is dropped here,
    in the same transaction, with its reason.
    """
    if db.session.scalar(select(Firm.mail_paused)) is not False:
        return []
    # Two statements: inside the UPDATE, PostgreSQL may run the SELECT again for each row, past its limit.
    chosen = db.session.scalars(
        select(delivery.c.id)
        .where(*_due(now, lane.survey_id), *_not_to(but_domains))
        .order_by(delivery.c.due_at, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    taken = db.session.scalars(
        update(delivery)
        .where(delivery.c.id.in_(chosen), delivery.c.state == "queued")
        .values(state="claimed", claimed_by=worker, lease_until=now + CLAIM_LEASE)
        .returning(delivery.c.id)
    ).all()
    kept = _sieve(taken, now)
    note(kept, "claimed", now=now)
    return kept


def release(ids: Collection[int], *, worker: str, now: datetime, due_at: datetime | None = None) -> None:
    """Give claimed mails back untouched: the worker stops, or the server is away."""
    if not ids:
        return
    values: dict[str, Any] = {"state": "queued", "claimed_by": None, "lease_until": None}
    if due_at is not None:
        values["due_at"] = due_at
    freed = db.session.scalars(
        update(delivery)
        .where(delivery.c.id.in_(ids), delivery.c.state == "claimed", delivery.c.claimed_by == worker)
        .values(values)
        .returning(delivery.c.id)
    ).all()
    note(freed, "queued", now=now, reason="released")


def expire_leases(now: datetime, *, of_workers: str | None = None) -> tuple[int, int]:
    """Settle the mails of workers that have died. Returns how many went back and how many are uncertain.

    `of_workers`, a LIKE pattern of names: these are known to be dead, whatever their leases say.
    """
    dead = delivery.c.lease_until < now if of_workers is None else delivery.c.claimed_by.like(of_workers)
    back = db.session.scalars(
        update(delivery)
        .where(delivery.c.state == "claimed", dead)
        .values(state="queued", claimed_by=None, lease_until=None)
        .returning(delivery.c.id)
    ).all()
    note(back, "queued", now=now, reason="worker_lost")
    uncertain = db.session.scalars(
        update(delivery)
        .where(delivery.c.state == "data", dead)
        .values(state="unknown", reason="worker_lost", lease_until=None, finished_at=now)
        .returning(delivery.c.id)
    ).all()
    note(uncertain, "unknown", now=now, reason="worker_lost")
    return len(back), len(uncertain)


def circumstances(ids: Sequence[int], *, on: Line | None = None) -> Sequence[Any]:
    """What decides whether each of these mails may still be sent."""
    return (
        (on or db.session)
        .execute(
            select(
                delivery.c.id,
                delivery.c.kind,
                delivery.c.created_at,
                delivery.c.to_address,
                delivery.c.invitation_id,
                survey.c.state.label("survey_state"),
                survey.c.closes_at,
                invitation.c.finished,
                invitation.c.declined_at,
                contact.c.email,
                contact.c.opted_out_at,
                contact.c.address_state,
                customer.c.do_not_contact,
            )
            .select_from(
                delivery.outerjoin(invitation, invitation.c.id == delivery.c.invitation_id)
                .outerjoin(contact, contact.c.id == invitation.c.contact_id)
                .outerjoin(customer, customer.c.id == invitation.c.customer_id)
                .outerjoin(survey, survey.c.id == delivery.c.survey_id)
            )
            .where(delivery.c.id.in_(ids))
            .order_by(delivery.c.due_at, delivery.c.id)
        )
        .all()
    )


def reason_to_drop(row: Any, now: datetime) -> str | None:
    """Apply the rule to one row of `circumstances`."""
    invited = row.invitation_id is not None
    return drop_reason(
        Circumstances(
            kind=row.kind,
            created_at=row.created_at,
            address=row.email if invited else row.to_address,
            survey_state=row.survey_state,
            survey_closes_at=row.closes_at,
            invited=invited,
            finished=bool(row.finished),
            declined=row.declined_at is not None,
            opted_out=row.opted_out_at is not None,
            do_not_contact=bool(row.do_not_contact),
            address_bad=row.address_state == "bad",
        ),
        now,
    )


def drop(delivery_id: int, reason: str, *, now: datetime, on: Line | None = None) -> None:
    """Close a mail that must not be sent any more."""
    (on or db.session).execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state="dropped", reason=reason, claimed_by=None, lease_until=None, finished_at=now)
    )
    note([delivery_id], "dropped", now=now, reason=reason, on=on)


def _sieve(ids: Sequence[int], now: datetime) -> list[int]:
    """Drop what must not be sent; follow addresses that were corrected since. Returns the rest."""
    kept = []
    for row in circumstances(ids) if ids else ():
        reason = reason_to_drop(row, now)
        if reason is not None:
            drop(row.id, reason, now=now)
            continue
        if row.invitation_id is not None and row.email != row.to_address:
            db.session.execute(update(delivery).where(delivery.c.id == row.id).values(to_address=row.email))
        kept.append(row.id)
    return kept


def _not_to(domains: Collection[str]) -> list[ColumnElement[bool]]:
    """Escaped: an underscore in a domain stands for itself."""
    return [~delivery.c.to_address.endswith(f"@{domain}", autoescape=True) for domain in domains]


def _due(now: datetime, survey_id: int | None) -> list[ColumnElement[bool]]:
    """Queued and due, in one lane. The `+ 0` keeps the planner on the index by state and due time."""
    paced = delivery.c.kind.in_(PACED_KINDS)
    due = [delivery.c.state == "queued", delivery.c.due_at <= now]
    if survey_id is None:
        return [*due, or_(~paced, delivery.c.survey_id.is_(None))]
    return [*due, delivery.c.survey_id + 0 == survey_id, paced]
