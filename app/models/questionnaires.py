"""Questionnaires, their versions, and the indicator tree that outlives them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime


class IndicatorSystem(Base):
    """An indicator system 指标体系: one tree of weighted dimensions and indicators."""

    __tablename__ = "indicator_system"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    indicators: Mapped[list["Indicator"]] = relationship(
        cascade="all, delete-orphan", order_by="Indicator.position"
    )

    __mapper_args__ = {"version_id_col": version}


class Indicator(Base):
    """One node. Weights of siblings sum to 1; only leaves are measured by questions."""

    __tablename__ = "indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("indicator_system.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("indicator.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    weight: Mapped[float]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("system_id", "code"),)


class Questionnaire(Base):
    """A questionnaire through all its versions."""

    __tablename__ = "questionnaire"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)  # of the newest version, for lists
    system_id: Mapped[int | None] = mapped_column(ForeignKey("indicator_system.id"))
    template_key: Mapped[str | None] = mapped_column(String(40))
    archived: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    system: Mapped[IndicatorSystem | None] = relationship()
    versions: Mapped[list["QuestionnaireVersion"]] = relationship(
        back_populates="questionnaire", order_by="QuestionnaireVersion.number"
    )


class QuestionnaireVersion(Base):
    """One version. While `draft` its content is edited; once `published` it never changes.

    `content` is the document described in `rules.questionnaire`; `indicators` is the tree as it
    stood at publishing, so that an index computed years later uses the weights of its day.
    """

    __tablename__ = "questionnaire_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")  # draft | published
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    indicators: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    questionnaire: Mapped[Questionnaire] = relationship(back_populates="versions")

    __table_args__ = (
        UniqueConstraint("questionnaire_id", "number"),
        # One draft at a time.
        Index(
            "uq_questionnaire_version_draft",
            "questionnaire_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}


class DraftEdit(Base):
    """The content before one edit of a draft; undo and redo walk along these rows."""

    __tablename__ = "draft_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    sequence: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("version_id", "sequence"),)
