"""What waits for a person, and how the surveys stand. Codes and rows; the page has the words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    ComplaintReport,
    Customer,
    Delivery,
    Firm,
    Invitation,
    Job,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    Survey,
    User,
)
from app.queries import follow_ups, letters
from app.queries.complaints import clocks, desk
from app.rules.permissions import Permission, allows
from app.rules.respondents import CALLBACK_KEY

CLOSING_SOON = timedelta(days=3)
NEWS = timedelta(days=60)
FULL_SURVEY_EVERY = timedelta(days=365)
CALLS_SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """One thing to do. `urgency` is now, soon or later; `values` fill the address and the words."""

    code: str
    urgency: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    name: dict[str, str] | None = None
    count: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """A survey at a glance."""

    survey: Survey
    invited: int
    finished: int


@dataclass(frozen=True)
class CallWish:
    """A respondent who asked to be called."""

    response_id: int
    customer: str
    phone: str
    words: str
    survey: Survey
    at: datetime


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Everything that waits for this person, most urgent first."""
    order = {"now": 0, "soon": 1, "later": 2}
    found = [
        *_running(user),
        *_complaints(user, now),
        *_reports(user),
        *_planning(user, now),
        *_reviewing(user, now),
        *_administering(user),
    ]
    return sorted(found, key=lambda item: order[item.urgency])


def demonstration_is_loading() -> bool:
    """Whether the demonstration data asked for at set-up is still on its way."""
    waiting = select(Job.id).where(Job.kind == "demo", Job.state.in_(("queued", "running")))
    return db.session.scalar(waiting.limit(1)) is not None


def _may(user: User, permission: Permission) -> bool:
    return allows(user.role_names, permission)


def _running(user: User) -> Iterator[Waiting]:
    if not _may(user, Permission.DELIVERIES_DECIDE):
        return
    rows = db.session.execute(
        select(Delivery.state, func.count(Delivery.id))
        .join(Survey, Survey.id == Delivery.survey_id)
        .where(Delivery.state.in_(("unknown", "failed", "bounced")), Survey.state.in_(("live", "paused")))
        .group_by(Delivery.state)
    )
    counted = {state: number for state, number in rows}
    for state, urgency in (("unknown", "now"), ("failed", "soon"), ("bounced", "soon")):
        if counted.get(state):
            yield Waiting(
                f"deliveries_{state}", urgency, "mail.index", {"state": state}, count=counted[state]
            )


def _complaints(user: User, now: datetime) -> Iterator[Waiting]:
    """The queues in which something has to be done, for those who do it."""
    unsorted = letters.count_waiting(user) if _may(user, Permission.FEEDBACK_RECORD) else 0
    if unsorted:
        yield Waiting("letters_unsorted", "soon", "complaints.feedback_mails", count=unsorted)
    if not _may(user, Permission.COMPLAINTS_WORK):
        return
    to_accept = desk.to_accept(user)
    if to_accept:
        yield Waiting("complaints_to_accept", "soon", "complaints.index", {"queue": "unit"}, count=to_accept)
    counts = desk.counts(user, desk.Moment.of(now, clocks.zone()))
    for queue, urgency in (
        ("overdue", "now"),
        ("unassigned", "soon"),
        ("today", "soon"),
        ("callbacks", "soon"),
    ):
        if counts.get(queue):
            at = {"queue": queue}
            yield Waiting(f"complaints_{queue}", urgency, "complaints.index", at, count=counts[queue])


def _reports(user: User) -> Iterator[Waiting]:
    """Reports on complaints: to be reviewed by those who did not write in them, and returned to their authors."""
    if _may(user, Permission.REPORTS_DECIDE):
        others = select(func.count(ComplaintReport.id)).where(
            ComplaintReport.created_by_id.is_distinct_from(user.id)
        )
        count = db.session.scalar(others.where(ComplaintReport.state == "submitted")) or 0
        if count:
            yield Waiting("reports_submitted", "soon", "complaint_summary.reports", count=count)
    if _may(user, Permission.REPORTS_WRITE):
        own = select(func.count(ComplaintReport.id)).where(ComplaintReport.created_by_id == user.id)
        count = db.session.scalar(own.where(ComplaintReport.state == "returned")) or 0
        if count:
            yield Waiting("reports_returned", "soon", "complaint_summary.reports", count=count)


def _planning(user: User, now: datetime) -> Iterator[Waiting]:
    if not _may(user, Permission.SURVEYS_RUN):
        return
    surveys = db.session.scalars(select(Survey).where(Survey.state != "closed").order_by(Survey.closes_at))
    for survey in surveys:
        at = {"survey_id": survey.id}
        if survey.state in ("draft", "ready"):
            yield Waiting(f"survey_{survey.state}", "later", "surveys.show", at, survey.name)
        elif survey.state == "paused":
            yield Waiting("survey_paused", "now", "surveys.show", at, survey.name)
        elif survey.closes_at - now <= CLOSING_SOON:
            yield Waiting("survey_closing", "soon", "surveys.show", at, survey.name, at=survey.closes_at)
    drafts = (
        select(QuestionnaireVersion)
        .join(Questionnaire)
        .where(QuestionnaireVersion.state == "draft", ~Questionnaire.archived)
        .order_by(QuestionnaireVersion.edited_at.desc())
    )
    for version in db.session.scalars(drafts):
        yield Waiting(
            "questionnaire_draft",
            "later",
            "questionnaires.show",
            {"questionnaire_id": version.questionnaire_id},
            version.questionnaire.title,
            at=version.edited_at,
        )
    latest = db.session.scalar(select(func.max(Survey.launched_at)))
    if latest is not None and now - latest > FULL_SURVEY_EVERY - timedelta(days=60):
        yield Waiting("yearly_survey_due", "soon", "surveys.index", at=latest + FULL_SURVEY_EVERY)


def _reviewing(user: User, now: datetime) -> Iterator[Waiting]:
    closed = select(Survey).where(Survey.state == "closed")
    if _may(user, Permission.SURVEYS_RELEASE):
        for survey in db.session.scalars(closed.where(Survey.released_at.is_(None))):
            yield Waiting("survey_to_release", "soon", "surveys.show", {"survey_id": survey.id}, survey.name)
    if _may(user, Permission.ANALYSIS_READ):
        for survey in db.session.scalars(closed.where(Survey.released_at > now - NEWS)):
            yield Waiting(
                "results_released",
                "later",
                "analysis.overview",
                {"survey_id": survey.id},
                survey.name,
                at=survey.released_at,
            )


def _administering(user: User) -> Iterator[Waiting]:
    if not _may(user, Permission.SETTINGS_MANAGE):
        return
    if db.session.scalar(select(Firm.mail_paused)):
        yield Waiting("mail_paused", "now", "settings.index")
    idle = db.session.scalar(select(func.count(User.id)).where(User.active, User.password.is_(None)))
    if idle:
        yield Waiting("users_without_password", "later", "settings.users", count=idle)


def first_steps(user: User) -> list[tuple[str, str, bool]]:
    """For those who run surveys in a new installation: (code, endpoint, done); empty once all are done."""
    if not _may(user, Permission.SURVEYS_RUN):
        return []
    steps = [
        ("import_customers", "customers.import_list", _any(Customer.id)),
        (
            "choose_questionnaire",
            "questionnaires.new",
            _any(QuestionnaireVersion.id, QuestionnaireVersion.state == "published"),
        ),
        ("send_survey", "surveys.new", _any(Survey.id, Survey.launched_at.is_not(None))),
    ]
    return [] if all(done for _, _, done in steps) else steps


def _any(column: Any, *conditions: Any) -> bool:
    return db.session.scalar(select(column).where(*conditions).limit(1)) is not None


def standings(user: User) -> list[Standing]:
    """Live surveys and the latest closed one, for those who may see field work."""
    if not _may(user, Permission.SURVEYS_READ):
        return []
    live = list(
        db.session.scalars(
            select(Survey).where(Survey.state.in_(("live", "paused"))).order_by(Survey.closes_at)
        )
    )
    last = db.session.scalar(
        select(Survey).where(Survey.state == "closed").order_by(Survey.closed_at.desc()).limit(1)
    )
    return [_standing(survey) for survey in [*live, *([last] if last else [])]]


def _standing(survey: Survey) -> Standing:
    counted: dict[bool, int] = {
        key: value
        for key, value in db.session.execute(
            select(Invitation.finished, func.count(Invitation.id))
            .where(Invitation.survey_id == survey.id)
            .group_by(Invitation.finished)
        )
    }
    return Standing(survey, sum(counted.values()), counted.get(True, 0))


def call_wishes(user: User) -> list[CallWish]:
    """Who asked to be called and has not been, oldest first."""
    if not _may(user, Permission.CALLS_HANDLE):
        return []
    rows = db.session.execute(
        follow_ups.open_wishes(user)
        .add_columns(Customer.name)
        .outerjoin(Customer, Customer.id == Response.customer_id)
        .order_by(Response.call_wanted_at)
        .limit(CALLS_SHOWN)
    )
    return [_wish(response, name) for response, name in rows]


def _wish(response: Response, customer: str | None) -> CallWish:
    wish = response.answers.get(CALLBACK_KEY) or {}
    survey = db.session.get(Survey, response.survey_id)
    assert survey is not None
    assert response.call_wanted_at is not None
    return CallWish(
        response_id=response.id,
        customer=customer or "",
        phone=wish.get("phone", ""),
        words=wish.get("words", ""),
        survey=survey,
        at=response.call_wanted_at,
    )
