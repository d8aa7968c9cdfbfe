"""Outgoing mail, one row per message to one person for one occasion; and the mailbox that is read."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime


class Delivery(Base):
    """A mail to be sent, being sent, or sent.

    queued → claimed → data → sent | failed | unknown | dropped; and sent or unknown → bounced when it comes
    back. Each step is committed before it is taken; once the payload has begun (`data`) the mail is never sent
    again by itself.
    The text is made at sending time from `template` and `params`, so that no link is stored.
    """

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(
        String(20)
    )  # invitation | reminder | test | reset | complaint | notice | digest
    occurrence: Mapped[int] = mapped_column(default=0)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    survey_id: Mapped[int | None] = mapped_column(ForeignKey("survey.id"))
    # What it is about, of a mail to somebody who has told us something; his reply is found by it.
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"))
    to_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    template: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(40), default="")  # code of the last outcome
    reply: Mapped[str] = mapped_column(String(300), default="")  # what the server said
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    events: Mapped[list["DeliveryEvent"]] = relationship(order_by="DeliveryEvent.id")

    __table_args__ = (
        UniqueConstraint("invitation_id", "kind", "occurrence"),
        Index("ix_delivery_state_due_at", "state", "due_at"),
        Index("ix_delivery_survey_id_kind_state", "survey_id", "kind", "state"),
        Index(
            "ix_delivery_feedback_id",
            "feedback_id",
            sqlite_where=text("feedback_id IS NOT NULL"),
            postgresql_where=text("feedback_id IS NOT NULL"),
        ),
    )


class DeliveryEvent(Base):
    """One move of a delivery."""

    __tablename__ = "delivery_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(40), default="")
    reply: Mapped[str] = mapped_column(String(300), default="")


class Mailbox(Base):
    """A folder of incoming mail that is read, and how far. Another folder is another row.

    `mark` is the highest number (UID) that was taken in while the folder had this `validity`; a server that
    numbers a folder anew gives it another one.
    """

    __tablename__ = "mailbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    validity: Mapped[int | None] = mapped_column(BigInteger)
    mark: Mapped[int] = mapped_column(BigInteger, default=0)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(String(20), default="")  # code of what hinders reading now
    troubled_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InboundMail(Base):
    """One incoming mail that was taken in: what it was and what it led to, never what it says."""

    __tablename__ = "inbound_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    validity: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64), default="", index=True)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    kind: Mapped[str] = mapped_column(String(12))  # rules.inbound.Kind
    outcome: Mapped[str] = mapped_column(
        String(12), default=""
    )  # bounced | known | foreign | repeated | services.letters
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # Nothing is left to be done with it in its folder.
    filed: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (UniqueConstraint("mailbox_id", "validity", "number"),)
