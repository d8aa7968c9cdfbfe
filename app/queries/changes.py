"""Who stored what a row holds now, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from app.extensions import db
from app.models import AuditEntry, Customer, DraftEdit, QuestionnaireVersion, User
from app.rules.questionnaire import Content


@dataclass(frozen=True)
class Change:
    """`by` is a person's name, "" where none is known."""

    by: str
    at: datetime


def last_change(kind: str, object_id: int) -> Change | None:
    """The newest entry about a row; None when there is none in the audit log."""
    entry = db.session.scalar(
        select(AuditEntry)
        .where(AuditEntry.object_kind == kind, AuditEntry.object_id == object_id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return Change(entry.actor_name, entry.at) if entry else None


def last_customer_change(customer: Customer) -> Change:
    """The last change of a customer, its contacts or service dates; an import is on record without its customers."""
    contacts = [contact.id for contact in customer.contacts]
    name = db.session.scalar(
        select(AuditEntry.actor_name)
        .where(
            # Entries are stored to the second; later ones may be about something else.
            AuditEntry.at >= customer.updated_at.replace(microsecond=0),
            or_(
                and_(AuditEntry.object_kind == "customer", AuditEntry.object_id == customer.id),
                and_(AuditEntry.object_kind == "contact", AuditEntry.object_id.in_(contacts)),
            ),
        )
        .order_by(AuditEntry.id)
        .limit(1)
    )
    return Change(name or "", customer.updated_at)


def last_draft_change(version: QuestionnaireVersion, part: Callable[[Content], Any]) -> Change | None:
    """The step that gave a part of the draft its present content; None when that was no step or is forgotten."""
    steps = (
        select(DraftEdit, User.name)
        .outerjoin(User, User.id == DraftEdit.by_id)
        .where(DraftEdit.version_id == version.id, DraftEdit.undone.is_(False))
        .order_by(DraftEdit.sequence.desc())
        # Each step holds the whole document twice, and the one wanted is among the newest.
        .execution_options(yield_per=10)
    )
    with db.session.execute(steps) as rows:
        for step, name in rows:
            if part(step.before) != part(step.after):
                return Change(name or "", step.at)
    return None
