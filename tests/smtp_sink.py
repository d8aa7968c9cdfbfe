"""A small SMTP server for tests that misbehaves by the recipient's name, and remembers what it took.

`nouser…` 550, `grey…` 450 at first, `full…` 452, `limit…` 421, `slow…` answers RCPT late, `spam…` 554 after
the text, `defer…` 451 after the text, `late…` takes the mail and answers too late, `drop…` takes it and
hangs up.
"""

import asyncio
import email
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

RCPT_REPLIES = {
    "nouser": "550 5.1.1 no such user",
    "full": "452 4.2.2 mailbox full",
    "limit": "421 4.7.0 too many messages, closing",
    "policy": "550 5.7.1 not wanted here",
}
DATA_REPLIES = {"spam": "554 5.7.1 rejected as spam", "defer": "451 4.3.0 try later"}
ODD_REPLY = "250 2.0.0 \x00queued\x07 as 排队"


@dataclass
class Sink:
    """Handler; `taken` holds (recipient, message) in order. `connections` counts greetings."""

    late_seconds: float = 1.0
    taken: list[tuple[str, Any]] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    connections: int = 0
    greylisted: set[str] = field(default_factory=set)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any
    ) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the name the library calls
        self.tries.append(address)
        for start, reply in RCPT_REPLIES.items():
            if address.startswith(start):
                if reply.startswith("421"):
                    asyncio.get_running_loop().call_later(0.05, server.transport.close)
                return reply
        if address.startswith("grey") and address not in self.greylisted:
            self.greylisted.add(address)
            return "450 4.7.1 greylisted, try later"
        if address.startswith("slow"):
            await asyncio.sleep(self.late_seconds)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name the library calls
        address = envelope.rcpt_tos[0]
        for start, reply in DATA_REPLIES.items():
            if address.startswith(start):
                return reply
        self.taken.append((address, email.message_from_bytes(envelope.content)))
        if address.startswith("late"):
            await asyncio.sleep(self.late_seconds)
        if address.startswith("drop"):
            server.transport.abort()
        return ODD_REPLY if address.startswith("odd") else "250 2.0.0 queued"

    def copies(self, address: str) -> int:
        """How many mails were taken for an address."""
        return sum(1 for to, _ in self.taken if to == address)


class SinkServer(Controller):
    """The sink on a free port of the loopback; use as a context manager, see `port`."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=0, ready_timeout=10)

    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=True, timeout=60)

    def __enter__(self) -> "SinkServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _trigger_server(self) -> None:
        """The base class greets the server on `port`, which the system has just chosen."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
