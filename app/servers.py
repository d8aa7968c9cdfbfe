"""Addresses of the servers that Heed uses: what they have to look like, and what they say.

Reading the environment is `config`'s; opening connections is the adapters'. Only the standard library is imported, and
of it nothing large: the supervisor reads the settings too.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

_T = TypeVar("_T")

MAIL_SCHEMES = {"smtp": ("plain", 25), "smtps": ("tls", 465), "smtp+starttls": ("starttls", 587)}
MAILBOX_SCHEMES = {"imap": ("plain", 143), "imaps": ("tls", 993), "imap+starttls": ("starttls", 143)}
POSTGRESQL_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")


class SettingError(Exception):
    """A setting cannot be used. The text is one sentence for the person who starts Heed."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over; `security` is "plain", "tls" or "starttls"."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class MailboxServer:
    """Where mail for Heed is read; `security` as in MailServer, `folder` as people write it."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"

    @property
    def name(self) -> str:
        """Which folder of whose mailbox this is; changes with nothing else."""
        return f"{self.user}@{self.host}/{self.folder}"


def optional(check: Callable[[str], _T], value: str | None) -> _T | None:
    """What `check` makes of a value, None for none."""
    return None if value is None else check(value)


def split(value: str, complaint: str) -> SplitResult:
    """The parts of an address; its host and port are known to be readable afterwards."""
    try:
        parts = urlsplit(value)
        _ = parts.hostname, parts.port
    except ValueError:
        raise SettingError(complaint) from None
    if any(character.isspace() or not character.isprintable() for character in value):
        raise SettingError(" ".join(complaint.split()))
    return parts


def hostname(address: SplitResult) -> str:
    """The host without its port; empty when there is none."""
    return address.hostname or ""


def postgresql(value: str) -> str:
    """The address in the form SQLAlchemy wants. The value is never repeated in the complaint: it holds a password."""
    complaint = "DATABASE_URL must look like postgresql://user:password@host:5432/name or sqlite:////folder/heed.sqlite3."
    parts = split(value, complaint)
    if parts.scheme not in POSTGRESQL_SCHEMES or not parts.path.strip("/") or parts.port == 0:
        raise SettingError(complaint)
    return f"postgresql+psycopg:{value.partition(':')[2]}"


def redis(value: str) -> str:
    """The address in the form the limiter wants."""
    complaint = (
        "REDIS_URL must look like redis://host:6379/0, rediss://host:6379/0 or unix:///run/redis.sock."
    )
    parts = split(value, complaint)
    if parts.scheme not in ("redis", "rediss", "unix") or not (hostname(parts) or parts.scheme == "unix"):
        raise SettingError(complaint)
    return f"redis+{value}" if parts.scheme == "unix" else value


def mail(value: str) -> MailServer:
    """Where mail is handed over."""
    complaint = (
        "MAIL_URL must look like smtp://user:password@host:25, smtps://user:password@host:465"
        " or smtp+starttls://user:password@host:587."
    )
    parts = split(value, complaint)
    security, default_port = MAIL_SCHEMES.get(parts.scheme, ("", 0))
    extras = (parts.path.strip("/"), parts.query, parts.fragment)
    if not security or not hostname(parts) or any(extras) or parts.port == 0:
        raise SettingError(complaint)
    if (parts.username is None) != (parts.password is None):
        raise SettingError("MAIL_URL must name both user and password, or neither.")
    return MailServer(
        host=hostname(parts),
        port=parts.port or default_port,
        security=security,
        user=optional(unquote, parts.username),
        password=optional(unquote, parts.password),
    )


def mailbox(value: str) -> MailboxServer:
    """Where mail for Heed is read; the password must not cross a network unencrypted."""
    complaint = "MAILBOX_URL must look like imaps://user:password@host:993/INBOX or imap+starttls://user:password@host:143."
    parts = split(value, complaint)
    security, default_port = MAILBOX_SCHEMES.get(parts.scheme, ("", 0))
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    if not security or not hostname(parts) or parts.query or parts.fragment or parts.port == 0:
        raise SettingError(complaint)
    if not parts.username or not parts.password:
        raise SettingError("MAILBOX_URL must name user and password: no mailbox opens without them.")
    if security == "plain" and not _is_this_machine(hostname(parts)):
        raise SettingError(
            "MAILBOX_URL must begin with imaps:// or imap+starttls:// unless the server is this machine:"
            " the password would cross the network unencrypted."
        )
    if len(folder) > 100 or not folder.isprintable():
        raise SettingError("MAILBOX_URL must name a folder of at most 100 characters, such as INBOX.")
    return MailboxServer(
        host=hostname(parts),
        port=parts.port or default_port,
        security=security,
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=folder,
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
