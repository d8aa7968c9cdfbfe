"""A folder of a mailbox, over IMAP: looking, fetching, and putting away.

The standard library's client with what servers in the wild need: time-outs on every step, sizes that are asked for and held
to, folder names in any language, the greeting that NetEase insists on. Nothing is marked as read and nothing is deleted
by looking.
"""

import base64
import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any

from config import MailboxServer

SECONDS = 20.0
# What is larger is fetched only as far as that, until it is known to concern us. A report that a mail came back has a
# few kilobytes.
MOST_BYTES = 1024 * 1024
# Files of 20 MB are 27 MB on the way.
MOST_BYTES_WHOLE = 30 * 1024 * 1024
PUT_AWAY_IN = "Heed"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d+)\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)\b")
_LISTED = re.compile(rb"\([^)]*\) (?:\"(\\?.)\"|NIL) ")
_NOT_PLAIN = re.compile(r"[^ -~]+")


class MailboxTrouble(Exception):
    """The folder can't be read now. `code`: unreachable, certificate, refused, no_folder or broken_off."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Bounded:
    """A client that takes no more at once than was asked for, whatever the server announces."""

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES_WHOLE + 4096:
            raise imaplib.IMAP4.abort("too large")
        data: bytes = super().read(size)  # type: ignore[misc]
        return data


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    pass


class MailFolder:
    """The folder of the settings; use as a context manager. Every method raises MailboxTrouble.

    A number is the server's UID: it never changes while `validity` is the same, and later mails have higher ones.
    """

    def __init__(self, server: MailboxServer, *, seconds: float = SECONDS) -> None:
        self._server = server
        self._seconds = seconds
        self._client: imaplib.IMAP4 | None = None
        self._abilities: frozenset[str] = frozenset()
        self.validity = 0

    def __enter__(self) -> "MailFolder":
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def numbers_above(self, mark: int) -> list[int]:
        """The mails with higher numbers, the lowest first."""
        # "n:*" names the last mail even when its number is lower.
        return [number for number in self._search(f"UID {mark + 1}:*") if number > mark]

    def mark_before(self, day: date) -> int:
        """A number above which all mails lie that came on this day or later."""
        since = self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")
        if since:
            return since[0] - 1
        return max(self._search("UID *"), default=0)

    def sizes(self, numbers: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
        """Sizes in bytes, and when each came to the server; a mail that is no longer there is missing."""
        found = {}
        for answer in self._uid("FETCH", _listed(numbers), "(UID RFC822.SIZE INTERNALDATE)"):
            line = answer[0] if isinstance(answer, tuple) else answer
            if not isinstance(line, bytes):
                continue
            number, size = _UID.search(line), _SIZE.search(line)
            if number is not None and size is not None:
                found[int(number[1])] = (int(size[1]), _date_in(line))
        return found

    def fetch(self, number: int, *, most: int = MOST_BYTES) -> bytes | None:
        """One mail as it came, as far as `most`; None when it is no longer there. It stays unread."""
        for answer in self._uid("FETCH", str(number), f"(UID BODY.PEEK[]<0.{most}>)"):
            if isinstance(answer, tuple) and isinstance(answer[1], bytes) and b"BODY[]" in answer[0]:
                return answer[1]
        return None

    def put_away(self, numbers: Sequence[int]) -> None:
        """Move mails into the folder "Heed" below this one; where the server can't, mark them as read."""
        if not numbers:
            return
        listed = _listed(numbers)
        if "MOVE" in self._abilities and self._into_subfolder("MOVE", listed):
            return
        if "UIDPLUS" in self._abilities and self._into_subfolder("COPY", listed):
            self._uid("STORE", listed, "+FLAGS.SILENT", r"(\Seen \Deleted)")
            # Only these, not what people have marked for deletion.
            self._uid("EXPUNGE", listed)
            return
        self._uid("STORE", listed, "+FLAGS.SILENT", r"(\Seen)")

    def close(self) -> None:
        """Hang up; never raises and never waits long."""
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client.sock.settimeout(2.0)
            client.logout()
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            client.shutdown()

    def _open(self) -> None:
        self._client = client = _asking(self._connected, otherwise="unreachable")
        _asking(lambda: self._sign_in(client), otherwise="refused")
        said = _asking(client.capability, otherwise="broken_off")[1]
        self._abilities = frozenset((said[0] or b"").decode("ascii", "replace").upper().split())
        if "ID" in self._abilities:
            # NetEase opens no folder for a client that has not said what it is. To others it means nothing.
            with contextlib.suppress(MailboxTrouble):
                _asking(lambda: client.xatom("ID", '("name" "Heed" "vendor" "Heed")'), otherwise="refused")
        outcome, _said = _asking(lambda: client.select(_quoted(self._server.folder)), otherwise="no_folder")
        if outcome != "OK":
            raise MailboxTrouble("no_folder")
        validity = client.response("UIDVALIDITY")[1][0]
        if not isinstance(validity, bytes) or not validity.isdigit():
            raise MailboxTrouble("broken_off")
        self.validity = int(validity)

    def _connected(self) -> imaplib.IMAP4:
        server = self._server
        if server.security == "tls":
            context = ssl.create_default_context()
            return _Encrypted(server.host, server.port, ssl_context=context, timeout=self._seconds)
        client = _Plain(server.host, server.port, timeout=self._seconds)
        if server.security == "starttls":
            try:
                client.starttls(ssl.create_default_context())
            except BaseException:
                client.shutdown()
                raise
        return client

    def _sign_in(self, client: imaplib.IMAP4) -> Any:
        user, password = self._server.user, self._server.password
        if (user + password).isascii():
            return client.login(user, password)
        return client.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())

    def _search(self, what: str) -> list[int]:
        found = b" ".join(line for line in self._uid("SEARCH", what) if isinstance(line, bytes))
        return sorted(int(number) for number in found.split() if number.isdigit())

    def _into_subfolder(self, command: str, listed: str) -> bool:
        """MOVE or COPY into the subfolder, which is made when it is missing. False when the server won't."""
        target = _quoted(f"{self._server.folder}{self._separator()}{PUT_AWAY_IN}")
        if self._tried(command, listed, target):
            return True
        _asking(lambda: self._line().create(target), otherwise="broken_off")
        return self._tried(command, listed, target)

    def _tried(self, command: str, listed: str, target: str) -> bool:
        outcome = _asking(lambda: self._line().uid(command, listed, target), otherwise="broken_off")[0]
        return bool(outcome == "OK")

    def _separator(self) -> str:
        """What stands between a folder and its subfolder on this server."""
        said = _asking(lambda: self._line().list('""', _quoted(self._server.folder)), otherwise="broken_off")[
            1
        ]
        line = next((one for one in said if isinstance(one, bytes)), b"")
        found = _LISTED.match(line)
        return found[1][-1:].decode("ascii", "replace") if found and found[1] else "/"

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        outcome, said = _asking(lambda: self._line().uid(command, *arguments), otherwise="broken_off")
        if outcome != "OK":
            raise MailboxTrouble("broken_off")
        return [answer for answer in said if answer is not None]

    def _line(self) -> imaplib.IMAP4:
        if self._client is None:
            raise MailboxTrouble("broken_off")
        return self._client


def _asking(ask: Callable[[], Any], *, otherwise: str) -> Any:
    """Ask the server; `otherwise` is the trouble when it says no, while a broken line is always a broken line."""
    try:
        return ask()
    except ssl.SSLCertVerificationError:
        raise MailboxTrouble("certificate") from None
    except imaplib.IMAP4.abort:
        raise MailboxTrouble("unreachable" if otherwise == "unreachable" else "broken_off") from None
    except imaplib.IMAP4.error:
        raise MailboxTrouble(otherwise) from None
    except (OSError, ValueError):
        # ValueError: an answer that makes no sense.
        raise MailboxTrouble("unreachable" if otherwise == "unreachable" else "broken_off") from None


def _date_in(line: bytes) -> datetime | None:
    """When the server says it got a mail."""
    try:
        found = imaplib.Internaldate2tuple(line)
        return datetime.fromtimestamp(time.mktime(found), UTC) if found is not None else None
    except (ValueError, OverflowError, OSError):
        return None


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(str(number) for number in numbers)


def _quoted(folder: str) -> str:
    """A folder's name as the protocol writes it: modified UTF-7, in quotes."""
    plain = _NOT_PLAIN.sub(_in_base64, folder.replace("&", "&-"))
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _in_base64(found: re.Match[str]) -> str:
    encoded = base64.b64encode(found.group().encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{encoded.decode()}-"
