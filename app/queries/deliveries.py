"""Reading the outbox: lists, counts, and which deliveries a user may see."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.adapters.mail import KEPT
from app.errors import Missing
from app.extensions import db
from app.models import Delivery, Feedback, Invitation, Survey, User
from app.queries.complaints import feedback
from app.queries.paging import Page, page_of
from app.rules.deliveries import CUSTOMER_KINDS, STAFF_KINDS, State
from app.rules.permissions import Permission, Role, allows

# A mail that was only kept is no mail that was sent, whatever its row says: this is how lists call it.
KEPT_STATE = "kept"


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty values narrow nothing."""

    q: str = ""
    state: str = ""
    kind: str = ""
    survey_id: int | None = None


def visible_to(user: User) -> Select[Delivery]:
    """Deliveries a user may know of: survey mail by permission, account mail for administrators."""
    kinds: list[ColumnElement[bool]] = []
    if allows(user.role_names, Permission.DELIVERIES_READ):
        kinds.append(Delivery.kind.in_(CUSTOMER_KINDS) & _of_feedback_he_reads(user))
    if Role.ADMINISTRATOR in user.role_names:
        kinds.append(Delivery.kind.not_in(CUSTOMER_KINDS))
    return select(Delivery).where(or_(false(), *kinds))


def readable_by(user: User) -> Select[Delivery]:
    """Deliveries whose text a user may read. The text holds the link, and with it the answers: survey
    mail is for those who run surveys, account mail for administrators, notices for nobody but who they are for."""
    kinds: list[ColumnElement[bool]] = []
    if allows(user.role_names, Permission.SURVEYS_RUN):
        kinds.append(Delivery.kind.in_(CUSTOMER_KINDS) & _of_feedback_he_reads(user))
    if Role.ADMINISTRATOR in user.role_names:
        others = Delivery.kind.not_in((*CUSTOMER_KINDS, *STAFF_KINDS))
        own = Delivery.kind.in_(STAFF_KINDS) & (Delivery.to_address == user.email)
        kinds.append(or_(others, own))
    return select(Delivery).where(or_(false(), *kinds))


def _of_feedback_he_reads(user: User) -> ColumnElement[bool]:
    """Whoever feedback is about knows neither who gave it nor the link behind which it stands."""
    seen = feedback.visible_to(user).where(Feedback.id == Delivery.feedback_id).correlate(Delivery)
    return or_(Delivery.feedback_id.is_(None), seen.exists())


def get_visible(user: User, delivery_id: int) -> Delivery:
    """One delivery with its history. Raises Missing."""
    row = db.session.scalar(
        visible_to(user).where(Delivery.id == delivery_id).options(selectinload(Delivery.events))
    )
    if row is None:
        raise Missing("delivery")
    return row


def get_readable(user: User, delivery_id: int) -> Delivery:
    """One delivery whose text the user may read. Raises Missing."""
    row = db.session.scalar(readable_by(user).where(Delivery.id == delivery_id))
    if row is None:
        raise Missing("delivery")
    return row


def is_readable(user: User, delivery: Delivery) -> bool:
    """Whether the user may read the mail with its links."""
    return db.session.scalar(readable_by(user).where(Delivery.id == delivery.id)) is not None


def search(user: User, filters: Filters, page: int) -> Page[Delivery]:
    """The newest deliveries first."""
    found = visible_to(user).where(*_conditions(filters))
    if filters.state in (*State, KEPT_STATE):
        found = found.where(_shown_state() == filters.state)
    return page_of(found.order_by(Delivery.id.desc()), number=page)


def kept(user: User, *, q: str, page: int) -> Page[Delivery]:
    """Mails that were kept instead of sent and whose text the user may read, newest first."""
    base = readable_by(user).where(_is_kept(), *_conditions(Filters(q=q)))
    newest_first = base.order_by(Delivery.finished_at.desc(), Delivery.id.desc())
    return page_of(newest_first, number=page)


def counts_by_state(user: User) -> dict[str, int]:
    """How many mails stand in each state, of those that a user may know of. What was only kept is `KEPT_STATE`."""
    shown = _shown_state().label("shown")
    visible = visible_to(user).with_only_columns(shown).subquery()
    rows = db.session.execute(select(visible.c.shown, func.count()).group_by(visible.c.shown))
    return dict(rows.all())


def _shown_state() -> ColumnElement[str]:
    return case((_is_kept(), KEPT_STATE), else_=Delivery.state)


def _is_kept() -> ColumnElement[bool]:
    return (Delivery.state == State.SENT) & (Delivery.reply == KEPT)


@dataclass(frozen=True)
class Addressee:
    """Whom a mail is for. `invitation` of survey mail; `may_read`: what it says may be shown to whoever asks, without its secret link."""

    name: str = ""
    customer_id: int | None = None
    invitation: Invitation | None = None
    may_read: bool = False


def addressees(user: User, deliveries: Collection[Delivery]) -> dict[int, Addressee]:
    """Whom these mails are for, as far as the user may know, by the mail's id.

    Notices to staff tell of cases that not everybody may see, and of a case about himself nobody learns anything.
    """
    wanted = {one.invitation_id for one in deliveries if one.invitation_id is not None}
    loading = (joinedload(Invitation.contact), joinedload(Invitation.customer), joinedload(Invitation.survey))
    invitations = (
        _by_id(select(Invitation).where(Invitation.id.in_(wanted)).options(*loading)) if wanted else {}
    )
    told = {one.feedback_id for one in deliveries if one.feedback_id is not None}
    told_by = (
        _by_id(select(Feedback).where(Feedback.id.in_(told)).options(joinedload(Feedback.customer)))
        if told
        else {}
    )
    names = allows(user.role_names, Permission.CUSTOMERS_READ)
    found = {}
    for one in deliveries:
        invitation, about = invitations.get(one.invitation_id), told_by.get(one.feedback_id)
        if one.kind in STAFF_KINDS or (about is not None and about.about_user_id == user.id):
            found[one.id] = Addressee()
        elif invitation is not None:
            found[one.id] = Addressee(
                invitation.customer.name if names else "",
                invitation.customer_id if names else None,
                invitation,
                names,
            )
        elif about is not None:
            name = about.customer.name if about.customer else about.contact_name
            found[one.id] = Addressee(
                name if names else "", about.customer_id if names else None, None, names
            )
        else:
            found[one.id] = Addressee(may_read=True)
    return found


def _by_id(query: Select[Any]) -> dict[int | None, Any]:
    return {row.id: row for row in db.session.scalars(query)}


def was_mailed(told: Feedback) -> bool:
    """Whether the confirmation of a feedback is on its way by mail, or has left."""
    waiting = (State.QUEUED, State.CLAIMED, State.DATA, State.SENT)
    return (
        db.session.scalar(
            select(Delivery.id)
            .where(
                Delivery.feedback_id == told.id,
                Delivery.template == "complaint_received",
                Delivery.state.in_(waiting),
                ~_is_kept(),
            )
            .limit(1)
        )
        is not None
    )


def surveys_with_mail(ids: Collection[int] | None = None) -> list[Survey]:
    """Surveys that have deliveries, newest first."""
    query = select(Survey).where(Survey.id.in_(select(Delivery.survey_id).distinct()))
    if ids is not None:
        query = query.where(Survey.id.in_(ids))
    return list(db.session.scalars(query.order_by(Survey.opens_at.desc())))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.q:
        found.append(Delivery.to_address.icontains(filters.q, autoescape=True))
    if filters.kind:
        found.append(Delivery.kind == filters.kind)
    if filters.survey_id is not None:
        found.append(Delivery.survey_id == filters.survey_id)
    return found
