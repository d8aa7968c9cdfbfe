"""What a deadline is made of besides the calendar: the limit, and the pauses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.rules.worktime.instants import WorktimeError


class Unit(StrEnum):
    """How time counts against a limit."""

    MINUTES = "minutes"  # real time, day and night
    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Limit:
    """How much time there is: whole `amount` in `unit`. Raises `WorktimeError` `limit_not_positive`.

    n working days last until the end of working hours on the n-th working day *after* the day on which time begins:
    that day itself does not count, at whatever hour it was.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise WorktimeError("limit_not_positive")

    @classmethod
    def hours(cls, hours: int) -> Self:
        """Real hours, day and night."""
        return cls(hours * 60, Unit.MINUTES)

    @classmethod
    def working_hours(cls, hours: int) -> Self:
        """Hours of working time."""
        return cls(hours * 60, Unit.WORKING_MINUTES)

    @classmethod
    def working_days(cls, days: int) -> Self:
        """Working days after the day of receipt."""
        return cls(days, Unit.WORKING_DAYS)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clock stands still; `end` None while it lasts."""

    start: datetime
    end: datetime | None
