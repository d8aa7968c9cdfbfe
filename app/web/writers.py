"""Those who save at the same moment share one flush of the disk.

One writer at a time is what SQLite allows; waiting inside it would mean naps of a millisecond and more. Nobody is told
"saved" before the flush that holds what he wrote.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.engine import Engine

from app.web.transactions import Work, is_busy, write_together

MOST_TOGETHER = 16  # bounds how long one transaction keeps others from the database


class Writers:
    """The queue before the database; to be used from one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: list[tuple[Work, asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1, "writer")
        self._flushing: asyncio.Task[None] | None = None

    async def do(self, work: Work) -> None:
        """Do the work; returns when it is safe on the disk, raises what it or the flush raised."""
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append((work, stored))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_all())
        await stored

    async def _flush_all(self) -> None:
        try:
            while self._waiting:
                await self._flush()
        finally:
            self._flushing = None

    async def _flush(self) -> None:
        together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        works = [work for work, _ in together]
        errors = await self._written(works)
        last = errors[-1]
        if last is not None and is_busy(last):
            # Trying for one after the other, the last of them would hear of it after minutes.
            late, self._waiting = self._waiting, []
            together, errors = together + late, errors + [last] * len(late)
        for (_, stored), error in zip(together, errors, strict=True):
            _settle(stored, error)

    async def _written(self, works: list[Work]) -> list[BaseException | None]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, write_together, self._engine, works)
        except Exception as error:
            # The thread takes nothing more: nobody may wait for an answer that never comes.
            return [error] * len(works)


def _settle(stored: "asyncio.Future[None]", error: BaseException | None) -> None:
    if stored.done():
        return  # whoever waited was cancelled
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
