"""What a version of policies or calendars would do: the deadlines of an example, without a case."""

from dataclasses import dataclass
from datetime import datetime

from app.rules.clocks.events import Severity
from app.rules.clocks.policies import Calendars, Clock, Policies
from app.rules.worktime import WorktimeError, deadline


@dataclass(frozen=True, slots=True)
class Example:
    """When one clock that starts at a moment would be due (UTC), None: never; and on which years that hangs."""

    clock: Clock
    severity: Severity
    due_at: datetime | None
    provisional: tuple[int, ...] = ()


def examples(
    policies: Policies,
    calendars: Calendars,
    start: datetime,
    *,
    categories: tuple[int, ...] = (),
    unit: int | None = None,
) -> tuple[Example, ...]:
    """Every clock of every severity, all of them started at one moment."""
    found = []
    for severity in Severity:
        policy = policies.of(categories, severity)
        for clock in Clock:
            limit = policy.limit(clock)
            if limit is None:
                continue
            try:
                due = deadline(calendars.of(clock, unit), start, limit)
            except WorktimeError:
                found.append(Example(clock, severity, None))
            else:
                found.append(Example(clock, severity, due.at, due.provisional))
    return tuple(found)
