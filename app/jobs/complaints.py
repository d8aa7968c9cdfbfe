"""The clocks of complaints by the timetable, and holidays that have become known."""

from datetime import timedelta

from app import clock
from app.jobs import registry, runner
from app.services.complaints import alarms, basics, bulk, drafts, following, lapsing


@registry.every(timedelta(minutes=1))
def write_alarms() -> None:
    """Write warnings and breaches into the logs, each case in a transaction of its own."""
    now = clock.now()
    runner.one_by_one("alarms of case", alarms.due_ids(now=now), lambda one: alarms.write_due(one, now=now))


@registry.every(timedelta(minutes=1))
def follow_calendar() -> None:
    """Let running cases follow a corrected calendar, each in a transaction of its own."""
    now = clock.now()
    runner.one_by_one("calendar of case", following.behind_ids(), lambda one: following.pass_on(one, now=now))


@registry.every(timedelta(minutes=5))
def prompt_customers() -> None:
    """Remind customers who are waited for, and end the wait where that was in vain; each in a transaction of its own."""
    now = clock.now()
    runner.one_by_one("waiting of case", lapsing.due_ids(now=now), lambda one: lapsing.take_due(one, now=now))


@registry.every(timedelta(days=1))
def forget_desk_records() -> None:
    """Remove what was only kept for a while."""
    with runner.transaction():
        bulk.forget_old(now=clock.now())
        drafts.forget_old(now=clock.now())


@registry.every(timedelta(days=1))
def renew_calendar() -> None:
    """Take over a year's official holidays once the installed library knows them."""
    with runner.transaction():
        basics.ensure(now=clock.now())
