"""A server's side of RSGI, for tests: what granian gives to `web.front`, and what it is answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


class Headers:
    """Names in small letters, as they came."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = list(pairs)

    def items(self) -> list[tuple[str, str]]:
        """All of them, repeated ones too."""
        return self._pairs


@dataclass
class Scope:
    """A request without its body."""

    method: str = "GET"
    path: str = "/"
    headers: Headers = field(default_factory=Headers)
    query_string: str = ""
    scheme: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:50000"


@dataclass
class Protocol:
    """The body that comes, and the answer that goes; `trouble` is raised instead of giving a body."""

    pieces: tuple[bytes, ...] = ()
    trouble: OSError | None = None
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    sent: int = 0
    file: str = ""
    part: tuple[int, int] | None = None
    hangs_up_after: int | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.trouble is not None:
            raise self.trouble
        for piece in self.pieces:
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """The whole answer."""
        self.status, self.headers, self.body = status, headers, body

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        """A file that the server reads itself."""
        self.status, self.headers, self.file = status, headers, file

    def response_file_range(
        self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int
    ) -> None:
        """A part of one; `end` is the first byte that is left out."""
        self.response_file(status, headers, file)
        self.part = (start, end)

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Protocol":
        """The beginning of an answer in pieces."""
        self.status, self.headers = status, headers
        return self

    async def send_bytes(self, piece: bytes) -> None:
        """The next piece."""
        if self.sent == self.hangs_up_after:
            raise RuntimeError("transport is closed")
        self.body += piece
        self.sent += 1


def post(path: str, body: bytes, *, form: bool = True, length: int | None = None, **more: Any) -> Scope:
    """A request with a body; its `length` is told truly unless given."""
    kind = "application/x-www-form-urlencoded" if form else "application/octet-stream"
    size = str(len(body) if length is None else length)
    return Scope("POST", path, Headers(("content-type", kind), ("content-length", size)), **more)
