"""Mail without a server: each message becomes a file in the data folder, to be read on a page."""

import os
import re
import tempfile
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from app.adapters.mail.message import Envelope
from app.adapters.mail.smtp import Refusal
from app.rules.deliveries import Stage

KEPT = "kept"  # what stands in place of a server's reply
_NAME = re.compile(r"[0-9a-zA-Z_-]{1,120}")
# A proof may stand behind the mark (`rules.inbound.threads`); a mail is found by its mark.
_MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-zA-Z_-]+)(?:\.[0-9a-f]+)?@", re.MULTILINE)


@dataclass(frozen=True)
class KeptMessage:
    """One kept mail, taken apart for reading."""

    subject: str
    sender: str
    recipient: str
    text: str
    html: str


class KeptMail:
    """A carrier that writes files. One file per Message-ID, so a second try overwrites the first."""

    keeps = True
    is_open = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make the folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self, _envelope: Envelope) -> Refusal | None:
        """Every recipient is fine."""
        return None

    def send_data(self, message: bytes) -> Refusal | str:
        """Write the file beside and rename it, so that a crash leaves no half mail. A full disk is no for now."""
        found = _MESSAGE_ID.search(message)
        if found is None:
            raise ValueError("a message without Message-ID")
        try:
            self.open()
            self._write(message, self._path(found[1].decode()))
        except OSError as error:
            return Refusal(Stage.DATA, 452, error.strerror or "the disk does not take it", True)
        return KEPT

    def _write(self, message: bytes, path: Path) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def reset(self) -> None:
        """Nothing was begun."""

    def close(self) -> None:
        """Nothing is open."""

    def has(self, message_id: str) -> bool:
        """Whether the mail with this Message-ID is in the folder."""
        return self._path(message_id).is_file()

    def read(self, message_id: str) -> KeptMessage | None:
        """The mail with this Message-ID, or None."""
        if not self.has(message_id):
            return None
        with self._path(message_id).open("rb") as file:
            message = BytesParser(policy=policy.default).parse(file)
        return KeptMessage(
            subject=str(message["Subject"] or ""),
            sender=str(message["From"] or ""),
            recipient=str(message["To"] or ""),
            text=_content(message, "plain"),
            html=_content(message, "html"),
        )

    def _path(self, message_id: str) -> Path:
        if not _NAME.fullmatch(message_id):
            raise ValueError("not a Message-ID of ours")
        return self._folder / f"{message_id}.eml"


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
