"""Surveys (one wave of asking, in a series), invitations, open links, and responses."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.customers import Contact, Customer, Segment
from app.models.firm import Unit
from app.models.questionnaires import QuestionnaireVersion


class Series(Base):
    """Surveys that are held again and again and compared with one another."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    surveys: Mapped[list["Survey"]] = relationship(back_populates="series", order_by="Survey.opens_at")


class Survey(Base):
    """One wave. States and steps are in `rules.surveys`."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    # draft | ready | live | paused | closed
    state: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segment.id"))
    anonymous: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # {lang: {"subject", "body"}}; reminder_texts likewise. Variables: see rules.mail_texts.
    mail_texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reminder_texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    pace_per_minute: Mapped[int] = mapped_column(default=60)
    # Local minutes of the day between which nothing is sent; equal = no quiet hours.
    quiet_from: Mapped[int] = mapped_column(default=21 * 60)
    quiet_until: Mapped[int] = mapped_column(default=8 * 60)
    reminder_after_days: Mapped[int] = mapped_column(default=3)
    reminder_limit: Mapped[int] = mapped_column(default=2)
    # Whoever gives this question at most this score is asked whether we may come back to him; "" and None: nobody is.
    follow_up_question: Mapped[str] = mapped_column(String(60), default="")
    follow_up_score: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Management has let the departments see the results.
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_count: Mapped[int | None]
    sealed_hash: Mapped[str | None] = mapped_column(String(64))
    row_version: Mapped[int] = mapped_column("version", default=1)

    series: Mapped[Series] = relationship(back_populates="surveys")
    questionnaire_version: Mapped[QuestionnaireVersion] = relationship()
    segment: Mapped[Segment | None] = relationship()

    __mapper_args__ = {"version_id_col": row_version}


class Invitation(Base):
    """One person's link to one survey.

    The link is `nonce` + HMAC(instance key, purpose, id, nonce): the database alone opens nothing.
    `profile` is the customer as he was when invited (kind, region, size, lines, unit, new or old,
    key account), so that results are grouped by what was true then.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    nonce: Mapped[bytes] = mapped_column(LargeBinary(9), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    stratum: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # In an anonymous survey only these flags are kept, without times, and nothing joins to answers.
    started: Mapped[bool] = mapped_column(default=False)
    finished: Mapped[bool] = mapped_column(default=False)
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    survey: Mapped[Survey] = relationship()
    contact: Mapped[Contact] = relationship()
    customer: Mapped[Customer] = relationship()

    __table_args__ = (
        UniqueConstraint("survey_id", "contact_id"),
        Index("ix_invitation_survey_id_finished", "survey_id", "finished"),
    )


class OpenLink(Base):
    """A link for everybody who meets it at one place 渠道: web site, WeChat group, shop poster."""

    __tablename__ = "open_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(9), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(12))  # web | wechat | poster | other
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    survey: Mapped[Survey] = relationship()
    unit: Mapped[Unit | None] = relationship()


def _index_of_filled(column: str) -> Index:
    filled = text(f"{column} IS NOT NULL")
    return Index(f"ix_response_{column}", column, sqlite_where=filled, postgresql_where=filled)


class Response(Base):
    """One respondent's answers: one row, one document.

    `key` is issued by the server when the answering begins and is what makes submitting
    exactly-once. `answers` is keyed by question code (see `rules.answers`).
    """

    __tablename__ = "response"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    # Null in an anonymous survey and for open links.
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), unique=True)
    open_link_id: Mapped[int | None] = mapped_column(ForeignKey("open_link.id"))
    key: Mapped[str] = mapped_column(String(43), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="draft")  # draft | complete
    channel: Mapped[str] = mapped_column(String(12), default="mail")  # mail | web | wechat | poster …
    language: Mapped[str] = mapped_column(String(2))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # [[page id, seconds spent], …] in the order saved
    page_log: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    revision: Mapped[int] = mapped_column(default=0)
    # Keyed hash of address and browser, for open links only; finds repeats without keeping either.
    device_hash: Mapped[str | None] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The respondent asked to be called (the wish itself stands in `answers`), and somebody has called.
    call_wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        # `id` third: the analysis reads what is new since the last id it has seen.
        Index("ix_response_survey_id_state_id", "survey_id", "state", "id"),
        # Empty in most responses: an index of the others costs those nothing.
        _index_of_filled("call_wanted_at"),
        _index_of_filled("device_hash"),
        _index_of_filled("open_link_id"),
    )
