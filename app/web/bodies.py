"""Taking in what a request carries before anything works on it.

Slow senders keep nobody waiting: the event loop gathers what comes, and only a whole body takes a thread. A body that
breaks off is never worked on: the form in it would look whole, only shorter. For the same reason a body must have a
length: of one that comes in chunks without it, the server does not tell its end from its breaking off.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Any

from flask import Flask, Request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

IN_MEMORY = 64 * 1024
# An open connection takes one of a thousand places at the server. Who sends nothing for so long gives it up.
SILENT_SECONDS = 30.0
# A file somewhat too large is let through to nowhere: a browser shows the answer only after it has sent all of it.
DRAINED = 4


class BrokenOff(Exception):
    """Less has come than was announced, and no more will come."""


class NoLength(Exception):
    """A body comes whose length is not told."""


async def take_in(environ: dict[str, Any], chunks: AsyncIterator[bytes], most: int) -> IO[bytes]:
    """All of the body in a stream that can be read at once; of more than `most` bytes nothing.

    Raises BrokenOff, NoLength, and OSError when there is no room for it.
    """
    text = environ.get("CONTENT_LENGTH") or ""
    length = int(text) if text.isascii() and text.isdecimal() else None
    if "HTTP_TRANSFER_ENCODING" in environ:
        raise NoLength
    if length is None:
        return io.BytesIO()
    try:
        async with asyncio.timeout(SILENT_SECONDS) as patience:
            if length > most:
                await _drain(chunks, length if length <= most * DRAINED else 0, patience)
                return io.BytesIO()
            return await _keep(chunks, length, patience)
    except TimeoutError:
        raise BrokenOff from None


def _go_on(patience: asyncio.Timeout) -> None:
    patience.reschedule(asyncio.get_running_loop().time() + SILENT_SECONDS)


async def _keep(chunks: AsyncIterator[bytes], missing: int, patience: asyncio.Timeout) -> IO[bytes]:
    kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by whoever works on it
    try:
        size = 0
        async for chunk in chunks:
            part = chunk[:missing]
            missing -= len(part)
            size += len(part)
            # Beyond that it is a file, and a slow disk shall not stop everybody.
            await asyncio.to_thread(kept.write, part) if size > IN_MEMORY else kept.write(part)
            if not missing:
                break
            _go_on(patience)
        if missing:
            raise BrokenOff
        kept.seek(0)
    except BaseException:
        kept.close()
        raise
    return kept


async def _drain(chunks: AsyncIterator[bytes], missing: int, patience: asyncio.Timeout) -> None:
    if missing:
        async for chunk in chunks:
            missing -= len(chunk)
            if missing <= 0:
                break
            _go_on(patience)


class NamedParts(FormDataParser):
    """Leaves out the parts of a form that have no name. Nobody asks for them; who goes over all names expects text."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        stream, form, files = super().parse(*args, **kwargs)
        for file in files.getlist(None):  # type: ignore[call-overload]
            file.close()
        return stream, _named(form), _named(files)


def _named(parts: MultiDict[str, Any]) -> MultiDict[str, Any]:
    return type(parts)((name, part) for name, part in parts.items(multi=True) if name is not None)


class Posted(Request):
    """A request as the framework sees it."""

    form_data_parser_class = NamedParts


def init_app(app: Flask) -> None:
    """Have forms read in this way."""
    app.request_class = Posted
