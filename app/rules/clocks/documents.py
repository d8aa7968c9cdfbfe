"""Policies and calendars as they are stored: plain lists and dictionaries, one document a version.

A calendar's zone is the firm's and not stored; names of special days are stored in every language.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.clocks.events import Severity
from app.rules.clocks.policies import Policies, Policy
from app.rules.worktime import Calendar, DayKind, Limit, Span, SpecialDay, Unit

LIMITS = ("acknowledge", "department", "resolve", "callback", "interim", "pause_cap")


def policies_document(by_class: Mapping[tuple[int | None, Severity], Policy]) -> list[dict[str, Any]]:
    """One version of all policies."""
    return [
        {"category": category, "severity": severity.value, "critical": policy.critical}
        | {name: _limit_document(getattr(policy, name)) for name in LIMITS}
        for (category, severity), policy in by_class.items()
    ]


def policies_of(version: int, document: Iterable[Mapping[str, Any]]) -> Policies:
    """The policies of a stored version."""
    return Policies(
        version,
        {
            (one["category"], Severity(one["severity"])): Policy(
                **{name: _limit(one[name]) for name in LIMITS}, critical=one["critical"]
            )
            for one in document
        },
    )


def _limit_document(limit: Limit | None) -> list[Any] | None:
    return None if limit is None else [limit.amount, limit.unit.value]


def _limit(stored: list[Any] | None) -> Any:
    return None if stored is None else Limit(stored[0], Unit(stored[1]))


def special_day_document(
    on: date, kind: DayKind, names: Mapping[str, str], like: int | None
) -> dict[str, Any]:
    """A holiday or a make-up day that is worked like a weekday."""
    return {"on": on.isoformat(), "kind": kind.value, "names": dict(names), "like": like}


def calendar_document(
    week: Iterable[Iterable[Span]], special_days: Iterable[Mapping[str, Any]], provisional: Iterable[int]
) -> dict[str, Any]:
    """One version of the firm's calendar."""
    return {
        "week": [[[span.opens, span.closes] for span in spans] for spans in week],
        "special_days": list(special_days),
        "provisional": sorted(provisional),
    }


def calendar_of(document: Mapping[str, Any], zone: ZoneInfo, language: str) -> Calendar:
    """The calendar of a stored version, with the names of its days in a language."""
    return Calendar(
        zone=zone,
        week=tuple(tuple(Span(opens, closes) for opens, closes in spans) for spans in document["week"]),
        special_days=tuple(
            SpecialDay(
                date.fromisoformat(day["on"]), DayKind(day["kind"]), day["names"][language], like=day["like"]
            )
            for day in document["special_days"]
        ),
        provisional=frozenset(document["provisional"]),
    )
