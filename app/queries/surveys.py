"""Reading surveys: the list, one survey, its checklist, its monitor, and who was invited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Integer, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import Missing
from app.extensions import db
from app.models import (
    Contact,
    Customer,
    Delivery,
    Firm,
    Invitation,
    Job,
    OpenLink,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    Series,
    Survey,
    Unit,
)
from app.queries.paging import Page, page_of
from app.queries.recipients import DryRun, dry_run
from app.rules import mail_texts
from app.rules import surveys as rules
from app.rules.reach import Reach, reach_of

STRATA = ("stratum", "region", "kind", "size", "tenure", "unit")


@dataclass(frozen=True)
class Progress:
    """Counts of one survey or one part of it; the rates are percentages, or None without a base."""

    invited: int = 0
    reached: int = 0
    started: int = 0
    finished: int = 0
    declined: int = 0

    @property
    def rate(self) -> float | None:
        """Response rate: finished among all those invited, as in the results (RR1)."""
        return 100 * self.finished / self.invited if self.invited else None

    @property
    def finished_of_reached(self) -> float | None:
        """Finished among those whose invitation was sent."""
        return 100 * self.finished / self.reached if self.reached else None


@dataclass(frozen=True)
class Part:
    """One stratum and how it stands. `key` is the value in the profile, `label` what it is called."""

    key: str
    label: str
    progress: Progress


@dataclass(frozen=True)
class Monitor:
    """How a survey stands now. `mails` counts invitations by delivery state, `days` finished answers.

    `next_due` is when the first of the queued invitations may leave.
    """

    progress: Progress
    mails: Mapping[str, int]
    reminders: int
    open_answers: int
    parts: Sequence[Part]
    days: Sequence[tuple[date, int]]
    next_due: datetime | None

    @property
    def answers(self) -> int:
        """All complete answers, by personal and by open links."""
        return self.progress.finished + self.open_answers


def get(survey_id: int) -> Survey:
    """One survey. Raises Missing."""
    survey = db.session.get(Survey, survey_id)
    if survey is None:
        raise Missing("survey")
    return survey


def all_series() -> list[Series]:
    """Every series with its surveys, newest series first."""
    return list(
        db.session.scalars(
            select(Series).options(selectinload(Series.surveys)).order_by(Series.created_at.desc(), Series.id)
        )
    )


def progress_of_all() -> dict[int, Progress]:
    """How every survey stands, by id."""
    rows = db.session.execute(select(Invitation.survey_id, *_counts()).group_by(Invitation.survey_id)).all()
    reached = _reached(Invitation.survey_id)
    return {
        row[0]: Progress(row.invited, reached.get(row[0], 0), row.started, row.finished, row.declined)
        for row in rows
    }


def open_answers_of_all() -> dict[int, int]:
    """Complete answers through open links, by survey."""
    rows = db.session.execute(
        select(Response.survey_id, func.count())
        .where(Response.state == "complete", Response.open_link_id.is_not(None))
        .group_by(Response.survey_id)
    )
    return dict(rows.all())


def published_versions() -> list[QuestionnaireVersion]:
    """Versions a survey can use, newest first."""
    return list(
        db.session.scalars(
            select(QuestionnaireVersion)
            .join(Questionnaire)
            .options(joinedload(QuestionnaireVersion.questionnaire))
            .where(QuestionnaireVersion.state == "published", Questionnaire.archived.is_(False))
            .order_by(QuestionnaireVersion.published_at.desc(), QuestionnaireVersion.id.desc())
        )
    )


def text_languages(survey: Survey, languages: set[str]) -> list[str]:
    """The languages in which mails will be written: those of the recipients, the firm's if none yet."""
    firm = db.session.scalars(select(Firm)).one()
    return sorted(languages or {firm.language}, key=lambda lang: lang != firm.language)


def checklist(
    survey: Survey, *, mail_server_set: bool, now: datetime, run: DryRun | None = None
) -> list[rules.Item]:
    """What is done and what is missing before the survey can start."""
    run = run or dry_run(survey, now=now)
    firm = db.session.scalars(select(Firm)).one()
    languages = text_languages(survey, run.languages)
    links = db.session.scalar(
        select(func.count()).where(OpenLink.survey_id == survey.id, OpenLink.active.is_(True))
    )
    return rules.checklist(
        rules.Readiness(
            name_languages=frozenset(lang for lang, name in survey.name.items() if name),
            version_published=survey.questionnaire_version.state == "published",
            opens_at=survey.opens_at,
            closes_at=survey.closes_at,
            recipients=run.included + run.already_invited,
            open_links=links or 0,
            text_problems=len(mail_texts.problems(survey.mail_texts, languages)),
            reminder_problems=len(mail_texts.problems(survey.reminder_texts, languages)),
            reminder_limit=survey.reminder_limit,
            sender_set=bool(firm.sender_address),
            mail_server_set=mail_server_set,
            links_open_everywhere=reach_of(current_app.config["HEED"].base_url) is Reach.EVERYWHERE,
        ),
        now=now,
    )


def monitor(survey: Survey, *, by: str, zone: ZoneInfo) -> Monitor:
    """Everything the monitor page shows. `by` is one of STRATA."""
    mails = db.session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.survey_id == survey.id, Delivery.kind == "invitation")
        .group_by(Delivery.state)
    )
    return Monitor(
        progress=progress_of_all_in(survey),
        mails=dict(mails.all()),
        reminders=db.session.scalar(
            select(func.count()).where(
                Delivery.survey_id == survey.id, Delivery.kind == "reminder", Delivery.state == "sent"
            )
        )
        or 0,
        open_answers=db.session.scalar(
            select(func.count()).where(
                Response.survey_id == survey.id,
                Response.state == "complete",
                Response.open_link_id.is_not(None),
            )
        )
        or 0,
        parts=parts(survey, by),
        days=finished_by_day(survey.id, zone),
        next_due=db.session.scalar(
            select(func.min(Delivery.due_at)).where(
                Delivery.survey_id == survey.id, Delivery.kind == "invitation", Delivery.state == "queued"
            )
        ),
    )


def is_inviting(survey: Survey) -> bool:
    """Whether the worker is still to write invitations of this survey."""
    wanted = select(Job.id).where(
        Job.key == f"survey.invite:{survey.id}", Job.state.in_(("queued", "running"))
    )
    return db.session.scalar(wanted) is not None


def progress_of_all_in(survey: Survey) -> Progress:
    """How one survey stands."""
    row = db.session.execute(select(*_counts()).where(Invitation.survey_id == survey.id)).one()
    reached = db.session.scalar(_reached_query(func.count()).where(Invitation.survey_id == survey.id)) or 0
    return Progress(row.invited, reached, row.started or 0, row.finished or 0, row.declined or 0)


def parts(survey: Survey, by: str) -> list[Part]:
    """The survey's invitations by stratum, the largest first."""
    key = stratum_column(by)
    rows = db.session.execute(
        select(key.label("key"), *_counts()).where(Invitation.survey_id == survey.id).group_by(key)
    ).all()
    reached = _reached(key, Invitation.survey_id == survey.id)
    names = {str(u.id): u.name for u in db.session.scalars(select(Unit))} if by == "unit" else {}
    found = [
        Part(
            str(row.key or ""),
            names.get(str(row.key), str(row.key or "")),
            Progress(row.invited, reached.get(row.key, 0), row.started, row.finished, row.declined),
        )
        for row in rows
    ]
    return sorted(found, key=lambda part: (-part.progress.invited, part.label))


def stratum_column(by: str) -> Any:
    """The column (or entry of the profile) that makes the strata."""
    if by == "stratum":
        return Invitation.stratum
    if by == "unit":
        return Invitation.unit_id
    return Invitation.profile[by].as_string()


def finished_by_day(survey_id: int, zone: ZoneInfo) -> list[tuple[date, int]]:
    """Complete answers by the firm's day, without gaps. Counted to the minute in the database."""
    minute = func.substr(cast(Response.submitted_at, String), 1, 16)
    rows = db.session.execute(
        select(minute, func.count())
        .where(
            Response.survey_id == survey_id, Response.state == "complete", Response.submitted_at.is_not(None)
        )
        .group_by(minute)
    )
    days: dict[date, int] = {}
    for text, count in rows:
        day = datetime.fromisoformat(f"{text}+00:00").astimezone(zone).date()
        days[day] = days.get(day, 0) + count
    if not days:
        return []
    first, last = min(days), max(days)
    every = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
    return [(day, days.get(day, 0)) for day in every]


def people(survey: Survey, *, q: str, state: str, by: str, part: str | None, page: int) -> Page[Any]:
    """Who was invited, filtered by text, state and stratum. Rows: invitation and its mail's state."""
    mail = _invitation_mail()
    query = (
        select(Invitation, mail.c.state)
        .join(Customer, Customer.id == Invitation.customer_id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .outerjoin(mail, mail.c.invitation_id == Invitation.id)
        .where(Invitation.survey_id == survey.id, *_people_filters(mail.c.state, q, state))
    )
    if part is not None:
        column = stratum_column(by)
        query = query.where(
            column == (int(part) if by == "unit" and part.isdigit() else part)
            if part
            else or_(column.is_(None), cast(column, String) == "")
        )
    with_names = query.options(joinedload(Invitation.customer), joinedload(Invitation.contact))
    return page_of(with_names.order_by(Invitation.id), number=page)


def open_links(survey: Survey) -> list[tuple[OpenLink, int]]:
    """The survey's open links with the complete answers of each."""
    rows = db.session.execute(
        select(OpenLink, func.count(Response.id))
        .outerjoin(Response, and_(Response.open_link_id == OpenLink.id, Response.state == "complete"))
        .where(OpenLink.survey_id == survey.id)
        .options(selectinload(OpenLink.unit))
        .group_by(OpenLink.id)
        .order_by(OpenLink.id)
    )
    return [(row[0], row[1]) for row in rows]


def open_link(survey: Survey, link_id: int) -> OpenLink:
    """One open link of this survey. Raises Missing."""
    link = db.session.get(OpenLink, link_id)
    if link is None or link.survey_id != survey.id:
        raise Missing("open_link")
    return link


def units() -> list[Unit]:
    """Units in use, in their order."""
    return list(
        db.session.scalars(select(Unit).where(Unit.active.is_(True)).order_by(Unit.position, Unit.id))
    )


def _counts() -> tuple[ColumnElement[int], ...]:
    def of(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).cast(Integer)

    return (
        func.count(Invitation.id).label("invited"),
        of(or_(Invitation.started, Invitation.finished)).label("started"),
        of(Invitation.finished.is_(True)).label("finished"),
        of(Invitation.declined_at.is_not(None)).label("declined"),
    )


def _reached_query(*columns: Any) -> Select[Any]:
    """Invitations whose first mail was sent, or may have been."""
    return (
        select(*columns)
        .select_from(Invitation)
        .join(Delivery, Delivery.invitation_id == Invitation.id)
        .where(
            Delivery.kind == "invitation", Delivery.occurrence == 0, Delivery.state.in_(("sent", "unknown"))
        )
    )


def _reached(key: Any, *conditions: ColumnElement[bool]) -> dict[Any, int]:
    rows = db.session.execute(_reached_query(key, func.count()).where(*conditions).group_by(key))
    return dict(rows.all())


def _invitation_mail() -> Any:
    return (
        select(Delivery.invitation_id, Delivery.state)
        .where(Delivery.kind == "invitation", Delivery.occurrence == 0)
        .subquery("mail")
    )


def _people_filters(mail_state: Any, q: str, state: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if q:
        found.append(
            or_(
                Customer.name.icontains(q, autoescape=True),
                Customer.code.icontains(q, autoescape=True),
                Contact.name.icontains(q, autoescape=True),
                Contact.email.icontains(q, autoescape=True),
            )
        )
    unsubscribed = Contact.opted_out_at.is_not(None)
    open_ = and_(Invitation.finished.is_(False), Invitation.declined_at.is_(None))
    wanted = {
        "waiting": and_(open_, ~unsubscribed, Invitation.started.is_(False)),
        "started": and_(open_, Invitation.started.is_(True)),
        "opted_out": and_(open_, unsubscribed, Invitation.started.is_(False)),
        "finished": Invitation.finished.is_(True),
        "declined": Invitation.declined_at.is_not(None),
        "undelivered": mail_state.in_(("failed", "bounced", "unknown", "dropped")),
    }
    if state in wanted:
        found.append(wanted[state])
    return found
