"""Recording feedback. A complaint opens a case with a number, which goes to a unit by itself where a rule says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.errors import Refused
from app.extensions import db
from app.models import (
    Complaint,
    ComplaintRound,
    Customer,
    Feedback,
    FeedbackText,
    Unit,
    User,
    UserUnit,
)
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import routing
from app.queries.complaints.cases import WORKS
from app.queries.complaints.feedback import case_of
from app.queries.complaints.trees import Tree, tree
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.clocks import Severity
from app.rules.complaints import Channel, Kind, State
from app.services import audit, notices
from app.services.complaints import assigning, basics, searching
from app.services.complaints.log import Entry, Taken, finish

# Any constant will do; it only has to be the same everywhere (PostgreSQL advisory lock).
NUMBER_LOCK = 4_270_142


@dataclass(frozen=True)
class Told:
    """What was told, by whom, how and when. `acknowledged`: he knows that we deal with it.

    `response_id` is the answer to a survey that it grew out of.
    """

    kind: Kind
    content: str
    channel: Channel
    category_id: int
    received_at: datetime
    language: str
    customer_id: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    occurred_on: date | None = None
    unit_id: int | None = None
    severity: Severity = Severity.GENERAL
    about_user_id: int | None = None
    acknowledged: bool = False
    response_id: int | None = None


def record(told: Told, *, key: str, by: User | None, now: datetime) -> tuple[Feedback, Complaint | None]:
    """Keep it, and open a case if it is a complaint. The same `key` again gives what it gave before.

    Raises `Refused`: `content_missing`, `in_the_future`, `no_category`, `no_customer`, `no_unit`,
    `about_this_person` (nobody records a complaint about himself).
    """
    present = db.session.scalar(select(Feedback).where(Feedback.key == key))
    if present is not None:
        return present, case_of(present)
    if None in clock_reads.newest_versions():  # the start has not been through `app.preparation`
        basics.ensure(now=now)
    categories = tree()
    _check(told, categories, by=by, now=now)
    feedback = _feedback(told, key, by, now)
    try:
        # A savepoint: on PostgreSQL the same form may arrive twice at once.
        with db.session.begin_nested():
            db.session.add(feedback)
    except IntegrityError:
        raise Refused("sent_twice") from None
    audit.record(
        "feedback.recorded", kind="feedback", object_id=feedback.id, by=by, now=now, what=told.kind.value
    )
    complaint = open_case(feedback, told, categories, by=by, now=now) if told.kind is Kind.COMPLAINT else None
    make_searchable(feedback, complaint)
    return feedback, complaint


def _check(told: Told, categories: Tree, *, by: User | None, now: datetime) -> None:
    if not told.content.strip():
        raise Refused("content_missing")
    if told.received_at > now:
        raise Refused("in_the_future")
    category = categories.by_id.get(told.category_id)
    if category is None or category.kind != "category":
        raise Refused("no_category")
    if told.customer_id is not None and db.session.get(Customer, told.customer_id) is None:
        raise Refused("no_customer")
    if told.unit_id is not None and db.session.get(Unit, told.unit_id) is None:
        raise Refused("no_unit")
    rules.guard_person(told.about_user_id, by.id if by else None)


def _feedback(told: Told, key: str, by: User | None, now: datetime) -> Feedback:
    return Feedback(
        key=key,
        kind=told.kind.value,
        customer_id=told.customer_id,
        contact_name=told.contact_name,
        contact_phone=told.contact_phone,
        contact_email=told.contact_email,
        occurred_on=told.occurred_on,
        content=told.content.strip(),
        summary=rules.summary_of(told.content.strip()),
        received_at=told.received_at,
        channel=told.channel.value,
        category_id=told.category_id,
        unit_id=told.unit_id,
        severity=told.severity.value if told.kind is Kind.COMPLAINT else "",
        language=told.language,
        about_user_id=told.about_user_id,
        response_id=told.response_id,
        recorded_by_id=by.id if by else None,
        recorded_at=now,
    )


def open_case(
    feedback: Feedback,
    told: Told,
    categories: Tree,
    *,
    by: User | None,
    now: datetime,
    also: Sequence[Entry] = (),
) -> Complaint:
    """Open the case of a feedback and send it where a rule says. `also`: further entries of its log."""
    year, running = _next_number(told.received_at.astimezone(clock_reads.zone()).year)
    policy_version, calendar_version = clock_reads.newest_versions()
    complaint = Complaint(
        number=rules.number_of(year, running),
        year=year,
        running=running,
        feedback=feedback,
        customer_id=feedback.customer_id,
        about_user_id=feedback.about_user_id,
        category_id=feedback.category_id,
        severity=told.severity.value,
        state=State.RECEIVED.value,
        received_at=feedback.received_at,
        policy_version=policy_version,
        calendar_version=calendar_version,
        round=1,
        sent_back=0,
        version=1,
        rounds=[ComplaintRound(number=1, started_at=feedback.received_at)],
    )
    db.session.add(complaint)
    db.session.flush()
    chain = categories.chain(told.category_id)
    data = {"severity": told.severity.value, "categories": list(chain)}
    entries = [Entry(clocks.Kind.RECEIVED, data=data, at=told.received_at)]
    if told.acknowledged:
        entries.append(Entry(clocks.Kind.ACKNOWLEDGED, data={"channel": told.channel.value}))
    # Whoever may record feedback opens the case; there is no state to come from yet.
    begun = Taken("opened", rules.Case(State.RECEIVED), State.RECEIVED, frozenset(), by, now, "")
    finish(complaint, begun, *entries, *also)
    if told.response_id is None:
        # What grew out of an answer goes to customer service first; see `services.follow_ups`.
        _assign_by_rule(complaint, chain, told, now)
    notices.tell_on_opening(complaint, by=by, now=now)
    return complaint


def _next_number(year: int) -> tuple[int, int]:
    # SQLite has one writer at a time anyway; PostgreSQL writers queue here until commit.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": NUMBER_LOCK})
    last = db.session.scalar(select(func.max(Complaint.running)).where(Complaint.year == year))
    return year, (last or 0) + 1


def _assign_by_rule(complaint: Complaint, chain: tuple[int, ...], told: Told, now: datetime) -> None:
    """Where no rule fits it waits for customer service; so does one that would go to the person it is about."""
    rule = routing.chosen(chain, told.unit_id, told.severity.value)
    if rule is None:
        return
    unit = db.session.get_one(Unit, rule.to_unit_id)
    handler = db.session.get(User, rule.handler_id) if rule.handler_id else None
    if handler is not None and not _can_handle(handler, unit):
        handler = None
    try:
        assigning.assign(
            complaint, unit=unit, handler=handler, reason="", seen=None, key="", by=None, now=now
        )
    except Refused:
        return


def _can_handle(user: User, unit: Unit) -> bool:
    works_there = db.session.get(UserUnit, (user.id, unit.id)) is not None
    return user.active and works_there and bool(user.role_names & WORKS)


def make_searchable(feedback: Feedback, complaint: Complaint | None) -> None:
    """Keep what a search looks through."""
    customer = db.session.get(Customer, feedback.customer_id) if feedback.customer_id else None
    parts = [
        complaint.number if complaint else "",
        customer.name if customer else "",
        customer.code if customer else "",
        feedback.contact_name,
        feedback.contact_phone,
        feedback.contact_email,
        feedback.content,
    ]
    text = rules.searchable(parts)
    db.session.merge(FeedbackText(feedback_id=feedback.id, text=text))
    if complaint is not None:
        searching.begin(complaint, text)
    db.session.flush()
