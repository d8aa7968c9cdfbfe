"""Putting mail into the outbox, in the same transaction as its cause. Sending is in `services.sending`."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Delivery, DeliveryEvent


def enqueue(
    kind: str,
    *,
    to: str,
    language: str,
    template: str,
    due_at: datetime,
    now: datetime,
    params: dict[str, Any] | None = None,
    invitation_id: int | None = None,
    survey_id: int | None = None,
    feedback_id: int | None = None,
    occurrence: int = 0,
) -> Delivery:
    """Queue one mail. For an invitation, (invitation, kind, occurrence) happens once for ever:
    asking again returns the row that is there.

    `params` must hold no link and no token: links are derived when the mail is sent.
    """
    if invitation_id is not None:
        present = db.session.scalar(
            select(Delivery).filter_by(invitation_id=invitation_id, kind=kind, occurrence=occurrence)
        )
        if present is not None:
            return present
    delivery = Delivery(
        kind=kind,
        occurrence=occurrence,
        invitation_id=invitation_id,
        survey_id=survey_id,
        feedback_id=feedback_id,
        to_address=to,
        language=language,
        template=template,
        params=params or {},
        message_id=new_message_id(),
        state="queued",
        due_at=due_at,
        created_at=now,
    )
    delivery.events.append(DeliveryEvent(at=now, state="queued"))
    db.session.add(delivery)
    db.session.flush()
    return delivery


def new_message_id() -> str:
    """The local part of a Message-ID; the domain is added when sending. Stable over all tries."""
    return secrets.token_hex(16)
