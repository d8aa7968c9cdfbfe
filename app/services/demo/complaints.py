"""Two years of complaints of the demonstration firm: about 400 cases, each with a log from which its clocks follow.

Late visits have become four times as frequent in the last half-year, the branch Binjiang is slow, and three customers
complain again and again. Some cases are open, in every queue. The logs are drawn and written at once: taking every step
through its service would audit thousands of things that nobody did.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    AssignmentRule,
    CallbackTry,
    Complaint,
    ComplaintEvent,
    ComplaintRound,
    ComplaintUnit,
    Customer,
    Feedback,
    FeedbackCategory,
    FeedbackText,
    Unit,
    User,
)
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.trees import Tree, tree
from app.rules import clocks
from app.rules import complaints as rules
from app.services.complaints import basics, log, searching
from app.services.demo import complaint_words as words
from app.services.demo.complaint_lives import Cast, Story, live
from app.services.demo.notices import Alarm, add_notices

SPAN = timedelta(days=730)
COUNT = 372
OTHERS = 160
WORSE = "category.visit.late"
WORSE_SINCE = timedelta(days=183)
WORSE_BY = 4
SLOW = "BJ"
AGAIN = (17, 123, 301)  # places in the register
TIMES_AGAIN = 4
# Received so many working days ago, at an hour, and come so far: something in every queue, whatever the day of loading.
OPEN: tuple[tuple[int, int, str, str, str], ...] = (
    (0, 9, "CX", "acknowledged", "general"),
    (0, 11, "CD", "acknowledged", "major"),
    (0, 15, "XS", "acknowledged", "general"),
    (0, 9, "CX", "assigned", "general"),
    (0, 10, "CX", "assigned", "major"),
    (1, 10, "BJ", "assigned", "general"),
    (0, 8, "CX", "accepted", "general"),
    (1, 9, "CX", "accepted", "major"),
    (1, 14, "CX", "accepted", "general"),
    (1, 9, "CD", "accepted", "general"),
    (0, 13, "XS", "accepted", "general"),
    (4, 11, "BJ", "accepted", "general"),
    (6, 9, "BJ", "accepted", "major"),
    (5, 16, "BJ", "accepted", "general"),
    (1, 9, "CS", "accepted", "general"),
    (0, 15, "CS", "accepted", "general"),
    (3, 9, "CX", "waiting", "general"),
    (4, 13, "CD", "waiting", "general"),
    (4, 16, "BJ", "waiting", "major"),
    (2, 9, "CX", "customer_told", "general"),
    (3, 14, "CD", "customer_told", "general"),
    (2, 9, "XS", "customer_told", "general"),
    (6, 9, "BJ", "customer_told", "general"),
    (4, 10, "CX", "reopened", "general"),
    (5, 15, "CD", "reopened", "major"),
)
# These are due within the day whatever its hour.
URGENT = ((20, "CX"), (22, "CS"))


@dataclass
class Maker:
    """What all cases are made with."""

    rng: random.Random
    tree: Tree
    codes: dict[str, int]
    cast: Cast
    people: list[Customer]
    now: datetime
    numbers: dict[int, int] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)


def add_complaints(
    people: list[Customer], units: dict[str, Unit], users: dict[str, User], *, now: datetime
) -> dict[str, int]:
    """Add feedback and cases; the register and the firm are there."""
    basics.ensure(now=now)
    rng = random.Random(20260902)  # noqa: S311 - repeatable on purpose, nothing secret is drawn
    codes = {row.code: row.id for row in db.session.scalars(select(FeedbackCategory))}
    _, calendar_version = clock_reads.newest_versions()
    calendar = clock_reads.calendars(calendar_version or 1).firm
    maker = Maker(rng, tree(), codes, Cast(units, users, calendar), people, now)
    stories = sorted(_stories(maker), key=lambda story: story.received_at)
    for story in stories:
        _add_case(maker, story)
    db.session.flush()
    searching.ensure()
    for _ in range(OTHERS):
        _add_other(maker)
    _add_rules(maker)
    db.session.flush()
    add_notices(maker.alarms, now=now)
    return {"complaints": len(stories), "other feedback": OTHERS}


def _stories(maker: Maker) -> Iterator[Story]:
    rng, now = maker.rng, maker.now
    for _ in range(COUNT - len(AGAIN) * TIMES_AGAIN):
        received = _some_time(rng, now - SPAN, now - timedelta(days=14), maker)
        yield _story(maker, rng.choice(maker.people), _category(rng, now - received), received)
    for place in AGAIN:
        customer, category = (
            maker.people[place],
            rng.choice(("category.repair.repeat", "category.billing.price")),
        )
        for turn in range(TIMES_AGAIN):
            received = now - timedelta(days=30 + 55 * turn + rng.randint(0, 12), hours=rng.randint(0, 5))
            yield _story(maker, customer, category, _in_hours(received, rng, maker))
    for days, hour, unit, stage, severity in OPEN:
        yield _open_story(maker, unit, _working_day(maker, days, hour)).until(stage, unit, severity)
    for hours, unit in URGENT:
        yield _open_story(maker, unit, now - timedelta(hours=hours)).until("acknowledged", unit, "urgent")


def _open_story(maker: Maker, unit: str, received: datetime) -> Story:
    of_branch = [one for one in maker.people if one.unit and one.unit.code == unit] or maker.people
    category = "category.information.silence" if unit == "CS" else _category(maker.rng, timedelta())
    return _story(maker, maker.rng.choice(of_branch), category, received)


def _working_day(maker: Maker, back: int, hour: int) -> datetime:
    """An hour of a working day; 0 is the latest one on which that hour is over."""
    calendar = maker.cast.calendar
    local = maker.now.astimezone(calendar.zone).replace(
        hour=hour, minute=maker.rng.randint(0, 50), second=0, microsecond=0
    )
    while True:
        if local <= maker.now and calendar.day(local.date()).spans:
            if not back:
                return local
            back -= 1
        local -= timedelta(days=1)


def _story(maker: Maker, customer: Customer, category: str, received: datetime) -> Story:
    rng = maker.rng
    unit = customer.unit.code if customer.unit else "CX"
    channel = rng.choices(("phone", "shop", "email", "web", "visit", "social"), (46, 15, 14, 14, 6, 5))[0]
    severity = rng.choices(("general", "major", "urgent"), (80, 15, 5))[0]
    content = rng.choice(words.COMPLAINTS[category])
    return Story(customer, category, content, unit, severity, channel, received, slow=unit == SLOW)


def _category(rng: random.Random, age: timedelta) -> str:
    weights = {
        code: weight * (WORSE_BY if code == WORSE and age < WORSE_SINCE else 1)
        for code, weight in words.WEIGHTS.items()
    }
    return rng.choices(list(weights), list(weights.values()))[0]


def _some_time(rng: random.Random, first: datetime, last: datetime, maker: Maker) -> datetime:
    return _in_hours(first + rng.random() * (last - first), rng, maker)


def _in_hours(at: datetime, rng: random.Random, maker: Maker) -> datetime:
    """At a time at which people complain, on any day."""
    local = at.astimezone(maker.cast.calendar.zone)
    return local.replace(hour=rng.randint(8, 20), minute=rng.randint(0, 59), second=0, microsecond=0)


def _feedback(maker: Maker, story: Story, kind: str) -> Feedback:
    contact = story.customer.contacts[0]
    english = story.content.isascii()
    service = maker.cast.service
    return Feedback(
        key=f"demo-{maker.rng.getrandbits(100):x}",
        kind=kind,
        customer_id=story.customer.id,
        contact_name=contact.name if story.customer.kind == "enterprise" else "",
        contact_phone=contact.phone,
        occurred_on=(story.received_at - timedelta(days=maker.rng.randint(0, 9))).date(),
        content=story.content,
        summary=rules.summary_of(story.content),
        received_at=story.received_at,
        channel=story.channel,
        category_id=maker.codes[story.category],
        unit_id=maker.cast.units[story.unit].id,
        severity=story.severity if kind == "complaint" else "",
        language="en" if english else "zh",
        recorded_by_id=service.id,
        recorded_at=story.received_at,
    )


def _add_case(maker: Maker, story: Story) -> None:
    feedback = _feedback(maker, story, "complaint")
    db.session.add(feedback)
    db.session.flush()
    chain = maker.tree.chain(feedback.category_id)
    life = live(maker.rng, maker.cast, story, chain, maker.codes).cut(maker.now)
    year = story.received_at.astimezone(maker.cast.calendar.zone).year
    maker.numbers[year] = running = maker.numbers.get(year, 0) + 1
    complaint = Complaint(
        number=rules.number_of(year, running),
        year=year,
        running=running,
        feedback=feedback,
        customer_id=feedback.customer_id,
        category_id=feedback.category_id,
        severity=story.severity,
        received_at=story.received_at,
        policy_version=1,
        calendar_version=1,
        version=1 + len(life.entries),
        **life.stands(),
    )
    complaint.events = [
        ComplaintEvent(**entry, version=2 + place) for place, entry in enumerate(life.entries)
    ]
    complaint.rounds = [ComplaintRound(**one) for one in life.rounds()]
    complaint.tries = [CallbackTry(**one) for one in life.tries()]
    complaint.units = [ComplaintUnit(unit_id=unit, since=story.received_at) for unit in life.units()]
    _show_clocks(maker, complaint)
    db.session.add(complaint)
    _make_searchable(feedback, story, complaint.number)


def _show_clocks(maker: Maker, complaint: Complaint) -> None:
    """What lists show, and the breaches there have been: they stand in the log as the timetable would write them."""
    case = clocks.Case(
        clock_reads.log_of(complaint.events),
        clocks.Policies(1),
        clocks.Calendars(1, maker.cast.calendar),
    )
    for found in clocks.pending(case, now=maker.now):
        event = found.event
        row = ComplaintEvent(
            round=found.run.round,
            kind=event.kind,
            at=event.at,
            recorded_at=event.at,
            by_name="",
            text="",
            data=dict(event.data),
            version=complaint.version,
        )
        complaint.events.append(row)
        maker.alarms.append((complaint, found, row))
    case = clocks.Case(clock_reads.log_of(complaint.events), case.policies, case.calendars)
    log.show_clocks(complaint, case, now=maker.now)


def _make_searchable(feedback: Feedback, story: Story, number: str) -> None:
    customer = story.customer
    parts: list[Any] = [number, customer.name, customer.code, feedback.contact_name, feedback.contact_phone]
    text = rules.searchable([*parts, feedback.content])
    db.session.add(FeedbackText(feedback_id=feedback.id, text=text))


def _add_other(maker: Maker) -> None:
    rng = maker.rng
    kind = rng.choices(list(words.OTHERS), (5, 6, 5))[0]
    category, content = rng.choice(words.OTHERS[kind])
    received = _some_time(rng, maker.now - SPAN, maker.now - timedelta(days=1), maker)
    customer = rng.choice(maker.people)
    unit = customer.unit.code if customer.unit else "CX"
    story = Story(
        customer, category, content, unit, "general", rng.choice(("phone", "web", "shop")), received
    )
    feedback = _feedback(maker, story, kind)
    db.session.add(feedback)
    db.session.flush()
    _make_searchable(feedback, story, "")


def _add_rules(maker: Maker) -> None:
    """What is said about information goes to customer service, everything else to the branch it is about."""
    units = maker.cast.units
    db.session.add(AssignmentRule(category_id=maker.codes["category.information"], to_unit_id=units["CS"].id))
    for code in ("CX", "CD", "BJ", "XS"):
        db.session.add(AssignmentRule(unit_id=units[code].id, to_unit_id=units[code].id))
