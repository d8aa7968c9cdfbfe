"""What the server calls: one event loop that takes in requests, runs the lane itself and hands the rest to threads.

Threads of one interpreter that each do a little hand it over to one another all the time, which costs more than the work
of saving a page (docs/decisions/0009). So the ordinary steps of answering run one after the other on the loop, what they
store goes to one writer thread (`web.writers`), and pages are made in a few threads beside it.
"""

import asyncio
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from itertools import chain
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.wsgi import FileWrapper

from app.web import lanes
from app.web.bodies import BrokenOff, NoLength, take_in
from app.web.lanes import Answer, Headers
from app.web.transactions import Work
from app.web.writers import Writers

# Two of the places are kept for requests that only read, so that pages are shown while all who save wait for a
# locked database.
PLACES = 6
FOR_READING = 2
READING = ("GET", "HEAD", "OPTIONS")
SWITCH_SECONDS = 0.0005
IN_ONE = 1024 * 1024  # an answer up to this size is sent at once, a larger one piece by piece

BROKEN_OFF = b"The request broke off before its end. Nothing was stored; send it again.\n"
NO_LENGTH = b"The request does not tell its length (Content-Length). Nothing was stored.\n"
NO_ROOM = b"Heed can't take anything in at the moment. Nothing was stored; send it again in a while.\n"


class Made(NamedTuple):
    """An answer of the framework: its `body`, or the `file` the server shall send, or pieces that `rest` gives."""

    status: int
    headers: Headers
    body: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] | None = None
    file: str | None = None


class Handed(FileWrapper):
    """A file that the framework hands over (PEP 3333); `path` is None when it has no name.

    The server reads a file as fast as it is taken from it. Pieces it takes all at once: who downloads slowly would have all
    of it wait in memory.
    """

    @property
    def path(self) -> str | None:
        """Where the file is."""
        name = getattr(self.file, "name", None)
        return os.fspath(name) if isinstance(name, str | os.PathLike) else None


class Front:
    """An application by the server's own protocol, RSGI, before the WSGI application."""

    def __init__(self, app: Flask) -> None:
        self._wsgi = app
        self._most = int(app.config["MAX_CONTENT_LENGTH"])
        self._threads = ThreadPoolExecutor(PLACES, "page")
        self._places = asyncio.Semaphore(PLACES)
        self._writing = asyncio.Semaphore(PLACES - FOR_READING)
        lane = lanes.lane_of(app)
        # A query to a server may take its time, and would keep everybody waiting on the loop.
        self._lane = lane if lane is not None and lane.engine.dialect.name == "sqlite" else None
        self._writers = Writers(lane.engine) if lane is not None else None

    def __rsgi_init__(self, _loop: asyncio.AbstractEventLoop) -> None:
        # Whoever makes a page gives the interpreter back to the loop after this long, ten times sooner than usual:
        # the loop lets go of it with every statement it runs.
        sys.setswitchinterval(SWITCH_SECONDS)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        environ = environ_of(scope)
        try:
            body = await take_in(environ, protocol, self._most)
        except BrokenOff:
            return _plainly(protocol, 400, BROKEN_OFF)
        except NoLength:
            return _plainly(protocol, 411, NO_LENGTH)
        except OSError:
            return _plainly(protocol, 503, NO_ROOM)
        environ["wsgi.input"] = body
        try:
            answer = await self._by_lane(environ)
            if answer is not None:
                protocol.response_bytes(int(answer.status[:3]), answer.headers, answer.body)
            else:
                await self._by_framework(environ, protocol)
        finally:
            body.close()

    async def _by_lane(self, environ: dict[str, Any]) -> Answer | None:
        if self._lane is None:
            return None
        answer = self._lane.prepare(environ)
        if answer is None:
            lanes.leave(environ)
        elif answer.work is not None and not await self._stored(environ, answer.work):
            return None
        return answer

    async def _stored(self, environ: dict[str, Any], work: Work) -> bool:
        assert self._writers is not None
        try:
            await self._writers.do(work)
        except Exception as error:
            lanes.leave(environ, error)
            return False
        return True

    async def _by_framework(self, environ: dict[str, Any], protocol: Any) -> None:
        loop = asyncio.get_running_loop()
        async with AsyncExitStack() as places:
            if environ["REQUEST_METHOD"] not in READING:
                await places.enter_async_context(self._writing)
            await places.enter_async_context(self._places)
            made = await loop.run_in_executor(self._threads, self._make, environ)
        if made.file is not None:
            _send_file(protocol, made, made.file)
            return
        if made.rest is None:
            protocol.response_bytes(made.status, made.headers, made.body)
            return
        try:
            stream = protocol.response_stream(made.status, made.headers)
            while piece := await loop.run_in_executor(self._threads, next, made.rest, b""):
                if not await _sent(stream, piece):
                    break
        finally:
            if made.close is not None:
                await loop.run_in_executor(self._threads, made.close)

    def _make(self, environ: dict[str, Any]) -> Made:
        said: list[Any] = []
        written: list[bytes] = []  # by PEP 3333's old way

        def start_response(status: str, headers: Headers, _error: Any = None, /) -> Callable[[bytes], object]:
            said[:] = int(status[:3]), headers
            return written.append

        pieces: Iterable[bytes] = self._wsgi(environ, start_response)
        close = getattr(pieces, "close", None)
        status, headers = said
        file = pieces if isinstance(pieces, Handed) else getattr(pieces, "iterable", None)  # a part of one
        if _length(headers) > IN_ONE and isinstance(file, Handed) and file.path is not None:
            file.close()
            return Made(status, headers, b"", file=file.path)
        if _length(headers) > IN_ONE:
            return Made(status, headers, b"", filter(None, chain(written, pieces)), close)
        try:
            return Made(status, headers, b"".join([*written, *pieces]))
        finally:
            if close is not None:
                close()


def environ_of(scope: Any) -> dict[str, Any]:
    """What WSGI calls the environment (PEP 3333), of a request without its body."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.file_wrapper": Handed,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        # It would stand for the same name with hyphens: what a proxy says could be said by anybody.
        if "_" in name:
            continue
        key = _KEYS.get(name) or "HTTP_" + name.upper().replace("-", "_")
        environ[key] = environ[key] + _JOINED.get(name, ",") + value if key in environ else value
    return environ


_KEYS = {"content-length": "CONTENT_LENGTH", "content-type": "CONTENT_TYPE"}
_JOINED = {"cookie": "; "}
_PART = re.compile(r"bytes (\d+)-(\d+)/")


def _length(headers: Headers) -> int:
    return int(_value(headers, "content-length") or 0)


def _value(headers: Headers, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


async def _sent(stream: Any, piece: bytes) -> bool:
    """Whether there is still somebody to send it to. Who has enough and hangs up is no error of ours."""
    try:
        await stream.send_bytes(piece)
    except Exception:
        return False
    return True


def _send_file(protocol: Any, made: Made, path: str) -> None:
    part = _PART.match(_value(made.headers, "content-range"))
    if part is None:
        protocol.response_file(made.status, made.headers, path)
    else:
        protocol.response_file_range(made.status, made.headers, path, int(part[1]), int(part[2]) + 1)


def _plainly(protocol: Any, status: int, text: bytes) -> None:
    protocol.response_bytes(
        status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))], text
    )
