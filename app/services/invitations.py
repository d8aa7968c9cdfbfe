"""Inviting the recipients of a survey, in steps that can be repeated."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, insert, select, update

from app.extensions import db
from app.models import Contact, Delivery, Firm, Invitation, Survey
from app.queries.recipients import Candidate, candidates, local_date, profile_of, stratum_of
from app.rules import sending_time
from app.rules.links import new_nonce
from app.services.outbox import new_message_id
from app.services.sending.tables import note

BATCH = 500
LANGUAGES = ("zh", "en")


def invite_next(survey: Survey, *, limit: int = BATCH, now: datetime) -> int:
    """Invite up to `limit` further recipients: invitation and queued mail together.

    Returns how many were invited; 0 when all are. Repeating it never invites anybody twice.
    """
    if survey.state not in ("live", "paused"):
        return 0
    chosen = list(islice((c for c in candidates(survey, now=now) if not c.reason), limit))
    if not chosen:
        return 0
    firm = db.session.scalars(select(Firm)).one()
    invitations = _add_invitations(survey, firm, chosen, now)
    _queue(survey, invitations, sending_slots(survey, firm, now=now), now)
    db.session.execute(
        update(Contact)
        .where(Contact.id.in_([i.contact_id for i in invitations]))
        .values(last_invited_at=now)
        .execution_options(synchronize_session=False)
    )
    return len(invitations)


def sending_slots(survey: Survey, firm: Firm, *, now: datetime) -> Iterator[datetime]:
    """When the next mails of the survey may leave, after those that are queued already."""
    last = db.session.scalar(
        select(func.max(Delivery.due_at)).where(
            Delivery.survey_id == survey.id,
            Delivery.kind.in_(("invitation", "reminder")),
            Delivery.state == "queued",
        )
    )
    start = max(now, survey.opens_at, last or now)
    slots = sending_time.slots(
        start,
        pace=survey.pace_per_minute,
        quiet_from=survey.quiet_from,
        quiet_until=survey.quiet_until,
        zone=ZoneInfo(firm.timezone),
    )
    if last is not None and last >= start:
        next(slots)
    return slots


def _add_invitations(
    survey: Survey, firm: Firm, chosen: Sequence[Candidate], now: datetime
) -> list[Invitation]:
    today = local_date(firm, now)
    rows = []
    for candidate in chosen:
        contact, customer = candidate.contact, candidate.customer
        assert contact is not None
        language = contact.language if contact.language in LANGUAGES else firm.language
        rows.append(
            Invitation(
                survey_id=survey.id,
                contact_id=contact.id,
                customer_id=customer.id,
                unit_id=customer.unit_id,
                nonce=new_nonce(),
                language=language if survey.mail_texts.get(language) else next(iter(survey.mail_texts)),
                profile=profile_of(customer, today),
                stratum=stratum_of(customer),
                created_at=now,
                contact=contact,
            )
        )
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _queue(
    survey: Survey, invitations: Sequence[Invitation], slots: Iterator[datetime], now: datetime
) -> None:
    ids = db.session.scalars(
        insert(cast(Table, Delivery.__table__)).returning(Delivery.__table__.c.id),
        [
            {
                "kind": "invitation",
                "occurrence": 0,
                "invitation_id": row.id,
                "survey_id": survey.id,
                "to_address": row.contact.email.strip(),
                "language": row.language,
                "template": "invitation",
                "params": {},
                "message_id": new_message_id(),
                "state": "queued",
                "attempts": 0,
                "due_at": next(slots),
                "reason": "",
                "reply": "",
                "created_at": now,
            }
            for row in invitations
        ],
    ).all()
    note(ids, "queued", now=now)
