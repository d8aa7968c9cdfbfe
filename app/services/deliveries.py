"""What people do with deliveries: decide about uncertain ones, send a test to themselves."""

from datetime import datetime

from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.models import Delivery, DeliveryEvent, Survey, User
from app.rules.deliveries import AGAIN_FROM, Decision
from app.services import audit, outbox


def decide(delivery: Delivery, decision: Decision, *, by: User, now: datetime) -> Delivery | None:
    """Settle an uncertain mail. Returns the new delivery when it is to be sent again.

    The old one keeps its history: `sent` or `failed` with the reason that a person decided.
    Raises `Refused("not_uncertain")` when it is settled already (another person, or the server's late word).
    """
    # Locked and read anew, so that two clicks do not make two copies.
    db.session.refresh(delivery, with_for_update=True)
    if delivery.state != "unknown":
        raise Refused("not_uncertain")
    delivery.state = "sent" if decision is Decision.SENT else "failed"
    delivery.reason = f"decided_{decision.value}"
    delivery.claimed_by = None
    delivery.events.append(DeliveryEvent(at=now, state=delivery.state, reason=delivery.reason))
    again = _second_copy(delivery, now) if decision is Decision.AGAIN else None
    db.session.flush()
    audit.record(
        "delivery.decided",
        kind="delivery",
        object_id=delivery.id,
        by=by,
        now=now,
        decision=decision.value,
        again=again.id if again else None,
    )
    return again


def send_test(survey: Survey, *, which: str, language: str, by: User, now: datetime) -> Delivery:
    """Mail the invitation or reminder (`which`) to the person who asks; its link leads to the preview."""
    return outbox.enqueue(
        "test",
        to=by.email,
        language=language,
        template="survey_test",
        params={"which": which, "name": by.name},
        due_at=now,
        now=now,
        survey_id=survey.id,
    )


def _second_copy(delivery: Delivery, now: datetime) -> Delivery:
    highest = db.session.scalar(
        select(func.max(Delivery.occurrence)).where(
            Delivery.invitation_id == delivery.invitation_id, Delivery.kind == delivery.kind
        )
    )
    return outbox.enqueue(
        delivery.kind,
        to=delivery.to_address,
        language=delivery.language,
        template=delivery.template,
        params=delivery.params,
        due_at=now,
        now=now,
        invitation_id=delivery.invitation_id,
        survey_id=delivery.survey_id,
        occurrence=max((highest or 0) + 1, AGAIN_FROM),
    )
