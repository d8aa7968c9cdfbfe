"""Users, roles, signed-in sessions, and the memory of failed sign-ins."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, UtcDateTime


class UserRole(Base):
    """Which roles a user holds; one person may hold several."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)


class UserUnit(Base):
    """Which units a user belongs to, and whether he heads them."""

    __tablename__ = "user_unit"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    is_head: Mapped[bool] = mapped_column(default=False)


class Role(Base, RoleMixin):
    """One of the fixed roles of `rules.permissions.Role`; rows exist so that users can hold them."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")
    update_datetime: Mapped[datetime | None] = mapped_column(UtcDateTime)  # type: ignore[assignment]


class User(Base, UserMixin):
    """A member of staff. Never deleted: deactivated, so that history stays readable."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="zh")
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    update_datetime: Mapped[datetime | None] = mapped_column(UtcDateTime)  # type: ignore[assignment]
    version: Mapped[int] = mapped_column(default=1)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary="user_role", lazy="selectin"
    )
    unit_links: Mapped[list[UserUnit]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def initial(self) -> str:
        """First character of the name, for the avatar."""
        return self.name[:1]

    @property
    def role_names(self) -> frozenset[str]:
        """Names of the roles held."""
        return frozenset(role.name for role in self.roles)

    @property
    def unit_ids(self) -> frozenset[int]:
        """Units the user belongs to directly."""
        return frozenset(link.unit_id for link in self.unit_links)


class StaffSession(Base):
    """One sign-in on one device. Ending the row ends the cookie, wherever a copy of it is."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInThrottle(Base):
    """Failed tries per account and source (or address and purpose), kept in the database so that
    every process sees them and a restart does not forget."""

    __tablename__ = "sign_in_throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
