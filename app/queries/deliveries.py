"""Reading the outbox: lists, counts, and which deliveries a user may see."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import selectinload

from app.adapters.mail import KEPT
from app.errors import Missing
from app.extensions import db
from app.models import Delivery, Feedback, Survey, User
from app.queries.complaints import feedback
from app.queries.paging import Page, page_of
from app.rules.deliveries import CUSTOMER_KINDS, STAFF_KINDS, State
from app.rules.permissions import Permission, Role, allows


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


def search(user: User, filters: Filters, page: int) -> Page[Delivery]:
    """The newest deliveries first."""
    found = visible_to(user).where(*_conditions(filters))
    if filters.state in set(State):
        found = found.where(Delivery.state == filters.state)
    return page_of(found.order_by(Delivery.id.desc()), number=page)


def kept(user: User, *, q: str, page: int) -> Page[Delivery]:
    """Mails that were kept instead of sent and whose text the user may read, newest first."""
    base = readable_by(user).where(
        Delivery.state == "sent", Delivery.reply == KEPT, *_conditions(Filters(q=q))
    )
    newest_first = base.order_by(Delivery.finished_at.desc(), Delivery.id.desc())
    return page_of(newest_first, number=page)


def counts_by_state(user: User) -> dict[str, int]:
    """How many mails stand in each state, of those that a user may know of."""
    visible = visible_to(user).subquery()
    rows = db.session.execute(select(visible.c.state, func.count()).group_by(visible.c.state))
    return dict(rows.all())


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
