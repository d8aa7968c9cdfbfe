"""Reads of reports on complaints: who sees which, and what was done with one."""

from sqlalchemy import Select, false, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.errors import Missing
from app.extensions import db
from app.models import ComplaintReport, ComplaintReportEvent, Unit, User
from app.queries.complaints.cases import firm_is_one_person, sees_all
from app.queries.complaints.summary.access import units_below
from app.queries.complaints.summary.model import ComplaintSummary
from app.queries.figures.model import from_json
from app.queries.paging import Page, page_of
from app.rules.complaint_reports import SECTIONS, Standing, State, digest
from app.rules.permissions import Permission, allows


def visible_to(user: User) -> Select[ComplaintReport]:
    """All for those who see every case. Departments: reviewed ones about units that are wholly their own."""
    found = select(ComplaintReport)
    if not allows(user.role_names, Permission.REPORTS_READ):
        return found.where(false())
    if sees_all(user):
        return found
    own = set(user.unit_ids)
    whole = [unit for unit in own if set(units_below(unit)) <= own]
    return found.where(ComplaintReport.state == State.REVIEWED, ComplaintReport.unit_id.in_(whole))


def get_visible(user: User, report_id: int) -> ComplaintReport:
    """The report, or `Missing` where there is none for this user."""
    wanted = visible_to(user).where(ComplaintReport.id == report_id)
    found = db.session.scalar(wanted.options(selectinload(ComplaintReport.events)))
    if found is None:
        raise Missing("report")
    return found


def listed(user: User, *, state: str, number: int) -> Page[ComplaintReport]:
    """A page of the list, the latest first; `state` "" for all."""
    wanted = visible_to(user)
    if state:
        wanted = wanted.where(ComplaintReport.state == state)
    newest = wanted.order_by(ComplaintReport.updated_at.desc(), ComplaintReport.id.desc())
    options = (
        joinedload(ComplaintReport.unit),
        joinedload(ComplaintReport.created_by),
        defer(ComplaintReport.figures),
    )
    return page_of(newest.options(*options), number=number)


def open_one(user: User, period: str, kind: str, unit: Unit | None, language: str) -> ComplaintReport | None:
    """A report about the same that is still worked on or waits for management."""
    return db.session.scalar(
        visible_to(user)
        .where(
            ComplaintReport.period == period,
            ComplaintReport.kind == kind,
            ComplaintReport.unit_id.is_not_distinct_from(unit.id if unit else None),
            ComplaintReport.language == language,
            ComplaintReport.state != State.REVIEWED,
        )
        .order_by(ComplaintReport.id.desc())
        .limit(1)
    )


def of_key(key: str) -> ComplaintReport | None:
    """The report that the form with this key has started."""
    if not key:
        return None
    started = select(ComplaintReport).join(ComplaintReportEvent)
    return db.session.scalar(started.where(ComplaintReportEvent.key == f"start:{key}"))


def standing(user: User, report: ComplaintReport) -> Standing:
    """How a user stands to a report."""
    own = report.created_by_id == user.id or any(
        event.by_id == user.id and event.kind in ("started", "edited", "refreshed", "submitted")
        for event in report.events
    )
    return Standing(frozenset(user.role_names), own, firm_is_one_person())


def last_event(report: ComplaintReport, kind: str) -> ComplaintReportEvent | None:
    """The latest of a kind."""
    return next((event for event in reversed(report.events) if event.kind == kind), None)


def figures_of(report: ComplaintReport) -> ComplaintSummary:
    """The figures as they were taken."""
    return from_json(ComplaintSummary, report.figures)


def texts_of(report: ComplaintReport) -> dict[str, str]:
    """The text of each section, in the order of reading."""
    return {name: getattr(report, name) for name in SECTIONS}


def digest_of(report: ComplaintReport) -> str:
    """The fingerprint of figures and texts as they are stored now."""
    about = [report.period, report.kind, str(report.unit_id or ""), report.language]
    return digest(report.figures, [*about, *texts_of(report).values()])


def is_whole(report: ComplaintReport) -> bool:
    """Whether what was frozen is still what was frozen; an open report has nothing frozen."""
    return not report.digest or report.digest == digest_of(report)
