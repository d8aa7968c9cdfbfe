"""From a question to its summary: kept results first, the analyst otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.adapters.analyst import State
from app.extensions import db
from app.models import Complaint, ComplaintEvent, Customer, Feedback
from app.queries.complaints.summary.access import Reader
from app.queries.complaints.summary.asking import Asking, Scope, Stretch
from app.queries.complaints.summary.model import ComplaintSummary
from app.queries.figures import kept
from app.rules.complaints.periods import Length, Period, months_later, starting

# Enough for a control chart that is not provisional.
MONTHS = 24
HOUR_SECONDS = 3600


def asking(reader: Reader, period: Period, scope: Scope, *, zone: ZoneInfo, now: datetime) -> Asking:
    """The question as it stands now, for this reader."""
    today = now.astimezone(zone).date()
    begun = period.begun(today)
    # Deadlines of the present period may lie in what is to come; earlier ones are compared by as many days.
    present = replace(stretch(period.cut(begun), zone, code=period.code), ends=stretch(period, zone).ends)
    before, year_before = (
        stretch(one.cut(begun), zone, code=one.code) for one in (period.before(), period.year_before())
    )
    return Asking(
        now=present,
        before=before,
        year_before=year_before,
        months=tuple(stretch(month, zone) for month in months_up_to(period, today)),
        scope=scope,
        least=reader.least,
        cautious=reader.cautious,
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        # What is open grows older by itself.
        stamp=(*stamp(), int(now.timestamp() // HOUR_SECONDS)),
    )


def stretch(period: Period, zone: ZoneInfo, *, code: str = "") -> Stretch:
    """A period in the firm's zone."""
    return Stretch(
        code or period.code,
        _midnight(period.first, zone),
        _midnight(period.end, zone),
        period.last.isoformat(),
        period.days,
    )


def _midnight(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time(), zone).astimezone(UTC).isoformat()


def months_up_to(period: Period, today: date) -> list[Period]:
    """The months up to the end of the period; one that is not over would look like a fall."""
    first = min(period.last, today).replace(day=1)
    latest = starting(Length.MONTH, first)
    if latest.end > today:
        latest = starting(Length.MONTH, months_later(first, -1))
    return [starting(Length.MONTH, months_later(latest.first, -back)) for back in reversed(range(MONTHS))]


def stamp() -> tuple[int, ...]:
    """What changes when the data does."""
    cases = db.session.execute(
        select(func.count(Complaint.id), func.coalesce(func.sum(Complaint.version), 0))
    ).one()
    event = db.session.scalar(select(func.max(ComplaintEvent.id))) or 0
    # After a backup has been restored the same ids are given again, to other entries.
    newest = db.session.scalar(select(ComplaintEvent.recorded_at).where(ComplaintEvent.id == event))
    customers = db.session.execute(select(func.count(Customer.id), func.max(Customer.updated_at))).one()
    return (
        int(cases[0]),
        int(cases[1]),
        event,
        int(newest.timestamp()) if newest else 0,
        db.session.scalar(select(func.max(Feedback.id))) or 0,
        int(customers[0]),
        int(customers[1].timestamp()) if customers[1] else 0,
    )


def summary(question: Asking, *, wait: float) -> tuple[State, ComplaintSummary | None]:
    """The summary, waiting up to so many seconds for it to be computed."""
    request = {"do": "complaints", "asking": question.to_json()}
    state, found = kept.computed(
        ComplaintSummary, _target(question, ".json"), question.key, request, wait=wait
    )
    return state, None if found is None else found.summary


def workbook(
    question: Asking, language: str, sheets: list[Mapping[str, Any]], *, wait: float
) -> tuple[State, Path | None]:
    """The spreadsheet of a summary, written by the analyst."""
    return kept.written(
        _target(question, f".{language}.xlsx"), f"{question.key}.{language}", sheets, wait=wait
    )


def _target(question: Asking, ending: str) -> Path:
    return kept.place("complaints", f"{question.key}{ending}")
