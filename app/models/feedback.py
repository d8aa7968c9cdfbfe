"""What customers tell us, and the two trees it is sorted by: what it is about, and what caused it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.accounts import User
from app.models.customers import Customer
from app.models.firm import Unit


class FeedbackCategory(Base):
    """One branch of a tree: a category 分类 of feedback, or (`kind` cause) a root cause 根本原因."""

    __tablename__ = "feedback_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_category.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # category | cause
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, lang: str) -> str:
        """The name in a content language."""
        return self.name_en if lang == "en" and self.name_en else self.name


class Feedback(Base):
    """One complaint, suggestion, praise or question, as it was recorded. It never changes, but for its kind when it
    turns out to be a complaint; what becomes of that stands in its case.
    """

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Issued with the form, so that sending it twice records it once.
    key: Mapped[str] = mapped_column(String(43), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # rules.complaints.Kind
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    # Who said it, when that is nobody on record, or another person than the customer's contact.
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    occurred_on: Mapped[date | None]
    content: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(String(120))  # the beginning of the content, for lists
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(10))  # rules.complaints.Channel
    category_id: Mapped[int] = mapped_column(ForeignKey("feedback_category.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # the one it is about
    severity: Mapped[str] = mapped_column(String(8), default="")  # "" unless it is a complaint
    language: Mapped[str] = mapped_column(String(2))
    # Somebody of ours whom it is about: it is never shown to him.
    about_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # The answer to a survey that it grew out of.
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    customer: Mapped[Customer | None] = relationship()
    category: Mapped[FeedbackCategory] = relationship()
    unit: Mapped[Unit | None] = relationship()
    recorded_by: Mapped[User | None] = relationship(foreign_keys=[recorded_by_id])

    __table_args__ = (
        Index("ix_feedback_received_at_id", "received_at", "id"),
        Index("uq_feedback_response_id", "response_id", unique=True),
        Index("ix_feedback_kind_received_at", "kind", "received_at"),
        Index(
            "ix_feedback_about_user_id",
            "about_user_id",
            sqlite_where=text("about_user_id IS NOT NULL"),
            postgresql_where=text("about_user_id IS NOT NULL"),
        ),
    )


class FeedbackText(Base):
    """What a search looks through: number, customer, contact and content, folded to one form of every character.

    In a table of its own, so that lists read no long texts. Chinese has no spaces to split words at; looking for a
    part of the text finds them all.
    """

    __tablename__ = "feedback_text"

    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
