"""The first run: the one-time code, and making the firm with its first administrator."""

import hmac
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.extensions import db
from app.models import Firm, User
from app.rules.permissions import Role
from app.services import audit, jobs, users

FIRM_ID = 1  # the primary key makes a second firm impossible


@dataclass(frozen=True)
class FirmData:
    """What the set-up page asks about the firm."""

    name: str
    name_en: str
    language: str
    timezone: str
    contact_name: str
    contact_phone: str
    sender_address: str


@dataclass(frozen=True)
class AdministratorData:
    """What the set-up page asks about the first administrator."""

    name: str
    email: str
    password_hash: str
    does_everything: bool


def code_file(data: Path) -> Path:
    """Where the address with the one-time code stands, for the terminal to show."""
    return data / "setup_code"


def ensure_code(data: Path, base_url: str) -> str | None:
    """Return the address of the set-up page with its code, made if there is none; None when a firm exists."""
    if exists():
        forget_code(data)
        return None
    path = code_file(data)
    if _stored_code(data) is None:
        _write(path, f"{base_url}/setup?code={secrets.token_urlsafe(18)}\n")
    return path.read_text("ascii").strip()


def exists() -> bool:
    """Whether the set-up has been done."""
    return db.session.scalar(select(Firm.id).limit(1)) is not None


def code_is_right(data: Path, code: str) -> bool:
    """Whether somebody has read the code where only the owner of the machine can read it."""
    stored = _stored_code(data)
    given = code.encode("utf-8", "surrogatepass")
    return stored is not None and hmac.compare_digest(stored.encode(), given)


def forget_code(data: Path) -> None:
    """Remove the code; it has done its work."""
    code_file(data).unlink(missing_ok=True)


def set_up(
    firm: FirmData, administrator: AdministratorData, *, with_demonstration: bool, now: datetime
) -> User:
    """Make the firm and its first administrator. Raises `Refused`: `already_set_up`."""
    if exists():
        raise Refused("already_set_up")
    row = Firm(id=FIRM_ID, created_at=now, **vars(firm))
    try:
        # A savepoint: on PostgreSQL two may get here at once, and the slower one's transaction has to stay usable.
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise Refused("already_set_up") from None
    user = users.create(
        email=administrator.email,
        name=administrator.name,
        language=firm.language,
        role_names=list(Role) if administrator.does_everything else [Role.ADMINISTRATOR],
        password_hash=administrator.password_hash,
        by=None,
        now=now,
    )
    audit.record("firm.set_up", kind="firm", object_id=row.id, by=user, now=now, name=firm.name)
    if with_demonstration:
        jobs.request_job("demo", key="demo", by=user, now=now)
    return user


def _stored_code(data: Path) -> str | None:
    try:
        address = code_file(data).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    codes = parse_qs(urlsplit(address).query).get("code")
    return codes[0] if codes else None


def _write(path: Path, text: str) -> None:
    # mkstemp makes the file readable by its owner only; renamed, so that nobody reads half of it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".setup_code-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    Path(name).replace(path)
