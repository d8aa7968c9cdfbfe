"""Taking in what a request carries before anything works on it.

Slow senders keep nobody waiting: the event loop gathers what comes, and only a whole body takes a thread. A body that
breaks off is never worked on: the form in it would look whole, only shorter.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Any

IN_MEMORY = 64 * 1024
# A file somewhat too large is let through to nowhere: a browser shows the answer only after it has sent all of it.
DRAINED = 4


class BrokenOff(Exception):
    """Less has come than was announced."""


async def take_in(environ: dict[str, Any], chunks: AsyncIterator[bytes], most: int) -> IO[bytes]:
    """All of the body in a stream that can be read at once; of more than `most` bytes nothing or one byte too many.

    Raises BrokenOff, and OSError when there is no room for it.
    """
    text = environ.get("CONTENT_LENGTH") or ""
    length = int(text) if text.isascii() and text.isdecimal() else None
    if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
        return io.BytesIO()
    if length is not None and length > most:
        await _drain(chunks, length if length <= most * DRAINED else 0)
        return io.BytesIO()
    # One byte more than allowed is enough for the application to see that it is too much.
    return await _keep(chunks, most + 1 if length is None else length, announced=length is not None)


async def _keep(chunks: AsyncIterator[bytes], missing: int, *, announced: bool) -> IO[bytes]:
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
        if announced and missing:
            raise BrokenOff
        kept.seek(0)
    except BaseException:
        kept.close()
        raise
    return kept


async def _drain(chunks: AsyncIterator[bytes], missing: int) -> None:
    if missing:
        async for chunk in chunks:
            missing -= len(chunk)
            if missing <= 0:
                break
