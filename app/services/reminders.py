"""Reminding those who have not finished, by the survey's rule or by hand."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload

from app.errors import Refused
from app.extensions import db
from app.models import Contact, Customer, Delivery, Firm, Invitation, Survey, User
from app.rules import reminders as rules
from app.rules.deliveries import AGAIN_FROM
from app.rules.reminders import Standing
from app.rules.surveys import Step, check_step
from app.services import audit, outbox
from app.services.invitations import sending_slots

# Nobody needs more, and it bounds what "remind now" can do by hand.
HARD_LIMIT = 5


def plan_due(*, now: datetime) -> int:
    """Queue every reminder that has fallen due in any live survey. Returns how many.

    Running it twice, or in two places, plans nothing twice: (invitation, kind, occurrence) is unique.
    """
    live = db.session.scalars(
        select(Survey).where(
            Survey.state == "live",
            Survey.opens_at <= now,
            Survey.closes_at > now,
            Survey.reminder_limit > 0,
        )
    ).all()
    return sum(_plan(survey, by_hand=False, now=now) for survey in live)


def remind_now(survey: Survey, *, knowingly: bool, by: User, now: datetime) -> int:
    """Queue one reminder for everybody who may still be reminded. Returns how many it will reach.

    Those who have just had a mail are left out unless the person asks for it `knowingly`. Raises `Refused`:
    `still_inviting`, `too_soon`.
    """
    check_step(survey.state, Step.REMIND, by.role_names)
    if not knowingly:
        view = outlook(survey, now=now)
        if view.inviting:
            raise Refused("still_inviting")
        if view.early and not view.ready:
            raise Refused("too_soon")
    count = _plan(survey, by_hand=True, early_too=knowingly, now=now)
    audit.record("survey.remind", kind="survey", object_id=survey.id, by=by, now=now, count=count)
    return count


def outlook(survey: Survey, *, now: datetime) -> rules.Outlook:
    """What `remind_now` would do."""
    standings = [
        standing for _row, standing in _standings(survey) if rules.may_be_reminded(standing, limit=HARD_LIMIT)
    ]
    early = sum(rules.is_early(standing, now=now) for standing in standings)
    of_survey = Delivery.survey_id == survey.id
    inviting = select(func.count()).where(
        of_survey, Delivery.kind == "invitation", Delivery.state.in_(("queued", "claimed", "data"))
    )
    last = select(func.max(Delivery.finished_at)).where(
        of_survey, Delivery.kind == "reminder", Delivery.state == "sent"
    )
    limit = survey.reminder_limit
    return rules.Outlook(
        ready=len(standings) - early,
        early=early,
        done=sum(limit > 0 and standing.reminders >= limit for standing in standings),
        inviting=db.session.scalar(inviting) or 0,
        last_at=db.session.scalar(last),
    )


def _plan(survey: Survey, *, by_hand: bool, early_too: bool = False, now: datetime) -> int:
    firm = db.session.scalars(select(Firm)).one()
    slots = sending_slots(survey, firm, now=now)
    count = 0
    for row, standing in _standings(survey):
        wanted = (
            rules.may_be_reminded(standing, limit=HARD_LIMIT)
            and (early_too or not rules.is_early(standing, now=now))
            if by_hand
            else rules.is_due(
                standing,
                now=now,
                after_days=survey.reminder_after_days,
                limit=survey.reminder_limit,
                closes_at=survey.closes_at,
            )
        )
        if not wanted:
            continue
        outbox.enqueue(
            "reminder",
            to=row.contact.email.strip(),
            language=row.language,
            template="reminder",
            due_at=next(slots),
            now=now,
            invitation_id=row.id,
            survey_id=survey.id,
            occurrence=standing.reminders + 1,
        )
        count += 1
    return count


def _standings(survey: Survey) -> Iterator[tuple[Invitation, Standing]]:
    """Unfinished invitations with what is known of their mails."""
    mails = _mails_of(survey).subquery()
    rows = db.session.execute(
        select(
            Invitation,
            Customer.do_not_contact,
            mails.c.last_sent_at,
            mails.c.open,
            mails.c.bounced,
            mails.c.reminders,
        )
        .join(mails, mails.c.invitation_id == Invitation.id)
        .join(Contact, Contact.id == Invitation.contact_id)
        .join(Customer, Customer.id == Invitation.customer_id)
        .where(
            Invitation.survey_id == survey.id,
            Invitation.finished.is_(False),
            Invitation.declined_at.is_(None),
        )
        .options(joinedload(Invitation.contact))
        .order_by(Invitation.id)
    ).all()
    for row, do_not_contact, last_sent_at, open_now, bounced, reminders in rows:
        yield (
            row,
            Standing(
                finished=row.finished,
                declined=row.declined_at is not None,
                reachable=not do_not_contact and _can_be_mailed(row.contact),
                last_sent_at=last_sent_at,
                reminders=reminders,
                open=bool(open_now),
                bounced=bool(bounced),
            ),
        )


def _mails_of(survey: Survey) -> Select[Any]:
    """For every invitation: when a mail was last sent, whether one is under way or came back, and the reminders so far."""
    sent = case((Delivery.state == "sent", Delivery.finished_at))
    open_now = case((Delivery.state.in_(("queued", "claimed", "data", "unknown")), 1), else_=0)
    bounced = case((Delivery.state == "bounced", 1), else_=0)
    planned = case(((Delivery.kind == "reminder") & (Delivery.occurrence < AGAIN_FROM), Delivery.occurrence))
    return (
        select(
            Delivery.invitation_id.label("invitation_id"),
            func.max(sent).label("last_sent_at"),
            func.max(open_now).label("open"),
            func.max(bounced).label("bounced"),
            func.coalesce(func.max(planned), 0).label("reminders"),
        )
        .where(Delivery.survey_id == survey.id, Delivery.invitation_id.is_not(None))
        .group_by(Delivery.invitation_id)
    )


def _can_be_mailed(contact: Contact) -> bool:
    return bool(contact.email.strip()) and contact.opted_out_at is None and contact.address_state != "bad"
