"""Groups in messengers that are told what happens, and what was posted there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.complaints import Complaint, ComplaintEvent
from app.models.firm import Unit


class Messenger(Base):
    """The address of one group. Address and signing secret let anybody post there: they are never shown again."""

    __tablename__ = "messenger"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # rules.messengers.Kind
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(400))
    secret: Mapped[str] = mapped_column(String(120), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # None: the cases of the whole firm
    least: Mapped[str] = mapped_column(String(9))  # rules.messengers.Weight
    language: Mapped[str] = mapped_column(String(2))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class MessengerPost(Base):
    """One message to one group for one entry of a log, or a test (no entry).

    queued → claimed → begun → sent | failed | unknown; or dropped. Once the request has begun it is never repeated by itself.
    """

    __tablename__ = "messenger_post"

    id: Mapped[int] = mapped_column(primary_key=True)
    messenger_id: Mapped[int] = mapped_column(ForeignKey("messenger.id"))
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_event.id"))
    kind: Mapped[str] = mapped_column(String(12))  # rules.notices.Kind, or "test"
    state: Mapped[str] = mapped_column(String(8), default="queued")  # rules.messengers.State
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(40), default="")  # code of the last outcome
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    messenger: Mapped[Messenger] = relationship()
    complaint: Mapped[Complaint | None] = relationship()
    event: Mapped[ComplaintEvent | None] = relationship()

    __table_args__ = (
        UniqueConstraint("messenger_id", "event_id"),
        Index("ix_messenger_post_state_due_at", "state", "due_at"),
        Index("ix_messenger_post_messenger_id_id", "messenger_id", "id"),
        # How much a group was told in the last minute.
        Index("ix_messenger_post_messenger_id_lease_until", "messenger_id", "lease_until"),
    )
