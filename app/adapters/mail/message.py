"""Composing one mail. No value, however odd, can add a header line or raise on the way out.

Written by hand, because the library's generator takes longer than everything else in sending: every
value goes through `_one_line`, `_encoded` or base64, and the tests read the result with the library's parser.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

# Deliberately narrower than the standard: what a form or an import lets through may be anything.
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
# RFC 5322 asks for lines of at most 78 characters; RFC 2047 for words of at most 75.
HEADER_TEXT = 60
WORD_BYTES = 42
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Envelope:
    """Who the server is told. `utf8`: the local part of an address is not ASCII."""

    sender: str
    recipient: str

    @property
    def utf8(self) -> bool:
        """Whether the server must know SMTPUTF8."""
        return not (self.sender.isascii() and self.recipient.isascii())


@dataclass(frozen=True)
class Parts:
    """Everything one mail is made of. Addresses as people type them; texts in any language."""

    message_id: str
    sender_name: str
    sender: str
    reply_to: str
    recipient: str
    subject: str
    text: str
    html: str
    date: datetime
    base_url: str
    language: str
    unsubscribe_url: str = ""
    # Named as what this mail answers. Some servers give a mail a new Message-ID; a reply still names this one.
    thread: str = ""


def bad_address(address: str) -> bool:
    """Whether nothing could be sent to this address: no mailbox, no domain, a line break in it …"""
    return _ascii_domain(address) is None


def compose(parts: Parts) -> tuple[Envelope, bytes]:
    """Return the envelope and the message as it goes over the line.

    Raises ValueError when the sender's or the recipient's address can't be written in a mail.
    """
    sender, recipient = _ascii_domain(parts.sender), _ascii_domain(parts.recipient)
    if sender is None or recipient is None:
        raise ValueError("bad_address")
    envelope = Envelope(sender, recipient)
    boundary = f"=_{parts.message_id}"
    reply_to = _ascii_domain(parts.reply_to)
    lines = [
        _from(parts.sender_name, sender),
        f"To: {recipient}",
        f"Subject: {_encoded(_one_line(parts.subject))}",
        f"Date: {format_datetime(parts.date)}",
        f"Message-ID: <{parts.message_id}@{urlsplit(parts.base_url).hostname}>",
        *([f"References: <{parts.thread}@{urlsplit(parts.base_url).hostname}>"] if parts.thread else []),
        "Auto-Submitted: auto-generated",
        f"Content-Language: {parts.language}",
        *_unsubscribe_lines(parts.unsubscribe_url),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
        *_part(boundary, "plain", parts.text),
        *_part(boundary, "html", parts.html),
        f"--{boundary}--",
        "",
    ]
    if reply_to is not None and (reply_to.isascii() or envelope.utf8):
        lines.insert(1, f"Reply-To: {reply_to}")
    return envelope, "\r\n".join(lines).encode()


def _part(boundary: str, subtype: str, text: str) -> list[str]:
    """One alternative, in base64: safe with every server, whatever the lines are like."""
    body = base64.encodebytes(_storable(text).replace("\n", "\r\n").encode()).decode().strip()
    return [
        f"--{boundary}",
        f'Content-Type: text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        body.replace("\n", "\r\n"),
    ]


def _from(name: str, address: str) -> str:
    plain = _one_line(name)
    if plain.isascii():
        quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
        return f'From: "{quoted}" <{address}>' if plain else f"From: {address}"
    return f"From: {_encoded(plain)}\r\n <{address}>"


def _encoded(text: str) -> str:
    """A header's text: as it is when plain and short, else RFC 2047 words of whole characters."""
    if text.isascii() and len(text) <= HEADER_TEXT and "=?" not in text:
        return text
    words, chunk = [], b""
    for character in text:
        piece = character.encode()
        if len(chunk) + len(piece) > WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += piece
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def _unsubscribe_lines(url: str) -> list[str]:
    if not url:
        return []
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("bad_unsubscribe_url")
    return [f"List-Unsubscribe: <{url}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def _ascii_domain(address: str) -> str | None:
    """The address with its domain in ASCII (IDNA); None when it can't be one."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith("."):
        return None
    try:
        plain = domain.encode("idna").decode() if not domain.isascii() else domain
        (local + "@" + plain).encode("utf-8")
    except UnicodeError:
        return None
    labels = plain.split(".")
    if len(labels) < 2 or len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return f"{local}@{plain}" if ".." not in local else None


def _one_line(text: str) -> str:
    return _storable(_CONTROL.sub(" ", text)).strip()


def _storable(text: str) -> str:
    """Without lone surrogates, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")
