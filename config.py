"""Every setting of Heed, read from the environment, with safe defaults.

Here lives the reading and refusing of settings and the Flask configuration that follows from them; what the address of
a server may look like is in `app.servers`. Only that and the standard library is imported, and of it nothing that loads
a cryptographic library: the supervisor reads the settings too and has to stay small.
"""

import base64
import contextlib
import errno
import fcntl
import os
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import servers
from app.servers import MailboxServer, MailServer, SettingError

__all__ = [
    "KNOWN_HEED_NAMES",
    "MAX_UPLOAD_BYTES",
    "ROOT",
    "MailServer",
    "MailboxServer",
    "SettingError",
    "Settings",
]

ROOT = Path(__file__).resolve().parent

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
SECRET_KEY_MIN_LENGTH = 32
SECRET_KEY_MIN_DISTINCT = 8
PLACEHOLDER_SECRETS = ("changeme", "yoursecret", "secretkey", "insecure", "password", "example", "default")
LOCALES = ("zh", "en")
ASSET_SOURCES = ("cdn", "local")
KNOWN_HEED_NAMES = frozenset(
    {"HEED_DATA", "HEED_TIMEZONE", "HEED_LOCALE", "HEED_ASSETS", "HEED_TRUSTED_PROXIES", "HEED_BIND"}
)


@dataclass(frozen=True)
class Settings:
    """The settings of one running Heed. Build it with `Settings.from_env(os.environ)`.

    `mail` is None when no server is set: mails are then kept in `data / "mail"`. `mailbox` is None when no
    mail is read. `redis_url` is None when each process counts on its own. `base_url` has no trailing slash.
    """

    port: int
    bind: str
    data: Path
    base_url: str
    timezone: str
    locale: str
    assets: str
    trusted_proxies: int
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    mail: MailServer | None = None
    mailbox: MailboxServer | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Reads and checks every setting; makes the data folder and the secret key when they are missing.

        An empty value counts as unset. Raises SettingError at the first setting that cannot be used.
        """
        env = {name: value.strip() for name, value in environ.items() if value.strip()}
        _refuse_debug(env)
        _refuse_unknown(env)
        port = _port(env.get("PORT", "8000"))
        checked: dict[str, Any] = {
            "port": port,
            "bind": _bind(env.get("HEED_BIND", "127.0.0.1")),
            "base_url": _base_url(env.get("BASE_URL", f"http://localhost:{port}")),
            "timezone": _timezone(env.get("HEED_TIMEZONE", "Asia/Shanghai")),
            "locale": _choice("HEED_LOCALE", env.get("HEED_LOCALE", "zh"), LOCALES),
            "assets": _choice("HEED_ASSETS", env.get("HEED_ASSETS", "cdn"), ASSET_SOURCES),
            "trusted_proxies": _proxies(env.get("HEED_TRUSTED_PROXIES", "0")),
            "redis_url": servers.optional(servers.redis, env.get("REDIS_URL")),
            "mail": servers.optional(servers.mail, env.get("MAIL_URL")),
            "mailbox": servers.optional(servers.mailbox, env.get("MAILBOX_URL")),
        }
        data = _absolute(env.get("HEED_DATA", "instance"))
        checked["database_url"] = _database_url(env.get("DATABASE_URL"), data)
        given_key = servers.optional(_secret_key, env.get("SECRET_KEY"))
        # Folders and keys are made only after everything else is known to be right.
        _make_data_folder(data)
        return cls(data=data, secret_key=given_key or _kept_secret_key(data), **checked)

    @property
    def secure(self) -> bool:
        """Whether people reach Heed over https."""
        return self.base_url.startswith("https://")

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        prefix = "sqlite:///"
        return Path(self.database_url.removeprefix(prefix)) if self.database_url.startswith(prefix) else None

    def flask_config(self) -> dict[str, Any]:
        """The Flask configuration that follows from the settings; `HEED` is the Settings object itself."""
        address = urlsplit(self.base_url)
        # A cookie with the __Host- prefix is refused by browsers unless it is Secure, so plain http has none.
        prefix = "__Host-heed" if self.secure else "heed"
        config: dict[str, Any] = {
            "HEED": self,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "MAX_CONTENT_LENGTH": MAX_UPLOAD_BYTES,
            "TRUSTED_HOSTS": sorted({servers.hostname(address), "localhost", "127.0.0.1"}),
            "SERVER_NAME": address.netloc,
            "PREFERRED_URL_SCHEME": address.scheme,
            "SESSION_COOKIE_NAME": prefix,
            "SESSION_COOKIE_PATH": "/",
            "SESSION_COOKIE_SECURE": self.secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_NAME": f"{prefix}-remember",
            "REMEMBER_COOKIE_SECURE": self.secure,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "BABEL_DEFAULT_TIMEZONE": self.timezone,
            "RATELIMIT_STORAGE_URI": self.redis_url or "memory://",
        }
        return config | (_REDIS_LIMITS if self.redis_url else {})


# Counters must never take Heed down: when Redis is gone or stalls, each process counts in its own memory.
_REDIS_LIMITS: dict[str, Any] = {
    "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    "RATELIMIT_SWALLOW_ERRORS": True,
}


def _refuse_debug(env: Mapping[str, str]) -> None:
    if env.get("FLASK_DEBUG", "0").lower() not in ("0", "false", "no", "off"):
        raise SettingError(
            "FLASK_DEBUG must be off: with it anyone who sees an error page can run code on this machine."
        )


def _refuse_unknown(env: Mapping[str, str]) -> None:
    """A misspelt name would silently leave the default in force."""
    for name in sorted(env):
        if name.startswith("HEED_") and not name.startswith("HEED_TEST_") and name not in KNOWN_HEED_NAMES:
            raise SettingError(f"{name} is not a setting of Heed; the README lists them all.")


def _whole_number(name: str, value: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value, re.ASCII) or not low <= int(value) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not “{value}”.")
    return int(value)


def _port(value: str) -> int:
    return _whole_number("PORT", value, 1, 65535)


def _proxies(value: str) -> int:
    return _whole_number("HEED_TRUSTED_PROXIES", value, 0, 10)


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingError(f"{name} must be {' or '.join(allowed)}, not “{value}”.")
    return value


def _bind(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:-]+", value):
        raise SettingError(f"HEED_BIND must be an address such as 127.0.0.1 or 0.0.0.0, not “{value}”.")
    return value


def _timezone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"HEED_TIMEZONE must be a time zone such as Asia/Shanghai or Europe/Berlin, not “{value}”."
        ) from None
    return value


def _base_url(value: str) -> str:
    complaint = f"BASE_URL must be the address people type, such as https://survey.example.com, without a path, not “{value}”."
    parts = servers.split(value, complaint)
    extras = (parts.path.strip("/"), parts.query, parts.fragment, parts.username, parts.password)
    if parts.scheme not in ("http", "https") or not servers.hostname(parts) or any(extras) or parts.port == 0:
        raise SettingError(complaint)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _database_url(value: str | None, data: Path) -> str:
    """The address in the form SQLAlchemy wants."""
    if value is None:
        return f"sqlite:///{data / 'heed.sqlite3'}"
    file = value.removeprefix("sqlite:///")
    if file != value and file not in ("", ":memory:") and "?" not in value:
        return f"sqlite:///{_absolute(file)}"
    return servers.postgresql(value)


def _secret_key(value: str) -> str:
    if len(value) < SECRET_KEY_MIN_LENGTH:
        raise SettingError(
            f"SECRET_KEY must have at least {SECRET_KEY_MIN_LENGTH} characters;"
            " leave it unset and Heed makes and keeps one."
        )
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    if len(set(value)) < SECRET_KEY_MIN_DISTINCT or any(word in plain for word in PLACEHOLDER_SECRETS):
        raise SettingError(
            "SECRET_KEY is a placeholder or too simple to be secret; leave it unset and Heed makes and keeps one."
        )
    return value


def _absolute(value: str) -> Path:
    """Relative paths count from the project, not from the folder somebody happens to stand in."""
    return ROOT / Path(value).expanduser()


def _make_data_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as problem:
        raise SettingError(
            f"HEED_DATA must be a folder Heed can write to, and {data} is not one: {_reason(problem)}."
        ) from None


def _reason(problem: OSError) -> str:
    return (problem.strerror or "unknown reason").lower()


def _kept_secret_key(data: Path) -> str:
    """The key kept in the data folder; made under a lock, so that two first starts at once agree on one."""
    path = data / "secret_key"
    try:
        with _folder_lock(data):
            if not path.exists():
                _write_key(path, base64.urlsafe_b64encode(os.urandom(48)).decode("ascii"))
            path.chmod(0o600)
            key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        detail = _reason(problem) if isinstance(problem, OSError) else "it is not plain text"
        raise SettingError(f"The secret key in {path} cannot be read or written: {detail}.") from None
    if len(key) < SECRET_KEY_MIN_LENGTH:
        raise SettingError(f"The secret key in {path} is damaged; restore it from a backup.")
    return key


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write_key(path: Path, key: str) -> None:
    """Written beside and renamed: a crash leaves either no key or a whole one."""
    beside = path.with_name(".secret_key.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
