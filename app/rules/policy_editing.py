"""Changing the time limits: what is plausible, the changed document, and what differs between two versions.

Shape of the documents: `rules.clocks.documents`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Refused
from app.rules.clocks import Policy, Severity, policies_of, policy_document
from app.rules.clocks.documents import LIMITS, SETTINGS
from app.rules.worktime import Limit, Unit

Document = Sequence[Mapping[str, Any]]
Place = tuple[int | None, Severity]
MOST = {Unit.MINUTES: 60 * 24 * 60, Unit.WORKING_MINUTES: 500 * 60, Unit.WORKING_DAYS: 90}
WARN_FROM, WARN_TO = 10, 95
LAPSE_FROM, LAPSE_TO = 3, 180
MOST_REMINDERS = 5
# Roughly how many real hours one hour of working time takes.
_REAL_HOURS = 3


@dataclass(frozen=True)
class Implausible:
    """One fault of a policy. `field` is where; `code`: `too_much`, `longer_than_solution`, `cap_unit`, `warn_range`,
    `warn_order`, `lapse_range`, `reminders_range`.
    """

    field: str
    code: str


def find_implausible(
    limits: Mapping[str, Limit | None], settings: Mapping[str, Any]
) -> Iterator[Implausible]:
    """Every fault of what somebody has typed, so that a page shows them all at once."""
    for name, limit in limits.items():
        if limit and limit.amount > MOST[limit.unit]:
            yield Implausible(name, "too_much")
    solution = limits.get("resolve")
    for name in ("acknowledge", "interim", "department"):
        limit = limits.get(name)
        if limit and solution and _hours(limit) > _hours(solution):
            yield Implausible(name, "longer_than_solution")
    cap = limits.get("pause_cap")
    paused = (limits.get(name) for name in ("department", "resolve", "interim"))
    if cap and any(one and (one.unit is Unit.MINUTES) is not (cap.unit is Unit.MINUTES) for one in paused):
        yield Implausible("pause_cap", "cap_unit")
    yield from _settings(settings)


def _settings(settings: Mapping[str, Any]) -> Iterator[Implausible]:
    first, last = settings["warnings"]
    for field, percent in (("warn_first", first), ("warn_last", last)):
        if not WARN_FROM <= percent <= WARN_TO:
            yield Implausible(field, "warn_range")
    if first >= last:
        yield Implausible("warn_last", "warn_order")
    if not LAPSE_FROM <= settings["lapse_days"] <= LAPSE_TO:
        yield Implausible("lapse_days", "lapse_range")
    if not 0 <= settings["reminders"] <= MOST_REMINDERS:
        yield Implausible("reminders", "reminders_range")


def _hours(limit: Limit) -> float:
    """Real hours a limit takes at least, roughly: enough to see that two of them stand the wrong way round."""
    if limit.unit is Unit.WORKING_DAYS:
        return limit.amount * 24
    return limit.amount / 60 * (_REAL_HOURS if limit.unit is Unit.WORKING_MINUTES else 1)


def places(document: Document) -> list[Place]:
    """Categories (None: every category) and severities that have a policy, as they stand."""
    return [(one["category"], Severity(one["severity"])) for one in document]


def policy_at(document: Document, place: Place) -> Policy | None:
    """The policy of a category and severity."""
    return policies_of(0, document).by_class.get(place)


def with_policy(document: Document, place: Place, policy: Policy) -> Document:
    """Another policy for a category and severity, or one more."""
    one = policy_document(*place, policy)
    if place in places(document):
        return [one if spot == place else old for spot, old in zip(places(document), document, strict=True)]
    return [*document, one]


def without_policy(document: Document, place: Place) -> Document:
    """The category has no time limits of its own for this severity any more. Raises `Refused` `needed`."""
    if place[0] is None:
        raise Refused("needed")
    return [one for spot, one in zip(places(document), document, strict=True) if spot != place]


@dataclass(frozen=True)
class Difference:
    """One thing that is another one in the later version. `what` names a limit or setting, or is `added`, `removed`."""

    category: int | None
    severity: Severity
    what: str
    before: Any = None
    after: Any = None


def differences(before: Document, after: Document) -> list[Difference]:
    """Everything that a person would want to know about a new version."""
    old, new = policies_of(0, before).by_class, policies_of(0, after).by_class
    found = [Difference(*place, "added") for place in new if place not in old]
    found += [Difference(*place, "removed") for place in old if place not in new]
    for place in new:
        if place in old:
            for name in (*LIMITS, *SETTINGS):
                one, other = getattr(old[place], name), getattr(new[place], name)
                if one != other:
                    found.append(Difference(*place, name, one, other))
    return found
