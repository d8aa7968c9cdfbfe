"""An installation whose clock a journey can set: weeks pass in it while the test goes on."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests import live

ELSEWHEN = Path(__file__).resolve().parent / "elsewhen"


@dataclass
class MovingClock:
    """What time it is for Heed. Between two calls of `set` it goes on as everywhere."""

    file: Path

    def set(self, moment: datetime) -> None:
        """It is this time now, for web and worker."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        fresh.replace(self.file)


@contextlib.contextmanager
def heed_at(moment: datetime, data: Path, **settings: str) -> Iterator[tuple[live.Heed, MovingClock]]:
    """Start an installation as `live.heed`, at this time."""
    clock = MovingClock(data.parent / "clock")
    clock.set(moment)
    with live.heed(data, PYTHONPATH=str(ELSEWHEN), HEED_TEST_CLOCK=str(clock.file), **settings) as heed:
        yield heed, clock
