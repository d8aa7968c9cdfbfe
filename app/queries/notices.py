"""Notices: who is told, a person's own notices, his choices, and what waits for him in the morning.

Whatever is read here goes through `cases.visible_to`: a case that somebody may not see any more is in no list, no count
and no mail.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, lazyload

from app.errors import Missing
from app.extensions import db
from app.models import Complaint, Customer, Notice, NoticeChoice, Role, User, UserUnit
from app.queries.complaints import cases, clocks, desk
from app.queries.paging import Page, page_of
from app.queries.users import LARGEST_ID
from app.rules import notices as rules
from app.rules.complaints import Part, State
from app.rules.notices import Group, Mail
from app.rules.permissions import Role as RoleName

MOST_COUNTED = 100
LISTED_IN_MAIL = 12
PARTS_OF_ROLE = {
    RoleName.CUSTOMER_SERVICE: frozenset({Part.SERVICE, Part.HANDLER, Part.MEMBER}),
    RoleName.MANAGEMENT: frozenset({Part.MANAGEMENT}),
    RoleName.DEPARTMENT: frozenset({Part.HANDLER, Part.MEMBER, Part.HEAD}),
}


@dataclass(frozen=True)
class Morning:
    """What waits for somebody: how many cases in which queue, the first of them, and notices kept for the morning."""

    counts: dict[str, int]
    cases: Sequence[Complaint]
    notices: Sequence[Notice]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not any(self.counts.values()) and not self.notices


def players(complaint: Complaint) -> list[tuple[User, frozenset[Part]]]:
    """Everybody who plays a part in the case and can sign in, with the parts.

    `parts_of` gives none to the person it is about, and none to whoever may take no step.
    """
    everywhere = User.roles.any(Role.name.in_((RoleName.CUSTOMER_SERVICE, RoleName.MANAGEMENT)))
    in_unit = User.unit_links.any(UserUnit.unit_id == complaint.unit_id)
    concerned = or_(everywhere, in_unit, User.id == complaint.handler_id)
    users = db.session.scalars(select(User).where(User.active, concerned).order_by(User.id)).unique()
    found = ((user, cases.parts_of(user, complaint)) for user in users)
    return [(user, parts) for user, parts in found if parts]


def choices_of(user_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What each of them has chosen: person → group → choice."""
    found: dict[int, dict[str, str]] = {user_id: {} for user_id in user_ids}
    for row in db.session.scalars(select(NoticeChoice).where(NoticeChoice.user_id.in_(user_ids))):
        found[row.user_id][row.notices] = row.mail
    return found


def offered_to(user: User) -> dict[Group, Mail]:
    """The groups that can come to somebody with his roles, with what holds for each."""
    parts = frozenset[Part]().union(*(PARTS_OF_ROLE.get(RoleName(name), ()) for name in user.role_names))
    groups = rules.groups_for(parts)
    chosen = rules.choices_for(choices_of([user.id])[user.id])
    return {group: mail for group, mail in chosen.items() if group in groups}


def visible_to(user: User) -> Select[Notice]:
    """A person's own notices, of cases that he may see."""
    # Looked up for each notice: a list of all visible cases would be made anew for the bell of every page.
    seen = cases.visible_to(user).where(Complaint.id == Notice.complaint_id).correlate(Notice)
    return select(Notice).where(Notice.user_id == user.id, seen.exists())


def unread(user: User) -> int:
    """How many he has not read; `MOST_COUNTED` stands for that many or more."""
    some = visible_to(user).where(Notice.read_at.is_(None)).with_only_columns(Notice.id).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def listed(user: User, *, page: int) -> Page[Notice]:
    """Unread ones first, the latest of each on top."""
    order = (Notice.read_at.is_not(None), Notice.id.desc())
    # Ids are sorted, whole rows read for one page of them: sorting rows with their cases took seconds.
    ids = page_of(visible_to(user).with_only_columns(Notice.id).order_by(*order), number=page)
    rows = select(Notice).where(Notice.id.in_(ids.rows)).order_by(*order).options(*WITH_CASE)
    return Page(db.session.scalars(rows).all(), ids.total, ids.number, ids.last)


def get(user: User, notice_id: int) -> Notice:
    """One of his own. Raises `Missing`."""
    wanted = visible_to(user).where(Notice.id == notice_id)
    found = db.session.scalar(wanted) if notice_id <= LARGEST_ID else None
    if found is None:
        raise Missing("notice")
    return found


def to_be_mailed(user: User, *, now: datetime) -> list[Notice]:
    """Unread ones whose mail is due and whose case he may see."""
    due = visible_to(user).where(Notice.mail == "waiting", Notice.due_at <= now, Notice.read_at.is_(None))
    return list(db.session.scalars(due.order_by(Notice.id)))


def of_mail(user: User, ids: Collection[int]) -> list[Notice]:
    """These notices, if they are still to be told: unread, of cases he may see. What is critical comes first."""
    wanted = visible_to(user).where(Notice.id.in_(ids), Notice.read_at.is_(None)).options(*WITH_CASE)
    return list(db.session.scalars(wanted.order_by(Notice.urgent.desc(), Notice.id)))


def users_to_be_mailed(*, now: datetime) -> Sequence[int]:
    """Whose mails are due, whoever may see what."""
    due = select(Notice.user_id).where(Notice.mail == "waiting", Notice.due_at <= now).distinct()
    return db.session.scalars(due.order_by(Notice.user_id)).all()


def morning_of(user: User, *, now: datetime) -> Morning:
    """What waits for somebody now."""
    moment = desk.Moment.of(now, clocks.zone())
    counts = desk.counts(user, moment)
    shown = {queue: counts[queue] for queue in _QUEUES if counts.get(queue) and queue in _queues_for(user)}
    kept = visible_to(user).where(Notice.mail == "digest", Notice.read_at.is_(None)).options(*WITH_CASE)
    notices = db.session.scalars(kept.order_by(Notice.id.desc()).limit(LISTED_IN_MAIL)).all()
    return Morning(shown, _cases_waiting_for(user, moment), notices)


def _cases_waiting_for(user: User, moment: desk.Moment) -> Sequence[Complaint]:
    """The open cases in which it is his turn, the nearest deadline first."""
    parts = [Complaint.handler_id == user.id]
    if RoleName.CUSTOMER_SERVICE in user.role_names:
        parts.append(Complaint.state.in_((State.RECEIVED, State.RESOLVED)))
    if user.role_names & {RoleName.CUSTOMER_SERVICE, RoleName.DEPARTMENT}:
        parts.append((Complaint.state == State.ASSIGNED) & Complaint.unit_id.in_(user.unit_ids))
    if RoleName.MANAGEMENT in user.role_names:
        parts.append(Complaint.due_at <= moment.now)
    mine = cases.visible_to(user).where(Complaint.state.in_(desk.OPEN), or_(*parts))
    nearest = mine.order_by(Complaint.due_at.is_(None), Complaint.due_at, Complaint.id)
    return db.session.scalars(nearest.limit(LISTED_IN_MAIL)).all()


def _queues_for(user: User) -> frozenset[str]:
    """The queues that are his to work off; the others only count what colleagues do."""
    found = {"overdue", "today"}
    if user.role_names & {RoleName.CUSTOMER_SERVICE, RoleName.DEPARTMENT}:
        found |= {"mine", "unit"}
    if RoleName.CUSTOMER_SERVICE in user.role_names:
        found |= {"unassigned", "callbacks"}
    return frozenset(found)


_QUEUES = ("overdue", "today", "mine", "unit", "unassigned", "callbacks")
WITH_CASE = (
    joinedload(Notice.complaint).options(
        joinedload(Complaint.category),
        joinedload(Complaint.unit),
        lazyload(Complaint.customer).lazyload(Customer.lines),
    ),
    joinedload(Notice.event),
)
