"""A small IMAP server on loopback for tests: as much of the protocol as reading a folder needs, and its faults.

`abilities` is what it says it can; `drop_at` hangs up at that command (counted over all connections); `silent_at` says
nothing more from that command on; `needs_id` opens no folder before ID, as NetEase does.
"""

import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

USER, PASSWORD = "survey@hengxin.example", 'p w"\\1'
LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
PARTIAL = re.compile(r"BODY\.PEEK\[\]<0\.(\d+)>")
WORDS = re.compile(rb'"((?:[^"\\]|\\.)*)"|\([^)]*\)|\S+')


@dataclass
class Mail:
    """One mail in a folder."""

    number: int
    raw: bytes
    on: date = date(2026, 10, 12)
    flags: set[str] = field(default_factory=set)


@dataclass
class Store:
    """Folders and what happened to them."""

    folders: dict[str, list[Mail]] = field(default_factory=lambda: {"INBOX": []})
    validity: int = 4_000_000_000
    separator: str = "/"
    abilities: tuple[str, ...] = ("IMAP4rev1", "ID", "MOVE", "UIDPLUS")
    password: str = PASSWORD
    needs_id: bool = False
    hates_id: bool = False
    subfolders: bool = True
    sizes_lie: bool = False
    drop_at: int | None = None
    silent_at: int | None = None
    commands: list[str] = field(default_factory=list)
    on_command: Callable[[str], None] = lambda _name: None
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _number: int = 0

    def put(self, raw: bytes, *, folder: str = "INBOX", days_ago: int = 0) -> int:
        """A mail arrives; returns its number."""
        with self.lock:
            self._number += 1
            on = datetime.now(UTC).date() - timedelta(days=days_ago)
            self.folders.setdefault(folder, []).append(Mail(self._number, raw, on))
            return self._number

    def numbers(self, folder: str = "INBOX") -> list[int]:
        """What lies in a folder."""
        with self.lock:
            return [mail.number for mail in self.folders.get(folder, [])]

    def flags(self, number: int, folder: str = "INBOX") -> set[str]:
        """The flags of one mail."""
        return next(mail.flags for mail in self.folders[folder] if mail.number == number)

    def number_anew(self) -> None:
        """The server has lost its numbers, as after a restore."""
        with self.lock:
            self.validity += 1
            self._number += 100
            for mail in self.folders["INBOX"]:
                mail.number += 100


class _Session(socketserver.StreamRequestHandler):
    server: "ImapServer"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.folder = ""
        self.said_id = False
        self.store = self.server.store

    def handle(self) -> None:
        self.say("* OK ready")
        try:
            while line := self.rfile.readline():
                if not self.command(line):
                    return
        except (ConnectionError, ValueError):
            return

    def say(self, line: str, literal: bytes | None = None) -> None:
        data = line.encode()
        if literal is not None:
            data += b" {%d}\r\n" % len(literal) + literal + b")"
        self.wfile.write(data + b"\r\n")

    def command(self, line: bytes) -> bool:
        """Answer one command; False: hang up."""
        while literal := LITERAL.search(line):
            self.say("+ go on")
            line = (
                line[: literal.start()]
                + b'"'
                + self.rfile.read(int(literal[1]))
                + b'"'
                + self.rfile.readline()
            )
        words = [self.word(found) for found in WORDS.finditer(line.strip())]
        tag, name, arguments = words[0], words[1].upper(), words[2:]
        if name == "UID":
            name, arguments = f"UID {arguments[0].upper()}", arguments[1:]
        with self.store.lock:
            self.store.commands.append(name)
            count = len(self.store.commands)
        self.store.on_command(name)
        if count == self.store.drop_at:
            return False
        if self.store.silent_at is not None and count >= self.store.silent_at:
            self.store.released.wait(30)
            return False
        answer = getattr(self, "do_" + name.lower().replace(" ", "_"), None)
        with self.store.lock:
            outcome = answer(arguments) if answer else "BAD unknown"
        if outcome is None:
            return False
        self.say(f"{tag} {outcome} done")
        return name != "LOGOUT"

    @staticmethod
    def word(found: re.Match[bytes]) -> str:
        inside = found[1]
        return (re.sub(rb"\\(.)", rb"\1", inside) if inside is not None else found.group()).decode()

    def mails(self) -> list[Mail]:
        return self.store.folders[self.folder]

    def chosen(self, listed: str) -> list[Mail]:
        wanted: set[int] = set()
        highest = max((mail.number for mail in self.mails()), default=0)
        for piece in listed.split(","):
            first, _, last = piece.replace("*", str(highest)).partition(":")
            low, high = sorted((int(first), int(last or first)))
            wanted |= {mail.number for mail in self.mails() if low <= mail.number <= high}
        return [mail for mail in self.mails() if mail.number in wanted]

    def do_capability(self, _: list[str]) -> str:
        self.say("* CAPABILITY " + " ".join(self.store.abilities))
        return "OK"

    def do_id(self, _: list[str]) -> str:
        if self.store.hates_id:
            return "BAD never heard of it"
        self.said_id = True
        self.say('* ID ("name" "test")')
        return "OK"

    def do_login(self, words: list[str]) -> str:
        good = words == [USER, self.store.password]
        return "OK" if good else "NO [AUTHENTICATIONFAILED] wrong"

    def do_logout(self, _: list[str]) -> str:
        self.say("* BYE")
        return "OK"

    def do_select(self, words: list[str]) -> str:
        if self.store.needs_id and not self.said_id:
            return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
        if words[0] not in self.store.folders:
            return "NO no such folder"
        self.folder = words[0]
        self.say(f"* {len(self.mails())} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.store.validity}] ok")
        return "OK [READ-WRITE]"

    def do_list(self, words: list[str]) -> str:
        self.say(f'* LIST (\\HasNoChildren) "{self.store.separator}" "{words[1]}"')
        return "OK"

    def do_create(self, words: list[str]) -> str:
        if not self.store.subfolders:
            return "NO not here"
        self.store.folders.setdefault(words[0], [])
        return "OK"

    def do_uid_search(self, words: list[str]) -> str:
        if words[0] == "SINCE":
            day, month, year = words[1].split("-")
            since = date(int(year), ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].index(month) + 1, int(day))  # fmt: skip
            found = [mail for mail in self.mails() if mail.on >= since]
        else:
            found = self.chosen(words[1]) if self.mails() else []
        self.say("* SEARCH " + " ".join(str(mail.number) for mail in found))
        return "OK"

    def do_uid_fetch(self, words: list[str]) -> str:
        partial = PARTIAL.search(words[1])
        for place, mail in enumerate(self.chosen(words[0]), start=1):
            if partial is None:
                size = 10 if self.store.sizes_lie else len(mail.raw)
                came = f'INTERNALDATE "{mail.on:%d-%b-%Y} 00:00:00 +0000"'
                self.say(f"* {place} FETCH (UID {mail.number} RFC822.SIZE {size} {came})")
            else:
                self.say(f"* {place} FETCH (UID {mail.number} BODY[]<0>", mail.raw[: int(partial[1])])
        return "OK"

    def do_uid_move(self, words: list[str]) -> str:
        if (copied := self.do_uid_copy(words)) != "OK":
            return copied
        taken = self.chosen(words[0])
        self.store.folders[self.folder] = [mail for mail in self.mails() if mail not in taken]
        return "OK"

    def do_uid_copy(self, words: list[str]) -> str:
        if words[1] not in self.store.folders:
            return "NO [TRYCREATE] no such folder"
        self.store.folders[words[1]] += [
            Mail(m.number, m.raw, m.on, set(m.flags)) for m in self.chosen(words[0])
        ]
        return "OK"

    def do_uid_store(self, words: list[str]) -> str:
        for mail in self.chosen(words[0]):
            mail.flags |= set(words[2].strip("()").split())
        return "OK"

    def do_uid_expunge(self, words: list[str]) -> str:
        gone = [mail for mail in self.chosen(words[0]) if "\\Deleted" in mail.flags]
        self.store.folders[self.folder] = [mail for mail in self.mails() if mail not in gone]
        return "OK"


class ImapServer(socketserver.ThreadingTCPServer):
    """The server on a free port of the loopback; use as a context manager, see `port`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, store: Store, *, tls: ssl.SSLContext | None = None) -> None:
        self.store = store
        self._tls = tls
        super().__init__(("127.0.0.1", 0), _Session)
        self.port: int = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def get_request(self) -> tuple[socket.socket, Any]:
        line, address = super().get_request()
        return (self._tls.wrap_socket(line, server_side=True) if self._tls else line), address

    def __enter__(self) -> "ImapServer":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.store.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5)
