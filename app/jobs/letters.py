"""Forgetting mails that were not for us, and feedback out of answers whose respondents agreed to be called."""

from datetime import timedelta

from app import clock
from app.jobs import registry, runner
from app.queries import follow_ups as queries
from app.services import follow_ups, letters


@registry.every(timedelta(days=1))
def forget_letters() -> None:
    """Remove what was discarded long ago."""
    with runner.transaction():
        letters.forget_old(now=clock.now())


@registry.every(timedelta(minutes=1))
def open_follow_ups() -> None:
    """Open complaints out of low scores, each in a transaction of its own."""
    now = clock.now()
    found = queries.low_scores(now=now)
    runner.one_by_one("follow-up of answer", found, lambda one: follow_ups.open_by_itself(one, now=now))
