"""Loading the demonstration firm in the background, when the set-up page asked for it."""

from typing import Any

from app import clock
from app.jobs import registry, runner
from app.services import demo


@registry.job("demo")
def load_demo(progress: runner.Progress) -> dict[str, Any]:
    """Load it in one transaction: all of it or nothing."""
    with runner.transaction():
        return demo.load(password=None, by=None, now=clock.now())
