"""Notices by the timetable: what is due by mail, the mail of the morning, and forgetting what is old."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from app import clock
from app.jobs import registry, runner
from app.queries import notices as queries
from app.queries.complaints import clocks
from app.rules.notices import digest_is_due
from app.services import notices

log = logging.getLogger("heed.worker")


@registry.every(timedelta(minutes=1))
def mail_notices() -> None:
    """One mail a person about all that is due."""
    now = clock.now()
    _one_by_one(queries.users_to_be_mailed(now=now), lambda user_id: notices.mail_due(user_id, now=now))


@registry.every(timedelta(minutes=5))
def send_morning_mails() -> None:
    """On a working day, once it has begun: what waits for each person."""
    now = clock.now()
    version = clocks.newest_versions()[1]
    day = digest_is_due(clocks.calendars(version).firm, now) if version is not None else None
    if day is not None:
        _one_by_one(
            notices.without_morning_mail(day),
            lambda user_id: notices.send_morning_mail(user_id, day, now=now),
        )


@registry.every(timedelta(days=1))
def forget_old_notices() -> None:
    """Forget notices of half a year ago."""
    with runner.transaction():
        notices.forget_old(now=clock.now())


def _one_by_one(user_ids: Iterable[int], step: Callable[[int], Any]) -> None:
    """Each person in a transaction of his own; one that fails keeps no other from being told."""
    for user_id in user_ids:
        try:
            with runner.transaction():
                step(user_id)
        except Exception:
            log.error("notices of user %s failed:\n%s", user_id, runner.trace_without_values())
    runner.release()
