"""Handing mail to an SMTP server over one connection, in steps.

`begin` tells the server from whom and to whom; `send_data` hands over the text. Between the two the caller
stores that the payload is about to begin.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass

from app.adapters.mail.message import Envelope
from app.rules.deliveries import Stage
from config import MailServer

CONNECT_SECONDS = 20.0
COMMAND_SECONDS = 60.0
# RFC 5321 4.5.3.2.6 grants the server ten minutes; whoever hangs up early gets doubles.
FINAL_SECONDS = 600.0

_BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Refusal:
    """The server said no, or nothing (`code` None). `open` tells whether the line still stands."""

    stage: Stage
    code: int | None
    text: str
    open: bool


class ConnectFailed(Exception):
    """No usable connection: refused, timed out, certificate, password. `code` is a reply code or None."""

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class SmtpCarrier:
    """One connection, used again for every mail until it breaks or is closed."""

    keeps = False

    def __init__(
        self,
        server: MailServer,
        *,
        local_name: str | None = None,
        command_seconds: float = COMMAND_SECONDS,
        final_seconds: float = FINAL_SECONDS,
    ) -> None:
        self._server = server
        self._local_name = local_name
        self._command_seconds = command_seconds
        self._final_seconds = final_seconds
        self._smtp: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection stands."""
        return self._smtp is not None

    def open(self) -> None:
        """Connect and sign in unless that is done. Raises ConnectFailed."""
        if self._smtp is not None:
            return
        try:
            self._smtp = self._connected()
        except smtplib.SMTPResponseException as error:
            raise ConnectFailed(error.smtp_code, _words(error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise ConnectFailed(None, _failure(error)) from None

    def begin(self, envelope: Envelope) -> Refusal | None:
        """MAIL and RCPT. None when the server takes this recipient; needs an open connection."""
        smtp = self._line()
        if envelope.utf8 and not smtp.has_extn("smtputf8"):
            return Refusal(Stage.RCPT, 553, "5.6.7 the server can't take this address", True)
        options = ["SMTPUTF8"] if envelope.utf8 else []
        stage = Stage.MAIL
        try:
            code, text = smtp.mail(envelope.sender, options)
            if code != 250:
                return self._refusal(Stage.MAIL, code, text)
            stage = Stage.RCPT
            code, text = smtp.rcpt(envelope.recipient)
            if code not in (250, 251):
                return self._refusal(Stage.RCPT, code, text)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.close()
            return Refusal(stage, None, _failure(error), False)
        return None

    def send_data(self, message: bytes) -> Refusal | str:
        """DATA, the text and the final dot. Returns the server's words when it has taken the mail."""
        smtp = self._line()
        try:
            code, text = smtp.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Refusal(Stage.DATA, None, _failure(error), False)
        if code != 354:
            return self._refusal(Stage.DATA, code, text)
        try:
            self._wait(self._final_seconds)
            smtp.send(_dotted(message))
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Refusal(Stage.FINAL, None, _failure(error), False)
        if code != 250:
            return self._refusal(Stage.FINAL, code, text)
        self._wait(self._command_seconds)
        return _words(text)

    def reset(self) -> None:
        """Forget the recipient just begun; the connection stays where the server lets it."""
        if self._smtp is None:
            return
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        """Hang up; never raises and never waits long."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if smtp.sock is not None:
                smtp.sock.settimeout(2.0)
                smtp.quit()
        smtp.close()

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, self._local_name, timeout=CONNECT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._local_name, timeout=CONNECT_SECONDS)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password)
            assert smtp.sock is not None
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.sock.settimeout(self._command_seconds)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _line(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise RuntimeError("open() comes first")
        return self._smtp

    def _wait(self, seconds: float) -> None:
        smtp = self._line()
        if smtp.sock is not None:
            smtp.sock.settimeout(seconds)

    def _refusal(self, stage: Stage, code: int, text: bytes) -> Refusal:
        """A reply other than yes. A 421 means that the server hangs up, -1 that it already has."""
        if code in (421, -1):
            self.close()
        elif stage is not Stage.FINAL:
            self.reset()
        else:
            self._wait(self._command_seconds)
        return Refusal(stage, None if code == -1 else code, _words(text), self.is_open)


def _dotted(message: bytes) -> bytes:
    """Line ends CRLF, leading dots doubled, the closing dot added."""
    lines = _LEADING_DOT.sub(b"..", _BARE_LINE_END.sub(b"\r\n", message))
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")


def _words(text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    # No database takes a NUL; other control characters would only puzzle whoever reads them.
    return " ".join("".join(one if one.isprintable() else " " for one in plain).split())[:300]


def _failure(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'failed'}"[:300]
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:300]
    return _words(str(error)) or type(error).__name__
