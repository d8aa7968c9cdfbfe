"""How long everything may take: limits by category and severity, in versions, and the calendars that go with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.rules.clocks.events import Severity
from app.rules.worktime import Calendar, Limit, Unit


class PolicyError(ValueError):
    """`code`: `cap_unit` (the cap on pauses is not measured like the limits it belongs to), `no_policy`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Clock(StrEnum):
    """What is timed. `interim` is the part of the customer's clock by which a first reply is promised."""

    ACKNOWLEDGE = "acknowledge"
    DEPARTMENT = "department"
    CUSTOMER = "customer"
    INTERIM = "interim"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits of one kind of case. `resolve` is the customer's clock.

    `interim` None: no interim reply is promised. `pause_cap` is what may be waited in all before a clock goes on; it
    is measured like `department`, `resolve` and `interim`. Notices of a `critical` case don't wait for opening time.
    `warnings`: at how many percent of a limit somebody is warned. A case that waits for the customer in vain ends
    `lapse_days` after the last reminder. Raises `PolicyError`.
    """

    acknowledge: Limit
    department: Limit
    resolve: Limit
    callback: Limit
    interim: Limit | None = None
    pause_cap: Limit | None = None
    critical: bool = False
    warnings: tuple[int, int] = (50, 80)
    # Long enough for a weekend and a journey; the clocks stand still meanwhile, up to their cap.
    lapse_days: int = 7

    def __post_init__(self) -> None:
        paused = [limit for limit in (self.department, self.resolve, self.interim) if limit]
        cap = self.pause_cap
        if cap and any((limit.unit is Unit.MINUTES) is not (cap.unit is Unit.MINUTES) for limit in paused):
            raise PolicyError("cap_unit")

    def limit(self, clock: Clock) -> Limit | None:
        """The limit of a clock; None: that clock does not run."""
        return {
            Clock.ACKNOWLEDGE: self.acknowledge,
            Clock.DEPARTMENT: self.department,
            Clock.CUSTOMER: self.resolve,
            Clock.INTERIM: self.interim,
            Clock.CALLBACK: self.callback,
        }[clock]


DEFAULT_POLICIES: Mapping[tuple[int | None, Severity], Policy] = {
    (None, Severity.GENERAL): Policy(
        acknowledge=Limit.hours(24),
        department=Limit.working_days(2),
        resolve=Limit.working_days(3),
        callback=Limit.working_days(2),
        pause_cap=Limit.working_days(10),
    ),
    (None, Severity.MAJOR): Policy(
        acknowledge=Limit.hours(12),
        department=Limit.working_days(4),
        resolve=Limit.working_days(5),
        interim=Limit.working_days(2),
        callback=Limit.working_days(2),
        pause_cap=Limit.working_days(10),
    ),
    (None, Severity.URGENT): Policy(
        acknowledge=Limit.hours(2),
        department=Limit.hours(12),
        resolve=Limit.hours(24),
        callback=Limit.working_days(1),
        pause_cap=Limit.hours(72),
        critical=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Policies:
    """One version of all policies, by category (None: every category) and severity."""

    version: int
    by_class: Mapping[tuple[int | None, Severity], Policy] = field(default_factory=lambda: DEFAULT_POLICIES)

    def of(self, categories: tuple[int, ...], severity: Severity) -> Policy:
        """The policy of the nearest category that has one of its own. Raises `PolicyError` `no_policy`."""
        for category in (*categories, None):
            policy = self.by_class.get((category, severity))
            if policy:
                return policy
        raise PolicyError("no_policy")


@dataclass(frozen=True, slots=True)
class Calendars:
    """One version of the working calendars: the firm's, and those of units that have their own."""

    version: int
    firm: Calendar
    units: Mapping[int, Calendar] = field(default_factory=dict)

    def of(self, clock: Clock, unit: int | None) -> Calendar:
        """By which a clock runs: the unit's for its own work, else the firm's."""
        if clock is Clock.DEPARTMENT and unit is not None:
            return self.units.get(unit, self.firm)
        return self.firm
