"""The firm that runs this installation and its organisational units."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime


class Firm(Base):
    """The one row of settings that belong to the firm, not to the machine."""

    __tablename__ = "firm"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    language: Mapped[str] = mapped_column(String(2))
    timezone: Mapped[str] = mapped_column(String(64))
    sender_address: Mapped[str] = mapped_column(String(254), default="")
    reply_address: Mapped[str] = mapped_column(String(254), default="")
    contact_name: Mapped[str] = mapped_column(String(120), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    # Groups with fewer answers than this are never shown.
    minimum_group: Mapped[int] = mapped_column(default=5)
    # A contact is not invited again within this many days of the last invitation.
    fatigue_days: Mapped[int] = mapped_column(default=30)
    # Set after a restore: nothing is sent until a person confirms.
    mail_paused: Mapped[bool] = mapped_column(default=False)
    # Mails in the mailbox that belong to nothing are put before customer service.
    sorts_mail: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def initial(self) -> str:
        """First character of the name, for the brand mark."""
        return self.name[:1]

    def name_in(self, lang: str) -> str:
        """The firm's name in a content language."""
        return self.name_en if lang == "en" and self.name_en else self.name


class Unit(Base):
    """A department 部门 or a branch 门店, in a tree."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # department | branch
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped["Unit | None"] = relationship(remote_side=[id], back_populates="children")
    children: Mapped[list["Unit"]] = relationship(back_populates="parent", order_by="Unit.position")

    __mapper_args__ = {"version_id_col": version}

    def name_in(self, lang: str) -> str:
        """The unit's name in a content language."""
        return self.name_en if lang == "en" and self.name_en else self.name
