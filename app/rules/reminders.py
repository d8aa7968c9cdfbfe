"""Reminders: who gets which one, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Standing:
    """What is known of one invitation when reminders are planned.

    `last_sent_at` is when the last mail of the invitation was sent, None when none was; `bounced` whether one came
    back; `reminders` how many reminders were made so far, whatever became of them; `open` whether one is still on
    its way.
    """

    finished: bool
    declined: bool
    reachable: bool
    last_sent_at: datetime | None
    reminders: int
    open: bool
    bounced: bool = False


def may_be_reminded(standing: Standing, *, limit: int) -> bool:
    """Whether a further reminder is allowed at all; the days between are not looked at."""
    return (
        not standing.finished
        and not standing.declined
        and standing.reachable
        and not standing.open
        and not standing.bounced
        and standing.last_sent_at is not None
        and standing.reminders < limit
    )


def due_at(standing: Standing, *, after_days: int) -> datetime | None:
    """When the next reminder falls due, None while nothing was sent."""
    if standing.last_sent_at is None:
        return None
    return standing.last_sent_at + timedelta(days=after_days)


def is_due(standing: Standing, *, now: datetime, after_days: int, limit: int, closes_at: datetime) -> bool:
    """Whether the next reminder is to be planned now by the survey's rule."""
    if limit <= 0 or now >= closes_at or not may_be_reminded(standing, limit=limit):
        return False
    moment = due_at(standing, after_days=after_days)
    return moment is not None and moment <= now
