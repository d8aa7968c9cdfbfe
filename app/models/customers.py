"""The customer register: customers, their contacts, service dates, segments and imports."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime
from app.models.firm import Unit


class Customer(Base):
    """A person or a firm that buys from us."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(12), default="enterprise")  # individual | enterprise
    region: Mapped[str] = mapped_column(String(80), default="", index=True)
    size: Mapped[str] = mapped_column(String(40), default="")
    customer_since: Mapped[date | None]
    key_account: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    do_not_contact: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    unit: Mapped[Unit | None] = relationship()
    lines: Mapped[list["CustomerLine"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="CustomerLine.line"
    )
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Contact.id"
    )
    service_events: Mapped[list["ServiceEvent"]] = relationship(
        cascade="all, delete-orphan", order_by="ServiceEvent.on.desc()"
    )

    __mapper_args__ = {"version_id_col": version}


class CustomerLine(Base):
    """One business line 业务线 that a customer uses."""

    __tablename__ = "customer_line"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    line: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)


class Contact(Base):
    """A person at a customer whom we may write to."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="", index=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(2), default="")  # "" = the firm's
    is_primary: Mapped[bool] = mapped_column(default=True)
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # ok | bad: mail does not reach this address; `address_reason` is the code of why, `address_note` what a
    # server said, `address_since` when it became so (also when it became ok again; None: from the beginning)
    address_state: Mapped[str] = mapped_column(String(8), default="ok")
    address_reason: Mapped[str] = mapped_column(String(20), default="")
    address_note: Mapped[str] = mapped_column(String(300), default="")
    address_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When this contact was last invited to any survey; the fatigue rule looks here.
    last_invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship(back_populates="contacts")


class ServiceEvent(Base):
    """A purchase or a service, so that a survey can name it."""

    __tablename__ = "service_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    on: Mapped[date]
    what: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (UniqueConstraint("customer_id", "on", "what"),)


class Segment(Base):
    """A saved filter of customers; see `rules.segments` for the shape of `filters`."""

    __tablename__ = "segment"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class CustomerImport(Base):
    """One spreadsheet brought in: from the upload to the undo."""

    __tablename__ = "customer_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    filename: Mapped[str] = mapped_column(String(255))
    path: Mapped[str] = mapped_column(String(255))  # below HEED_DATA, random name
    sha256: Mapped[str] = mapped_column(String(64))
    # uploaded | reading | read | checking | checked | running | done | failed | undoing | undone
    state: Mapped[str] = mapped_column(String(12), default="uploaded", index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # sheet, encoding, mapping
    preview: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # counts
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class CustomerImportRow(Base):
    """What one row of an import did or why it could not, so that it can be shown and undone."""

    __tablename__ = "customer_import_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("customer_import.id"))
    number: Mapped[int]  # row number in the sheet, as the spreadsheet program shows it
    outcome: Mapped[str] = mapped_column(String(8))  # bad | created | updated | same
    customer_id: Mapped[int | None] = mapped_column(index=True)
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cells: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_customer_import_row_import_id_outcome", "import_id", "outcome"),)
