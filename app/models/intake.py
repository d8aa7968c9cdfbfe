"""What reaches us from outside: public forms, the customer's secret link, the files he sends, and his mails."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.feedback import Feedback
from app.models.firm import Unit


class PublicForm(Base):
    """Where customers can complain without an account: of the firm (no unit), or of one unit under its own address."""

    __tablename__ = "public_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), unique=True)
    address: Mapped[str] = mapped_column(String(40), unique=True)  # "" for the firm's own
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class FeedbackLink(Base):
    """The public part of the secret link by which a customer follows what he has told us; see `rules.links`."""

    __tablename__ = "feedback_link"

    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(9), unique=True)

    feedback: Mapped[Feedback] = relationship()


class Attachment(Base):
    """A file a customer has sent. Its content lies in the data folder under the name `stored`.

    Without `feedback_id` it waits for its form to be sent; `form_key` says which form, and after a day it is removed.
    """

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    # The message it came with; None: it came with the feedback itself.
    event_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_event.id"))
    # The mail it came with; it waits for what becomes of that.
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    form_key: Mapped[str] = mapped_column(String(43))
    name: Mapped[str] = mapped_column(String(120))  # as the customer called it: text, never a path
    kind: Mapped[str] = mapped_column(String(8))  # rules.attachments.KINDS
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_attachment_form_key", "form_key"),
        Index(
            "ix_attachment_letter_id",
            "letter_id",
            sqlite_where=text("letter_id IS NOT NULL"),
            postgresql_where=text("letter_id IS NOT NULL"),
        ),
    )


class Letter(Base):
    """A mail of a person that belongs to a case, or that somebody has to sort: what it says, never the mail itself.

    `state` is one of `rules.letters.State`. `matched_by` says how it was found to belong to `feedback_id`: reply (a Message-ID
    of ours), number (in the subject), hand, or "" for not at all. `event_id` is the entry of the case's log that it
    led to.
    """

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    matched_by: Mapped[str] = mapped_column(String(8), default="")
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("complaint_event.id"))
    sender: Mapped[str] = mapped_column(String(254))
    sender_name: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    earlier: Mapped[str] = mapped_column(Text, default="")
    cut: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2))
    # [[name, code of the reason], …] of files that were not taken
    left_out: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sorted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    sorted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    feedback: Mapped[Feedback | None] = relationship()
    files: Mapped[list[Attachment]] = relationship(order_by=Attachment.id, viewonly=True)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_letter_state_received_at", "state", "received_at"),)
