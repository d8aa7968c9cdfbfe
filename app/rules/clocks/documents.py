"""Policies and calendars as they are stored: plain lists and dictionaries, one document a version.

A calendar's zone is the firm's and not stored; names of special days are stored in every language. The days of the
official list are single (`special_days`); what the firm or a unit has entered itself are stretches (`own_days`), which
come before them. Older documents lack what came later.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.clocks.events import Severity
from app.rules.clocks.policies import Calendars, Policies, Policy
from app.rules.worktime import Calendar, DayKind, Limit, Span, SpecialDay, Unit
from app.rules.worktime.calendar import Spans

LIMITS = ("acknowledge", "department", "resolve", "callback", "interim", "pause_cap")
SETTINGS = ("critical", "warnings", "lapse_days", "reminders")
DAY = timedelta(days=1)


def policies_document(by_class: Mapping[tuple[int | None, Severity], Policy]) -> list[dict[str, Any]]:
    """One version of all policies."""
    return [policy_document(category, severity, policy) for (category, severity), policy in by_class.items()]


def policy_document(category: int | None, severity: Severity, policy: Policy) -> dict[str, Any]:
    """One policy of a version."""
    limits = {name: _limit_document(getattr(policy, name)) for name in LIMITS}
    return {"category": category, "severity": severity.value} | limits | {
        "critical": policy.critical,
        "warnings": list(policy.warnings),
        "lapse_days": policy.lapse_days,
        "reminders": policy.reminders,
    }  # fmt: skip


def policies_of(version: int, document: Iterable[Mapping[str, Any]]) -> Policies:
    """The policies of a stored version."""
    return Policies(version, {(one["category"], Severity(one["severity"])): _policy(one) for one in document})


def _policy(one: Mapping[str, Any]) -> Policy:
    settings: dict[str, Any] = {name: one[name] for name in SETTINGS if name in one}
    if "warnings" in settings:
        settings["warnings"] = tuple(settings["warnings"])
    return Policy(**{name: _limit(one[name]) for name in LIMITS}, **settings)


def _limit_document(limit: Limit | None) -> list[Any] | None:
    return None if limit is None else [limit.amount, limit.unit.value]


def _limit(stored: list[Any] | None) -> Any:
    return None if stored is None else Limit(stored[0], Unit(stored[1]))


def special_day_document(
    on: date, kind: DayKind, names: Mapping[str, str], like: int | None
) -> dict[str, Any]:
    """A holiday or a make-up day that is worked like a weekday."""
    return {"on": on.isoformat(), "kind": kind.value, "names": dict(names), "like": like}


def week_document(week: Iterable[Iterable[Span]]) -> list[list[list[int]]]:
    """The hours of a week, Monday first."""
    return [[[span.opens, span.closes] for span in spans] for spans in week]


def week_of(document: Iterable[Iterable[list[int]]]) -> tuple[Spans, ...]:
    """The hours of a stored week."""
    return tuple(tuple(Span(opens, closes) for opens, closes in spans) for spans in document)


def calendar_document(
    week: Iterable[Iterable[Span]], special_days: Iterable[Mapping[str, Any]], provisional: Iterable[int]
) -> dict[str, Any]:
    """One version of the firm's calendar as Heed makes it; people add `own_days`, `units` and `confirmed`."""
    return {
        "week": week_document(week),
        "special_days": list(special_days),
        "provisional": sorted(provisional),
    }


def calendars_of(version: int, document: Mapping[str, Any], zone: ZoneInfo, language: str) -> Calendars:
    """The calendars of a stored version: the firm's, and those of units that have their own."""
    units = document.get("units", {})
    return Calendars(
        version,
        calendar_of(document, zone, language),
        {int(unit): unit_calendar_of(document, int(unit), zone, language) for unit in units},
    )


def calendar_of(document: Mapping[str, Any], zone: ZoneInfo, language: str) -> Calendar:
    """The firm's calendar of a stored version, with the names of its days in a language."""
    return Calendar(
        zone=zone,
        week=week_of(document["week"]),
        special_days=tuple(_firm_days(document, language).values()),
        provisional=frozenset(document["provisional"]),
    )


def unit_calendar_of(document: Mapping[str, Any], unit: int, zone: ZoneInfo, language: str) -> Calendar:
    """The calendar of a unit that has its own: its hours and days, and the firm's special days if it keeps them."""
    own = document["units"][str(unit)]
    days = _firm_days(document, language) if own["follows"] else {}
    days |= {day.on: day for day in _own_days(own["own_days"], language)}
    return Calendar(
        zone=zone,
        week=week_of(own["week"]),
        special_days=tuple(days.values()),
        provisional=frozenset(document["provisional"]) if own["follows"] else frozenset(),
    )


def _firm_days(document: Mapping[str, Any], language: str) -> dict[date, SpecialDay]:
    official = (
        SpecialDay(date.fromisoformat(day["on"]), DayKind(day["kind"]), day["names"][language], like=day["like"])
        for day in document["special_days"]
    )  # fmt: skip
    days = {day.on: day for day in official}
    return days | {day.on: day for day in _own_days(document.get("own_days", ()), language)}


def _own_days(stored: Iterable[Mapping[str, Any]], language: str) -> Iterator[SpecialDay]:
    for one in stored:
        spans = tuple(Span(opens, closes) for opens, closes in one["spans"])
        on, last = date.fromisoformat(one["first"]), date.fromisoformat(one["last"])
        while on <= last:
            yield SpecialDay(on, DayKind(one["kind"]), one["names"][language], spans, one["like"])
            on += DAY
