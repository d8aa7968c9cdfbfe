"""What the clocks read from a case's log: which kinds of event matter, and what their data must say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class LogError(ValueError):
    """The log can't be read: `code` is `not_received` (it never began) or `no_severity`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Kind(StrEnum):
    """Kinds of event that move a clock; others may stand in the log and are passed over."""

    RECEIVED = "received"  # data: severity, categories (the category and those above it, nearest first)
    CLASSIFIED = "classified"  # data as above: severity or category was changed
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"  # data: unit
    SENT_BACK = "sent_back"
    TRANSFERRED = "transferred"  # data: unit
    WAITING = "waiting"  # data: party
    CONTINUED = "continued"
    INTERIM_REPLIED = "interim_replied"
    RESOLVED = "resolved"
    CUSTOMER_TOLD = "customer_told"  # the result has been told to the customer
    CALLED_BACK = "called_back"  # data: reached, False for an attempt in vain
    REOPENED = "reopened"  # data: unit, where it is another one
    CLOSED = "closed"
    WARNED = "warned"  # data: clock, round, turn, percent
    BREACHED = "breached"  # data: clock, round, turn
    CALENDAR_CHANGED = (
        "calendar_changed"  # data: from, to (versions of the calendars); what runs follows the new one
    )


class Party(StrEnum):
    """For whom a case waits."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class Severity(StrEnum):
    """How bad a complaint is."""

    GENERAL = "general"
    MAJOR = "major"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log. `at` is when it happened, which for what is typed in later is not when it was entered."""

    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Classification:
    """Severity, and the category with those above it, nearest first; in force since a moment."""

    severity: Severity
    categories: tuple[int, ...]
    since: datetime


def up_to(events: Iterable[Event], until: datetime) -> tuple[Event, ...]:
    """What had happened by then, in order; what happened at the same moment in the order of the log."""
    return tuple(sorted((event for event in events if event.at <= until), key=lambda event: event.at))


def received(events: Iterable[Event]) -> Event:
    """The event with which the case began."""
    for event in events:
        if event.kind == Kind.RECEIVED:
            return event
    raise LogError("not_received")


def classification(events: Iterable[Event], until: datetime) -> Classification:
    """The last one made by then; the one of the receipt when none was."""
    made = [event for event in events if event.kind in (Kind.RECEIVED, Kind.CLASSIFIED)]
    last = [event for event in made if event.at <= until] or [received(made)]
    data = last[-1].data
    try:
        severity = Severity(data["severity"])
    except (KeyError, ValueError) as error:
        raise LogError("no_severity") from error
    return Classification(severity, tuple(data.get("categories", ())), last[-1].at)
