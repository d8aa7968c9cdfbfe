"""The desk: queues with their counts, filters, and the search through all cases a user sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, and_, case, func, literal, select
from sqlalchemy.orm import joinedload, lazyload

from app.extensions import db
from app.models import Complaint, ComplaintText, Customer, User
from app.queries.complaints.cases import visible_to
from app.queries.paging import PER_PAGE, Page, count
from app.rules.complaints import State, folded, read_number
from app.rules.permissions import Role

OPEN = tuple(state.value for state in State if state is not State.CLOSED)
WORKED_ON = (State.ASSIGNED.value, State.IN_PROGRESS.value, State.WAITING.value)
QUEUES = ("mine", "unit", "unassigned", "today", "overdue", "waiting", "callbacks", "all", "closed")
# What everybody has; the rest is for those who share the cases out.
OF_A_DEPARTMENT = ("mine", "unit", "today", "overdue", "waiting", "all", "closed")
MOST_WORDS = 5


@dataclass(frozen=True)
class Moment:
    """Now, and when today ends in the firm's zone."""

    now: datetime
    day_end: datetime

    @classmethod
    def of(cls, now: datetime, zone: ZoneInfo) -> "Moment":
        """The present day of a zone."""
        local = now.astimezone(zone)
        tomorrow = (local + timedelta(days=1)).date()
        return cls(now, datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone))


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to. With `words` every state is looked through, whatever the queue."""

    queue: str
    words: str = ""
    categories: Sequence[int] = field(default_factory=tuple)
    unit_id: int | None = None
    severity: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything but the queue is asked for."""
        return bool(self.words or self.categories or self.unit_id is not None or self.severity)


def queues_of(user: User) -> tuple[str, ...]:
    """The queues that mean something to a user."""
    everything = user.role_names & {Role.CUSTOMER_SERVICE, Role.MANAGEMENT, Role.MARKETING}
    shown = QUEUES if everything else OF_A_DEPARTMENT
    return tuple(queue for queue in shown if queue != "unit" or user.unit_ids)


def counts(user: User, moment: Moment) -> dict[str, int]:
    """How many cases each queue has; closed ones are not counted. One query."""
    names = [queue for queue in queues_of(user) if queue != "closed"]
    columns = [func.sum(case((_of(queue, user, moment), 1), else_=0)) for queue in names]
    statement = visible_to(user).with_only_columns(*columns).where(Complaint.state.in_(OPEN))
    row = db.session.execute(statement).one()
    return {queue: number or 0 for queue, number in zip(names, row, strict=True)}


def to_accept(user: User) -> int:
    """Cases given to the user's units that nobody there has accepted yet."""
    if not user.unit_ids:
        return 0
    waiting = visible_to(user).where(
        Complaint.state == State.ASSIGNED.value, Complaint.unit_id.in_(user.unit_ids)
    )
    return db.session.scalar(waiting.with_only_columns(func.count(Complaint.id))) or 0


def found(
    user: User, filters: Filters, moment: Moment, *, page: int, known: Mapping[str, int]
) -> Page[Complaint]:
    """One page of a queue or of a search, in one query; `known` are the queues' counts."""
    order = SEARCH_ORDER if filters.words else order_of(filters.queue)
    statement = chosen(user, filters, moment)
    total = None if filters.narrow else known.get(filters.queue)
    rows = _rows(statement, order, total, page, searched=bool(filters.words))
    if not rows and page > 1:
        # Beyond the last page: that one is shown.
        last = -(-count(statement) // PER_PAGE)
        rows, page = _rows(statement, order, total, max(last, 1), searched=bool(filters.words)), max(last, 1)
    counted = rows[0].total if rows else 0
    return Page([row.Complaint for row in rows], counted, page, max(1, -(-counted // PER_PAGE)))


def chosen(user: User, filters: Filters, moment: Moment) -> Select[Complaint]:
    """The cases, in no order."""
    statement = _narrowed(visible_to(user), filters)
    if filters.words:
        return _with_words(statement, filters.words)
    return statement.where(_of(filters.queue, user, moment))


def _rows(
    cases: Select[Complaint], order: tuple[Any, ...], total: int | None, page: int, *, searched: bool
) -> Sequence[Row[Any]]:
    """Cases of a page, each beside the number of all. Only their ids are sorted: that an index can do alone.

    A search is made once, and both the count and the page are taken from what it finds.
    """
    ids = cases.with_only_columns(Complaint.id, maintain_column_froms=True)
    if searched:
        hits = ids.cte("hits")
        counted: Any = select(func.count()).select_from(hits).scalar_subquery()
        page_ids = select(hits.c.id).order_by(hits.c.id.desc())
    else:
        everything = select(func.count()).select_from(ids.subquery())
        counted = literal(total) if total is not None else everything.scalar_subquery()
        page_ids = ids.order_by(*order)
    # As a derived table, because a bare LIMIT inside IN is not allowed everywhere.
    wanted = page_ids.limit(PER_PAGE).offset((page - 1) * PER_PAGE).subquery()
    statement = select(Complaint, counted.label("total")).where(Complaint.id.in_(select(wanted.c.id)))
    return db.session.execute(statement.options(*ROWS).order_by(*order)).all()


SEARCH_ORDER = (Complaint.id.desc(),)
# Categories and units are few and read as a whole for the filters; the rows find them there.
ROWS = (
    joinedload(Complaint.feedback),
    joinedload(Complaint.customer).lazyload(Customer.lines),
    joinedload(Complaint.handler).options(lazyload(User.roles), lazyload(User.unit_links)),
)


def _of(queue: str, user: User, moment: Moment) -> Any:
    running = Complaint.state.in_(OPEN)
    return {
        "mine": and_(Complaint.handler_id == user.id, Complaint.state.in_(WORKED_ON)),
        "unit": and_(Complaint.unit_id.in_(user.unit_ids), Complaint.state.in_(WORKED_ON)),
        "unassigned": Complaint.state == State.RECEIVED,
        "today": and_(running, Complaint.due_at > moment.now, Complaint.due_at < moment.day_end),
        "overdue": and_(running, Complaint.due_at <= moment.now),
        "waiting": Complaint.state == State.WAITING,
        "callbacks": Complaint.state == State.RESOLVED,
        "all": running,
        "closed": Complaint.state == State.CLOSED,
    }[queue]


def order_of(queue: str) -> tuple[Any, ...]:
    if queue == "closed":
        return Complaint.closed_at.desc(), Complaint.id.desc()
    return Complaint.due_at.is_(None), Complaint.due_at, Complaint.id


def _narrowed(statement: Select[Complaint], filters: Filters) -> Select[Complaint]:
    if filters.categories:
        statement = statement.where(Complaint.category_id.in_(filters.categories))
    if filters.unit_id is not None:
        statement = statement.where(Complaint.unit_id == filters.unit_id)
    if filters.severity:
        statement = statement.where(Complaint.severity == filters.severity)
    return statement


def _with_words(statement: Select[Complaint], words: str) -> Select[Complaint]:
    number = read_number(words)
    if number:
        return statement.where(Complaint.number == number)
    # The texts are read in one go; of the cases only those that are found.
    hits = select(ComplaintText.complaint_id).where(contains_words(words, ComplaintText.text))
    return statement.where(Complaint.id.in_(hits))


def contains_words(words: str, text: Any) -> Any:
    """Whether a searchable text holds each of the words, in any order."""
    position = func.strpos if db.engine.dialect.name == "postgresql" else func.instr
    return and_(*(position(text, part) > 0 for part in folded(words).split()[:MOST_WORDS]))
