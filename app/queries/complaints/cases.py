"""Which cases a user sees, what part he plays in one, and one case with all that belongs to it."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.errors import Missing, Refused
from app.extensions import db
from app.models import (
    Complaint,
    ComplaintEvent,
    ComplaintLink,
    ComplaintUnit,
    Customer,
    Feedback,
    User,
    UserUnit,
)
from app.queries.complaints.measured import hidden_answers
from app.queries.users import LARGEST_ID
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Entry, Part
from app.rules.permissions import Permission, Role, allows

SEES_ALL = frozenset({Role.MANAGEMENT, Role.MARKETING, Role.CUSTOMER_SERVICE})
WORKS = frozenset({Role.CUSTOMER_SERVICE, Role.DEPARTMENT})
LISTED = 20
LISTED_SIMILAR = 5


def sees_all(user: User) -> bool:
    """Whether the user sees the cases of every unit."""
    return bool(user.role_names & SEES_ALL)


def visible_to(user: User) -> Select[Complaint]:
    """The cases a user sees. One about a person is never seen by that person, whatever his roles.

    A department sees the cases its units have or had, and those a member of it handles. What grew out of an answer about his
    own unit nobody who sees all sees before the release.
    """
    cases = select(Complaint).where(
        or_(Complaint.about_user_id.is_(None), Complaint.about_user_id != user.id)
    )
    if sees_all(user):
        hidden = hidden_answers(user)
        return cases if hidden is None else cases.where(Complaint.feedback_id.not_in(hidden))
    if Role.DEPARTMENT not in user.role_names:
        return cases.where(Complaint.id.is_(None))
    involved = select(ComplaintUnit.complaint_id).where(ComplaintUnit.unit_id.in_(user.unit_ids))
    return cases.where(or_(Complaint.id.in_(involved), Complaint.handler_id == user.id))


def get_visible(user: User, complaint_id: int) -> Complaint:
    """One case with its log. Raises `Missing` when there is none that the user may see."""
    statement = (
        visible_to(user)
        .where(Complaint.id == complaint_id)
        .options(
            joinedload(Complaint.feedback).joinedload(Feedback.recorded_by),
            joinedload(Complaint.customer),
            joinedload(Complaint.unit),
            joinedload(Complaint.handler),
            selectinload(Complaint.events),
            selectinload(Complaint.rounds),
            selectinload(Complaint.tries),
            selectinload(Complaint.units),
        )
    )
    found = db.session.scalar(statement) if complaint_id <= LARGEST_ID else None
    if found is None:
        raise Missing("complaint")
    return found


def parts_of(user: User, complaint: Complaint) -> frozenset[Part]:
    """The parts a user plays in a case; none in one that is about him."""
    roles = user.role_names
    if complaint.about_user_id == user.id or not allows(roles, Permission.COMPLAINTS_WORK):
        return frozenset()
    parts = set()
    if Role.CUSTOMER_SERVICE in roles:
        parts.add(Part.SERVICE)
    if Role.MANAGEMENT in roles:
        parts.add(Part.MANAGEMENT)
    if roles & WORKS:
        parts |= _parts_in_unit(user, complaint)
    return frozenset(parts)


def _parts_in_unit(user: User, complaint: Complaint) -> set[Part]:
    parts = {Part.HANDLER} if complaint.handler_id == user.id else set()
    for link in user.unit_links:
        if link.unit_id == complaint.unit_id:
            parts.add(Part.HEAD if link.is_head else Part.MEMBER)
    return parts


def as_ruled(complaint: Complaint) -> rules.Case:
    """What the rules look at."""
    return rules.Case(
        state=rules.State(complaint.state),
        assigned=bool(complaint.units),
        sent_back=complaint.sent_back,
        alone=firm_is_one_person(),
    )


def firm_is_one_person() -> bool:
    """Whether nobody else could take a step."""
    return (db.session.scalar(select(func.count(User.id)).where(User.active)) or 0) <= 1


def was_handler(user: User, complaint: Complaint) -> bool:
    """Whether the user has worked on the case in its present round: as its handler, or by giving its result."""
    return complaint.handler_id == user.id or any(
        event.round == complaint.round and _by_the_work_of(user, event) for event in complaint.events
    )


def _by_the_work_of(user: User, event: ComplaintEvent) -> bool:
    if event.kind == clocks.Kind.RESOLVED:
        return event.by_id == user.id
    took_over = event.kind in (Entry.ACCEPTED, clocks.Kind.REOPENED)
    return took_over and event.data.get("handler") == user.id


def handlers() -> list[tuple[User, int]]:
    """Everybody a case can be given to, with each of his units, by name."""
    statement = (
        select(User, UserUnit.unit_id)
        .join(UserUnit, UserUnit.user_id == User.id)
        .where(User.active)
        .order_by(User.name, User.id)
    )
    return [(user, unit_id) for user, unit_id in db.session.execute(statement) if user.role_names & WORKS]


def of_customer(user: User, customer: Customer) -> Sequence[Complaint]:
    """The cases of a customer that the user may see, the latest first."""
    own = visible_to(user).where(Complaint.customer_id == customer.id)
    newest = own.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(LISTED)
    return db.session.scalars(newest.options(joinedload(Complaint.feedback))).all()


def earlier_of(user: User, complaint: Complaint) -> Sequence[Complaint]:
    """Other cases of the same customer that the user may see, the latest first."""
    if complaint.customer_id is None:
        return []
    others = visible_to(user).where(
        Complaint.customer_id == complaint.customer_id, Complaint.id != complaint.id
    )
    newest = others.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(LISTED)
    return db.session.scalars(newest.options(joinedload(Complaint.feedback))).all()


def similar_to(user: User, complaint: Complaint) -> Sequence[Complaint]:
    """Cases of other customers about the same category and unit, received near this one, the latest first."""
    unit_id = complaint.unit_id or complaint.feedback.unit_id
    span = timedelta(days=rules.SIMILAR_DAYS)
    others = visible_to(user).where(
        Complaint.category_id == complaint.category_id,
        Complaint.received_at.between(complaint.received_at - span, complaint.received_at + span),
        Complaint.id != complaint.id,
    )
    if unit_id is not None:
        others = others.where(Complaint.unit_id == unit_id)
    if complaint.customer_id is not None:
        others = others.where(
            or_(Complaint.customer_id.is_(None), Complaint.customer_id != complaint.customer_id)
        )
    newest = others.order_by(Complaint.received_at.desc(), Complaint.id.desc()).limit(LISTED_SIMILAR)
    return db.session.scalars(newest.options(joinedload(Complaint.feedback))).all()


def by_number(user: User, text: str) -> Complaint:
    """The case of a number as it is typed. Raises `Refused`: `no_such_number` (or none that the user may see)."""
    number = rules.read_number(text)
    statement = visible_to(user).where(Complaint.number == (number or ""))
    found = db.session.scalar(statement.options(joinedload(Complaint.feedback)))
    if found is None:
        raise Refused("no_such_number")
    return found


def goes_on(complaint: Complaint) -> Complaint:
    """The case in which a merged one goes on, at the end of the chain; itself if it was not merged."""
    while complaint.merged_into_id is not None:
        complaint = db.session.get_one(Complaint, complaint.merged_into_id)
    return complaint


def ids_within(complaint: Complaint) -> Sequence[int]:
    """The ids of all cases that go on in this one, those merged into a merged one too."""
    found: list[int] = []
    newest = [complaint.id]
    while newest:
        inside = select(Complaint.id).where(Complaint.merged_into_id.in_(newest))
        newest = list(db.session.scalars(inside))
        found += newest
    return found


def merged_into(user: User, complaint: Complaint) -> Sequence[Complaint]:
    """The cases that go on in this one, as far as the user may see them."""
    inside = visible_to(user).where(Complaint.merged_into_id == complaint.id).order_by(Complaint.id)
    return db.session.scalars(inside.options(joinedload(Complaint.feedback))).all()


def linked_to(user: User, complaint: Complaint) -> Sequence[Complaint]:
    """The cases that belong to this one, as far as the user may see them."""
    first = select(ComplaintLink.other_id).where(ComplaintLink.complaint_id == complaint.id)
    second = select(ComplaintLink.complaint_id).where(ComplaintLink.other_id == complaint.id)
    both = visible_to(user).where(Complaint.id.in_(first.union(second))).order_by(Complaint.id)
    return db.session.scalars(both.options(joinedload(Complaint.feedback))).all()


def visible_numbers(user: User, ids: Collection[int]) -> dict[int, str]:
    """The numbers of these cases, of those the user may see."""
    if not ids:
        return {}
    wanted = visible_to(user).with_only_columns(Complaint.id, Complaint.number).where(Complaint.id.in_(ids))
    return {ident: number for ident, number in db.session.execute(wanted)}


def since(complaint: Complaint, version: int) -> list[ComplaintEvent]:
    """What has been done since somebody saw this version of the case."""
    return [event for event in complaint.events if event.version > version]
