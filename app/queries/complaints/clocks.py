"""Policies and calendars as they are stored, and the clocks of a case."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.extensions import db
from app.models import ClockPolicy, Complaint, ComplaintEvent, Firm, WorkingCalendar
from app.rules import clocks

DEFAULT_ZONE = "Asia/Shanghai"


def newest_versions() -> tuple[int | None, int | None]:
    """Versions of policies and calendar that a new case gets; None where there is none yet."""
    return (
        db.session.scalar(select(func.max(ClockPolicy.version))),
        db.session.scalar(select(func.max(WorkingCalendar.version))),
    )


def policies(version: int) -> clocks.Policies:
    """One version of the policies."""
    row = db.session.get_one(ClockPolicy, version)
    return clocks.policies_of(version, row.document)


def calendars(version: int, *, lang: str = "zh") -> clocks.Calendars:
    """One version of the calendars, with the names of special days in a language."""
    row = db.session.get_one(WorkingCalendar, version)
    return clocks.calendars_of(version, row.document, zone(), lang)


def calendar_made_at(version: int) -> datetime:
    """When a version of the calendars was stored."""
    return db.session.get_one(WorkingCalendar, version).created_at


def zone() -> ZoneInfo:
    """The firm's time zone, by which days are counted."""
    return ZoneInfo(db.session.scalar(select(Firm.timezone).limit(1)) or DEFAULT_ZONE)


class Stored:
    """Policies and calendars, each version read once: for many cases in a row."""

    def __init__(self, lang: str = "zh") -> None:
        self.policies = cache(policies)
        self.calendars = cache(partial(calendars, lang=lang))


def case_of(complaint: Complaint, *, lang: str = "zh", stored: Stored | None = None) -> clocks.Case:
    """What the clocks of a case are computed from."""
    known = stored or Stored(lang)
    changes = [event.data for event in complaint.events if event.kind == clocks.Kind.CALENDAR_CHANGED]
    intake = changes[0]["from"] if changes else complaint.calendar_version
    return clocks.Case(
        log_of(complaint.events),
        known.policies(complaint.policy_version),
        known.calendars(intake),
        {change["to"]: known.calendars(change["to"]) for change in changes},
    )


def log_of(events: Iterable[ComplaintEvent]) -> tuple[clocks.Event, ...]:
    """The log as the clocks read it."""
    return tuple(clocks.Event(event.kind, event.at, event.data) for event in events)
