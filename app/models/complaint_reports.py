"""Reports on complaints that customer service or marketing writes and management reviews."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.accounts import User
from app.models.firm import Unit


class ComplaintReport(Base):
    """One report: the figures of a period as they were taken, and the text about them. States: `rules.complaint_reports`."""

    __tablename__ = "complaint_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(24))  # a code of rules.complaints.periods
    kind: Mapped[str] = mapped_column(String(12))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), default="draft")  # draft|submitted|reviewed|returned
    # A ComplaintSummary; taken anew while the report is open, frozen from its submission on.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    figures_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of figures and texts at the submission; "" while the report is open.
    digest: Mapped[str] = mapped_column(String(64), default="")
    situation: Mapped[str] = mapped_column(Text, default="")
    causes: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    suggestions: Mapped[str] = mapped_column(Text, default="")
    # What was drafted from the figures: a text that still says it is drafted anew with new figures.
    drafted: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit | None] = relationship()
    created_by: Mapped[User | None] = relationship()
    events: Mapped[list["ComplaintReportEvent"]] = relationship(
        back_populates="report", order_by="ComplaintReportEvent.id"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_complaint_report_period_state", "period", "state"),)


class ComplaintReportEvent(Base):
    """What was done with a report: started, edited, refreshed, submitted, reviewed, returned. Never changed."""

    __tablename__ = "complaint_report_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("complaint_report.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")  # why it was returned
    digest: Mapped[str] = mapped_column(String(64), default="")
    # The form's key: the same form is taken once.
    key: Mapped[str | None] = mapped_column(String(64), unique=True)

    report: Mapped[ComplaintReport] = relationship(back_populates="events")
