"""The clocks of complaints by the timetable, and holidays that have become known."""

import logging
from datetime import timedelta

from app import clock
from app.jobs import registry, runner
from app.services.complaints import alarms, basics, bulk, drafts, following, lapsing

log = logging.getLogger("heed.worker")


@registry.every(timedelta(minutes=1))
def write_alarms() -> None:
    """Write warnings and breaches into the logs, each case in a transaction of its own."""
    now = clock.now()
    for complaint_id in alarms.due_ids(now=now):
        try:
            with runner.transaction():
                alarms.write_due(complaint_id, now=now)
        except Exception:
            # A case that can't be read must not keep the clocks of all others from being heard.
            log.error("alarms of case %s failed:\n%s", complaint_id, runner.trace_without_values())


@registry.every(timedelta(minutes=1))
def follow_calendar() -> None:
    """Let running cases follow a corrected calendar, each in a transaction of its own."""
    now = clock.now()
    for complaint_id in following.behind_ids():
        with runner.transaction():
            following.pass_on(complaint_id, now=now)


@registry.every(timedelta(minutes=5))
def prompt_customers() -> None:
    """Remind customers who are waited for, and end the wait where that was in vain; each in a transaction of its own."""
    now = clock.now()
    for complaint_id in lapsing.due_ids(now=now):
        with runner.transaction():
            lapsing.take_due(complaint_id, now=now)


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
