"""Cases of complaints: the case, its log, its rounds, and what is tried to reach the customer."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.accounts import User
from app.models.customers import Customer
from app.models.feedback import Feedback, FeedbackCategory
from app.models.firm import Unit


class Complaint(Base):
    """One case. States and steps are in `rules.complaints`.

    What its clocks show follows from its log; `due_at` and the columns beside it repeat the part that lists need, and
    are computed anew with every step.
    """

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    year: Mapped[int]
    running: Mapped[int]
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    about_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("feedback_category.id"))
    severity: Mapped[str] = mapped_column(String(8))  # rules.clocks.Severity
    state: Mapped[str] = mapped_column(String(12), default="received")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    round: Mapped[int] = mapped_column(default=1)
    sent_back: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(24), default="")  # rules.complaints.Outcome
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # In force when it was taken in. Calendars that are corrected while it is open are followed: then the log says from
    # which version to which.
    policy_version: Mapped[int] = mapped_column(ForeignKey("clock_policy.version"))
    calendar_version: Mapped[int] = mapped_column(ForeignKey("working_calendar.version"))
    # The nearest deadline and its clock, when most of its time is used up, and the next warning or breach.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_clock: Mapped[str] = mapped_column(String(12), default="")
    soon_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused: Mapped[bool] = mapped_column(default=False)
    next_alarm_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the customer who is waited for is reminded next, or waited for no longer.
    next_prompt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The case in which this one goes on. No foreign key: SQLite could not take the column away again.
    merged_into_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    feedback: Mapped[Feedback] = relationship()
    customer: Mapped[Customer | None] = relationship()
    category: Mapped[FeedbackCategory] = relationship()
    unit: Mapped[Unit | None] = relationship()
    handler: Mapped[User | None] = relationship(foreign_keys=[handler_id])
    events: Mapped[list["ComplaintEvent"]] = relationship(order_by="ComplaintEvent.id")
    rounds: Mapped[list["ComplaintRound"]] = relationship(order_by="ComplaintRound.number")
    tries: Mapped[list["CallbackTry"]] = relationship(order_by="CallbackTry.id")
    units: Mapped[list["ComplaintUnit"]] = relationship()
    runs: Mapped[list["ComplaintRun"]] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("year", "running"),
        # The desk counts and sorts by these alone.
        Index("ix_complaint_desk", "state", "due_at", "id", "handler_id", "unit_id", "about_user_id"),
        Index("ix_complaint_closed", "state", "closed_at", "id", "about_user_id"),
        Index("ix_complaint_handler_id_state", "handler_id", "state"),
        Index("ix_complaint_unit_id_state", "unit_id", "state"),
        Index("ix_complaint_category_id_state", "category_id", "state"),
        Index("ix_complaint_customer_id", "customer_id"),
        Index(
            "ix_complaint_next_prompt_at",
            "next_prompt_at",
            sqlite_where=text("next_prompt_at IS NOT NULL"),
            postgresql_where=text("next_prompt_at IS NOT NULL"),
        ),
        Index("ix_complaint_similar", "category_id", "unit_id", "received_at"),
        Index(
            "ix_complaint_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index(
            "ix_complaint_about_user_id",
            "about_user_id",
            sqlite_where=text("about_user_id IS NOT NULL"),
            postgresql_where=text("about_user_id IS NOT NULL"),
        ),
        Index(
            "ix_complaint_next_alarm_at",
            "next_alarm_at",
            sqlite_where=text("next_alarm_at IS NOT NULL"),
            postgresql_where=text("next_alarm_at IS NOT NULL"),
        ),
    )

    @property
    def present_round(self) -> "ComplaintRound":
        """The round that goes on, or was the last."""
        return self.rounds[-1]


class ComplaintEvent(Base):
    """One entry of a case's log; never changed or deleted. All clocks are computed from it.

    `at` is when it happened, `recorded_at` when it was entered. `kind` is one of `rules.clocks.Kind`, or of
    `rules.complaints.Entry` for what no clock looks at.
    """

    __tablename__ = "complaint_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    round: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # The name stays readable whatever becomes of the user; "" for what happened by itself.
    by_name: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Issued with the form of a step, so that sending it twice takes the step once.
    key: Mapped[str | None] = mapped_column(String(43), unique=True)
    # The row version of the case that this entry made.
    version: Mapped[int]


class ComplaintRound(Base):
    """From receipt or reopening to the next reopening, with what came of it: every round keeps its own figures."""

    __tablename__ = "complaint_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"))
    number: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_category.id"))
    cause_text: Mapped[str] = mapped_column(Text, default="")
    prevention: Mapped[str] = mapped_column(Text, default="")
    no_prevention_because: Mapped[str] = mapped_column(Text, default="")
    # satisfied | partly | not; "" before the customer was asked
    satisfaction: Mapped[str] = mapped_column(String(10), default="")
    solution_score: Mapped[int | None]
    handling_score: Mapped[int | None]
    called_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    cause: Mapped[FeedbackCategory | None] = relationship()

    __table_args__ = (UniqueConstraint("complaint_id", "number"),)


class ComplaintUnit(Base):
    """A unit that has or had the case: it keeps sight of it after handing it on."""

    __tablename__ = "complaint_unit"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_complaint_unit_unit_id_complaint_id", "unit_id", "complaint_id"),)


class ComplaintLink(Base):
    """Two cases that belong together, the lower id first; true for both."""

    __tablename__ = "complaint_link"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_complaint_link_other_id", "other_id"),)


class ComplaintText(Base):
    """What the desk's search looks through: what stands in `FeedbackText`, and below it notes, replies, results and
    whatever else was written into the log, folded; grows with it. One text, because reading two costs twice as much.
    """

    __tablename__ = "complaint_text"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class ComplaintRun(Base):
    """One run of one clock, with when it is due: what summaries count. Repeats what follows from the log, is computed
    anew with every step and stays true until the next; `due_at` None: never.
    """

    __tablename__ = "complaint_run"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    clock: Mapped[str] = mapped_column(String(12), primary_key=True)  # rules.clocks.Clock
    round: Mapped[int] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  # whose turn it is, for the department's clock
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_complaint_run_clock_due_at", "clock", "due_at"),)


class CallbackTry(Base):
    """One attempt to ask the customer whether he is satisfied."""

    __tablename__ = "callback_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    round: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(10))
    reached: Mapped[bool]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class ClockPolicy(Base):
    """One version of how long everything may take, for good; shape: `rules.clocks.documents`."""

    __tablename__ = "clock_policy"

    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkingCalendar(Base):
    """One version of the firm's working hours and special days, for good; shape: `rules.clocks.documents`."""

    __tablename__ = "working_calendar"

    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AssignmentRule(Base):
    """To whom new complaints go by themselves; empty fields mean any. One with three empty fields is the fallback."""

    __tablename__ = "assignment_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_category.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    severity: Mapped[str | None] = mapped_column(String(8))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
