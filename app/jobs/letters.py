"""Forgetting mails that were not for us, and feedback out of answers whose respondents agreed to be called."""

from datetime import timedelta

from app import clock
from app.jobs import registry, runner
from app.services import letters


@registry.every(timedelta(days=1))
def forget_letters() -> None:
    """Remove what was discarded long ago."""
    with runner.transaction():
        letters.forget_old(now=clock.now())
