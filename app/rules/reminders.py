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


# Sooner than this after any mail, a reminder by hand is a nuisance: it has to be asked for knowingly.
SHORTEST_GAP = timedelta(days=2)


@dataclass(frozen=True)
class Outlook:
    """What a reminder by hand would do now.

    `ready` people may be reminded; `early` ones too, but their last mail left less than `SHORTEST_GAP` ago; `done`
    of both have had as many reminders as the survey's rule plans. `inviting` invitations still wait to leave.
    """

    ready: int = 0
    early: int = 0
    done: int = 0
    inviting: int = 0
    last_at: datetime | None = None

    @property
    def reachable(self) -> int:
        """Everybody who may be reminded at all."""
        return self.ready + self.early

    @property
    def sensible(self) -> bool:
        """Whether there is somebody to remind, and no reason to wait."""
        return self.ready > 0 and not self.inviting


def is_early(standing: Standing, *, now: datetime) -> bool:
    """Whether the last mail left so lately that the next one should wait."""
    return standing.last_sent_at is not None and now - standing.last_sent_at < SHORTEST_GAP


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
