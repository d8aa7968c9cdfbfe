"""Notices by the timetable: what is due by mail, the mail of the morning, and forgetting what is old."""

from datetime import timedelta

from app import clock
from app.jobs import registry, runner
from app.queries import notices as queries
from app.queries.complaints import clocks
from app.rules.notices import digest_is_due
from app.services import messengers, notices

TOLD = "notices of user"


@registry.every(timedelta(minutes=1))
def mail_notices() -> None:
    """One mail a person about all that is due."""
    now = clock.now()
    found = queries.users_to_be_mailed(now=now)
    runner.one_by_one(TOLD, found, lambda user_id: notices.mail_due(user_id, now=now))


@registry.every(timedelta(minutes=5))
def send_morning_mails() -> None:
    """On a working day, once it has begun: what waits for each person."""
    now = clock.now()
    version = clocks.newest_versions()[1]
    day = digest_is_due(clocks.calendars(version).firm, now) if version is not None else None
    if day is not None:
        runner.one_by_one(
            TOLD,
            notices.without_morning_mail(day),
            lambda user_id: notices.send_morning_mail(user_id, day, now=now),
        )


@registry.every(timedelta(days=1))
def forget_old_notices() -> None:
    """Forget notices of half a year ago, and what was posted to groups."""
    with runner.transaction():
        notices.forget_old(now=clock.now())
        messengers.forget_old(now=clock.now())
