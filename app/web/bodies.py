"""Taking in what a request carries before anything works on it.

A thread that waits for a slow sender does nothing else. There are many threads that may wait and few places to
work, so a handful of bad lines keeps nobody from his page; if every thread worked, as many senders would be enough.
Two of the places are kept for requests that only read, so that pages are shown while all who save wait for a
locked database. A body that breaks off is never worked on: the form in it would look whole, only shorter.
"""

import io
import tempfile
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from queue import SimpleQueue
from typing import Any

from flask import Flask

PLACES = 6
FOR_READING = 2
READING = ("GET", "HEAD", "OPTIONS")
IN_MEMORY = 256 * 1024
CHUNK = 64 * 1024
BROKEN_OFF = b"The request broke off before its end. Nothing was stored; send it again.\n"

NO_ROOM = b"Heed can't take anything in at the moment. Nothing was stored; send it again in a while.\n"
# A file somewhat too large is let through to nowhere: a browser shows the answer only after it has sent all of it.
DRAINED = 4

Start = Callable[..., Any]


def init_app(app: Flask) -> None:
    """Put it before everything that has been put before the application so far."""
    inner, most = app.wsgi_app, int(app.config["MAX_CONTENT_LENGTH"])
    app.wsgi_app = Bodies(inner, most)  # type: ignore[method-assign]


class Places:
    """A semaphore that waits inside the interpreter: `threading`'s is written in Python and costs ten times as much."""

    def __init__(self, count: int) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(count):
            self._free.put(None)

    def __enter__(self) -> None:
        self._free.get()

    def __exit__(self, *_: object) -> None:
        self._free.put(None)


class Bodies:
    """WSGI middleware: reads the body, at most `most` bytes of it, then lets `places` requests at a time work."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], most: int, places: int = PLACES) -> None:
        self._inner = inner
        self._most = most
        self._places = Places(places)
        self._writing = Places(max(places - FOR_READING, 1))

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        try:
            whole = self._take_in(environ)
        except OSError:
            return _plainly(start_response, "503 Service Unavailable", NO_ROOM)
        if not whole:
            return _plainly(start_response, "400 Bad Request", BROKEN_OFF)
        body = environ.get("wsgi.input")
        try:
            reads = environ.get("REQUEST_METHOD") in READING
            with nullcontext() if reads else self._writing, self._places:
                return self._inner(environ, start_response)
        finally:
            if isinstance(body, tempfile.SpooledTemporaryFile):
                body.close()

    def _take_in(self, environ: dict[str, Any]) -> bool:
        """Replace the stream by what came through it. Returns whether all that was announced has come."""
        text = environ.get("CONTENT_LENGTH") or ""
        length = int(text) if text.isascii() and text.isdecimal() else None
        if length is not None and length > self._most:
            return self._drained(environ, length)
        if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
            return True
        kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed after the work
        try:
            # One byte more than allowed is enough for the application to see that it is too much.
            missing = _copy(environ["wsgi.input"], kept, self._most + 1 if length is None else length)
            whole = length is None or not missing
        except BaseException:
            kept.close()
            raise
        if whole:
            kept.seek(0)
            environ["wsgi.input"] = kept
        else:
            kept.close()
        return whole

    def _drained(self, environ: dict[str, Any], length: int) -> bool:
        """Let go by what the application will refuse for its size, within reason."""
        _copy(environ["wsgi.input"], None, length if length <= self._most * DRAINED else 0)
        environ["wsgi.input"] = io.BytesIO()
        return True


def _copy(source: Any, target: Any, missing: int) -> int:
    """Copy that many bytes, to nowhere without a target; return how many did not come."""
    while missing and (chunk := source.read(min(CHUNK, missing))):
        if target is not None:
            target.write(chunk)
        missing -= len(chunk)
    return missing


def _plainly(start_response: Start, status: str, text: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
