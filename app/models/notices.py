"""What staff are told: notices, everybody's choice of mail, and the mails of the morning."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.complaints import Complaint, ComplaintEvent
from app.models.mail import Delivery

UNREAD = text("read_at IS NULL")
TO_BE_MAILED = text("mail = 'waiting'")


class Notice(Base):
    """One entry of a case's log that one person is told, once.

    `due_at` is when it may leave the house; on the person's page it stands at once. `mail` is waiting (for `due_at`) |
    digest (for the mail of the next working morning) | sent (in the outbox) | dropped (read before, or not to be seen any more) |
    "" (none wanted).
    """

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("complaint_event.id"))
    kind: Mapped[str] = mapped_column(String(12))  # rules.notices.Kind
    urgent: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mail: Mapped[str] = mapped_column(String(8), default="")
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    complaint: Mapped[Complaint] = relationship()
    event: Mapped[ComplaintEvent] = relationship()

    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notice_user_id_id", "user_id", "id"),
        # The bell of every page counts by it.
        Index("ix_notice_unread", "user_id", "complaint_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notice_waiting", "due_at", sqlite_where=TO_BE_MAILED, postgresql_where=TO_BE_MAILED),
        Index("ix_notice_created_at", "created_at"),
    )


class NoticeChoice(Base):
    """How one person wants one group of notices by mail; no row: as `rules.notices.DEFAULTS` says."""

    __tablename__ = "notice_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    notices: Mapped[str] = mapped_column(String(12), primary_key=True)  # rules.notices.Group
    mail: Mapped[str] = mapped_column(String(8))  # rules.notices.Mail


class MorningMail(Base):
    """The one look that is taken each working morning at what waits for a person; a mail only if something does."""

    __tablename__ = "morning_mail"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))

    delivery: Mapped[Delivery | None] = relationship()
