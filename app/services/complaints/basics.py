"""What complaints need before the first one: trees, policies, and a working calendar that knows the holidays.

Done at every start and before the demonstration; what is there already stays as it is.
"""

from datetime import datetime

from sqlalchemy import exists, select

from app.adapters.holidays import OfficialYear, chinese_year
from app.extensions import db
from app.models import ClockPolicy, Complaint, ComplaintRun, FeedbackCategory, WorkingCalendar
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import waiting
from app.rules import clocks
from app.rules.complaints import State, branches
from app.rules.worktime import Span
from app.services.complaints import log, searching

YEARS_BACK = 2
YEARS_AHEAD = 10
OPEN = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
WEEK = ((OPEN,) * 5) + ((), ())


def ensure(*, now: datetime) -> None:
    """Make what is missing. A calendar that lacks official holidays gets a next version once they are known."""
    if db.session.scalar(select(FeedbackCategory.id).limit(1)) is None:
        _add_trees()
    if db.session.scalar(select(ClockPolicy.version).limit(1)) is None:
        document = clocks.policies_document(clocks.DEFAULT_POLICIES)
        db.session.add(ClockPolicy(version=1, document=document, created_at=now))
    _ensure_calendar(now)
    db.session.flush()
    _ensure_runs(now)
    _ensure_prompts()
    searching.ensure()


def _ensure_runs(now: datetime) -> None:
    """Cases from before their runs were kept get them from their logs."""
    kept = exists().where(ComplaintRun.complaint_id == Complaint.id)
    for complaint in db.session.scalars(select(Complaint).where(~kept)).all():
        log.keep_runs(complaint, clock_reads.case_of(complaint), now=now)
    db.session.flush()


def _ensure_prompts() -> None:
    """Cases that waited for the customer before there were reminders."""
    unplanned = select(Complaint).where(Complaint.state == State.WAITING, Complaint.next_prompt_at.is_(None))
    for complaint in db.session.scalars(unplanned).all():
        prompt = waiting.prompt_of(complaint)
        if prompt is not None:
            log.set_by_time(complaint, next_prompt_at=prompt.at)


def _add_trees() -> None:
    rows: dict[str, FeedbackCategory] = {}
    for position, one in enumerate(branches()):
        row = FeedbackCategory(
            parent_id=rows[one.parent].id if one.parent else None,
            kind=one.kind,
            code=one.code,
            name=one.name,
            name_en=one.name_en,
            position=position,
        )
        db.session.add(row)
        db.session.flush()
        rows[one.code] = row


def _ensure_calendar(now: datetime) -> None:
    newest = db.session.scalar(select(WorkingCalendar).order_by(WorkingCalendar.version.desc()).limit(1))
    if newest is not None and not _may_be_outdated(newest, now):
        return
    years = [chinese_year(year) for year in range(now.year - YEARS_BACK, now.year + 2)]
    document = _calendar(years) if newest is None else _with_newer_years(newest, years)
    if newest is None or document != newest.document:
        version = 1 if newest is None else newest.version + 1
        db.session.add(WorkingCalendar(version=version, document=document, created_at=now))


def _may_be_outdated(calendar: WorkingCalendar, now: datetime) -> bool:
    """Whether it says of a year that matters that its holidays are not known, or says nothing of it."""
    known = {int(day["on"][:4]) for day in calendar.document["special_days"]}
    wanted = {now.year, now.year + 1}
    return bool(wanted & set(calendar.document["provisional"])) or not wanted <= known


def _calendar(years: list[OfficialYear]) -> dict[str, object]:
    unknown = {one.year for one in years if one.provisional} | _beyond(years)
    return clocks.calendar_document(WEEK, [day for year in years for day in _days_of(year)], unknown)


def _beyond(years: list[OfficialYear]) -> set[int]:
    """Years nothing is said of: a deadline that reaches into one of them has to say so."""
    last = years[-1].year
    return set(range(last + 1, last + YEARS_AHEAD))


def _with_newer_years(calendar: WorkingCalendar, years: list[OfficialYear]) -> dict[str, object]:
    """The calendar with the years it did not know for certain; hours and everything else stay."""
    document = calendar.document
    known = {int(day["on"][:4]) for day in document["special_days"]} - set(document["provisional"])
    fresh = [one for one in years if one.year not in known]
    replaced = {one.year for one in fresh}
    kept = [day for day in document["special_days"] if int(day["on"][:4]) not in replaced]
    provisional = (
        (set(document["provisional"]) - replaced)
        | {one.year for one in fresh if one.provisional}
        | (_beyond(years) - set(document.get("confirmed", ())))
    )
    days = [*kept, *(day for year in fresh for day in _days_of(year))]
    return document | {
        "special_days": sorted(days, key=lambda day: str(day["on"])),
        "provisional": sorted(provisional),
    }


def _days_of(year: OfficialYear) -> list[dict[str, object]]:
    return [clocks.special_day_document(day.on, day.kind, day.names, day.like) for day in year.days]
