"""What people keep for themselves at the desk of complaints, and what became of what they did for many cases at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.accounts import User


class BulkRun(Base):
    """A step that somebody took for many cases at once, with what became of each; kept for a month."""

    __tablename__ = "bulk_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Issued with the form, so that sending it twice does it once.
    key: Mapped[str] = mapped_column(String(43), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # services.complaints.bulk.Result
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    __table_args__ = (Index("ix_bulk_run_started_at", "started_at"),)


class CannedReply(Base):
    """A text that is put into replies, with places to be filled (`rules.complaints.canned`)."""

    __tablename__ = "canned_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, lang: str) -> str:
        """The name in the language of a page."""
        return self.name_en if lang == "en" and self.name_en else self.name


class ComplaintPresence(Base):
    """Who has a case open, and when his browser last said so. Rows expire by themselves."""

    __tablename__ = "complaint_presence"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class ComplaintDraft(Base):
    """What somebody has begun to type into the form of a step; nobody else sees it."""

    __tablename__ = "complaint_draft"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    door: Mapped[str] = mapped_column(String(12), primary_key=True)
    # Field names with what is typed.
    typed: Mapped[dict[str, str]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_complaint_draft_kept_at", "kept_at"),)


class SavedView(Base):
    """Filters of the desk under a name; a shared one is offered to all of customer service."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    # The parameters of the desk's address.
    filters: Mapped[dict[str, str]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(default=False)
    # Deleted, but it can be brought back.
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}


class DefaultView(Base):
    """The view with which somebody's desk begins."""

    __tablename__ = "default_view"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id"))
