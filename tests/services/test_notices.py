"""Who is told what happens to a case: by each step and by the clocks, once, and nobody who may not see it."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.models import AssignmentRule, Complaint, Notice, User
from app.queries import notices as queries
from app.queries.complaints import cases
from app.rules.clocks import Party, Severity
from app.rules.complaints import Channel, Satisfaction, State
from app.rules.notices import Group
from app.services import complaints as services
from app.services import notices
from app.services.complaints import alarms
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

LATE: dict[str, Any] = {"seen": None, "key": "", "now": NOW}


@pytest.fixture
def staff(make: Factory) -> Staff:
    return Staff(make)


def told(complaint: Complaint) -> set[tuple[str, str]]:
    """Who is told what: names with kinds."""
    db.session.flush()
    rows = db.session.execute(
        select(User.name, Notice.kind)
        .join(Notice, Notice.user_id == User.id)
        .where(Notice.complaint_id == complaint.id)
    )
    return {(name, kind) for name, kind in rows}


def newly(complaint: Complaint, before: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return told(complaint) - before


def run_clocks(now: datetime) -> int:
    written = sum(alarms.write_due(ident, now=now) for ident in alarms.due_ids(now=now))
    db.session.commit()
    return written


def test_a_new_complaint_is_told_to_customer_service_but_not_to_who_recorded_it(
    make: Factory, staff: Staff
) -> None:
    assert told(made.case(make, by=staff.service)) == {("许佳", "new")}
    assert told(made.case(make)) == {("许佳", "new"), ("林晓雯", "new")}, (
        "by the public form: nobody recorded it"
    )


def test_one_that_a_rule_assigns_goes_to_the_unit_and_not_to_customer_service(
    make: Factory, staff: Staff
) -> None:
    make.save(AssignmentRule(to_unit_id=staff.unit.id))
    people = {("沈一凡", "assigned"), ("顾明", "assigned"), ("何一诺", "assigned")}
    assert told(made.case(make, by=staff.service)) == people
    db.session.execute(AssignmentRule.__table__.update().values(handler_id=staff.handler.id))
    db.session.commit()
    assert told(made.case(make, by=staff.service)) == {("沈一凡", "yours")}


@pytest.mark.parametrize(
    "fields", [{"severity": Severity.URGENT}, {"category_id": "category.safety"}], ids=["urgent", "safety"]
)
def test_management_hears_of_critical_ones_at_once(
    make: Factory, staff: Staff, fields: dict[str, Any]
) -> None:
    night = NOW + timedelta(hours=16)  # two in the morning
    made.case(make)  # makes the categories
    if "category_id" in fields:
        fields = {"category_id": made.category(fields["category_id"]).id}
    complaint = made.case(make, by=staff.service, at=night, **fields)
    assert told(complaint) == {("沈国栋", "critical"), ("许佳", "new")}
    rows = db.session.scalars(select(Notice).where(Notice.complaint_id == complaint.id)).all()
    assert {(row.urgent, row.due_at) for row in rows} == {(True, night)}


def test_what_becomes_critical_is_told_once(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    before = told(complaint)
    category = complaint.category_id
    for severity in (Severity.MAJOR, Severity.URGENT):
        services.classify(complaint, category_id=category, severity=severity, by=staff.service, **LATE)
    assert newly(complaint, before) == {("沈国栋", "critical"), ("沈一凡", "critical")}
    services.classify(
        complaint,
        category_id=made.category("category.safety").id,
        severity=Severity.URGENT,
        by=staff.service,
        **LATE,
    )
    counted = select(func.count(Notice.id)).where(
        Notice.complaint_id == complaint.id, Notice.kind == "critical"
    )
    assert db.session.scalar(counted) == 2, "it was critical already"


def test_a_life_of_a_case_step_by_step(make: Factory, staff: Staff) -> None:
    complaint = made.case(make, by=staff.service)
    seen = told(complaint)

    def says(expected: set[tuple[str, str]]) -> None:
        nonlocal seen
        now = told(complaint)
        assert now - seen == expected
        seen = now
        # So that the same kind can be seen again.
        db.session.execute(Notice.__table__.delete().where(Notice.__table__.c.complaint_id == complaint.id))
        seen = set()

    services.assign(complaint, unit=staff.unit, handler=None, reason="", by=staff.service, **LATE)
    says({("沈一凡", "assigned"), ("顾明", "assigned"), ("何一诺", "assigned")})
    services.send_back(complaint, reason="不是我们的", by=staff.head, **LATE)
    says({("林晓雯", "sent_back"), ("许佳", "sent_back")})
    services.assign(complaint, unit=staff.unit, handler=staff.handler, reason="", by=staff.service, **LATE)
    says({("沈一凡", "yours")})
    services.accept(complaint, by=staff.handler, **LATE)
    says(set())
    services.note(complaint, text="请看附件", by=staff.head, **LATE)
    says({("沈一凡", "noted")})
    services.transfer(complaint, unit=staff.other, handler=None, reason="他们的", by=staff.handler, **LATE)
    says({("周启明", "assigned")})
    services.accept(complaint, by=staff.stranger, **LATE)
    services.wait(
        complaint,
        party=Party.CUSTOMER,
        what="约时间",
        until=NOW + timedelta(days=3),
        by=staff.stranger,
        **LATE,
    )
    says(set())
    services.add(complaint, text="周五可以", channel=Channel.WEB, by=None, **LATE)
    says({("周启明", "added")})
    services.resolve(complaint, resolution=made.RESOLUTION, told=Channel.PHONE, by=staff.stranger, **LATE)
    says({("林晓雯", "resolved"), ("许佳", "resolved")})
    unhappy = services.Answer(Satisfaction.NOT, "还是漏水", 1, 2)
    services.call_back(complaint, channel=Channel.PHONE, answer=unhappy, by=staff.service, **LATE)
    says({("周启明", "reopened")})
    services.resolve(complaint, resolution=made.RESOLUTION, told=Channel.PHONE, by=staff.stranger, **LATE)
    says({("林晓雯", "resolved"), ("许佳", "resolved")})
    happy = services.Answer(Satisfaction.SATISFIED, "", 5, 5)
    services.call_back(complaint, channel=Channel.PHONE, answer=happy, by=staff.service, **LATE)
    says({("周启明", "closed")})
    services.add(complaint, text="谢谢！", channel=Channel.WEB, by=None, **LATE)
    says({("林晓雯", "added"), ("许佳", "added")})


def test_the_ladder_is_climbed_in_order(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS, acknowledged=True, severity=Severity.URGENT)
    db.session.execute(Notice.__table__.delete())
    db.session.commit()
    # The unit's clock: twelve hours, day and night.
    run_clocks(NOW + timedelta(hours=6, minutes=1))
    assert told(complaint) == {("沈一凡", "warned")}
    run_clocks(NOW + timedelta(hours=9, minutes=37))
    assert told(complaint) == {("沈一凡", "warned"), ("何一诺", "warned")}
    run_clocks(NOW + timedelta(hours=12, minutes=1))
    late = {name for name, kind in told(complaint) if kind == "breached"}
    assert late == {"沈一凡", "何一诺", "林晓雯", "许佳", "沈国栋"}


def test_what_has_piled_up_is_told_once_a_clock(make: Factory, staff: Staff) -> None:
    complaint = made.case(make, by=staff.service)  # 24 hours until the first answer
    assert run_clocks(NOW + timedelta(hours=30)) == 3
    kinds = [kind for name, kind in told(complaint) if name == "许佳" and kind in ("warned", "breached")]
    assert kinds == ["breached"]


def test_a_breach_at_two_in_the_morning_is_told_at_opening_time(make: Factory, staff: Staff) -> None:
    """Case 5 of the workflows: the entry stands at two, the notice leaves when the firm opens."""
    two = datetime(2026, 10, 13, 18, 0, tzinfo=UTC)  # Wednesday the 14th, 02:00 in Shanghai
    complaint = made.case(make, by=staff.service, at=two - timedelta(hours=24))
    db.session.execute(Notice.__table__.delete())  # of the receipt
    assert run_clocks(two + timedelta(minutes=1)) == 3
    events = [event for event in complaint.events if event.kind == "breached"]
    assert [event.at for event in events] == [two]
    rows = db.session.scalars(select(Notice).where(Notice.kind == "breached")).all()
    assert rows
    assert {row.due_at for row in rows} == {datetime(2026, 10, 14, 1, 0, tzinfo=UTC)}, "nine in Shanghai"
    assert queries.users_to_be_mailed(now=two + timedelta(hours=6)) == []
    assert queries.users_to_be_mailed(now=two + timedelta(hours=7)) == sorted(row.user_id for row in rows)
    assert queries.unread(staff.colleague) > 0, (
        "in the application it stands at once: there it disturbs nobody"
    )


def test_a_critical_breach_at_two_in_the_morning_is_told_at_once(make: Factory, staff: Staff) -> None:
    two = datetime(2026, 10, 13, 18, 0, tzinfo=UTC)
    made.case(make, by=staff.service, at=two - timedelta(hours=2), severity=Severity.URGENT)
    now = two + timedelta(minutes=1)
    run_clocks(now)
    rows = db.session.scalars(select(Notice).where(Notice.kind == "breached")).all()
    assert {row.due_at for row in rows} == {now}
    assert staff.manager.id in {row.user_id for row in rows}


def test_a_timetable_that_fires_twice_tells_once(make: Factory, staff: Staff) -> None:
    """Case 15 of the workflows."""
    made.case(make, by=staff.service)
    later = NOW + timedelta(hours=30)
    assert run_clocks(later) > 0
    counted = db.session.scalar(select(func.count(Notice.id)))
    assert run_clocks(later) == 0
    assert db.session.scalar(select(func.count(Notice.id))) == counted


def test_a_step_that_is_refused_tells_nobody(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.ASSIGNED)
    before = told(complaint)
    with pytest.raises(Refused):
        services.send_back(complaint, reason="", by=staff.handler, **LATE)
    db.session.rollback()
    assert told(complaint) == before


def test_whoever_takes_a_step_has_read_what_he_was_told_of_the_case(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.ASSIGNED)
    assert (queries.unread(staff.handler), queries.unread(staff.second)) == (1, 1)
    services.accept(complaint, by=staff.handler, **LATE)
    assert (queries.unread(staff.handler), queries.unread(staff.second)) == (0, 1)


def test_nobody_is_told_of_a_complaint_about_himself(make: Factory, staff: Staff) -> None:
    for about in (staff.handler, staff.head, staff.manager, staff.colleague):
        complaint = made.case(make, by=staff.service, about_user_id=about.id, severity=Severity.URGENT)
        if about is not staff.head:  # who alone heads the unit: it can't be given there
            services.assign(complaint, unit=staff.unit, handler=None, reason="", by=staff.service, **LATE)
        run_clocks(NOW + timedelta(days=5))
        names = {name for name, _kind in told(complaint)}
        assert about.name not in names
        assert names, "the others are told"


def test_who_is_switched_off_is_told_nothing(make: Factory, staff: Staff) -> None:
    staff.second.active = False
    db.session.commit()
    complaint = brought_to(make, staff, State.ASSIGNED)
    assert "顾明" not in {name for name, _kind in told(complaint)}


def test_a_notice_of_a_case_that_is_out_of_sight_is_in_no_list_and_no_count(
    make: Factory, staff: Staff
) -> None:
    brought_to(make, staff, State.ASSIGNED)
    assert queries.unread(staff.second) == 1
    staff.second.unit_links = []
    db.session.commit()
    assert queries.unread(staff.second) == 0
    assert queries.listed(staff.second, page=1).rows == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_nobody_is_told_of_what_he_may_not_see(
    make: Factory, staff: Staff, seed: int
) -> None:
    """Any steps by anybody, any of us complained about: each notice is of a case its person sees, and none is of his own step."""
    draw = random.Random(seed)
    everybody = [
        staff.service, staff.colleague, staff.handler, staff.second, staff.stranger, staff.head, staff.manager,
        make.user(roles=("administrator",)), make.user(roles=("marketing",)), make.user(roles=("viewer",)),
        make.user(roles=("department",)), make.user(roles=("management", "department"), units=(staff.unit,)),
    ]  # fmt: skip
    draw.choice(everybody[2:]).active = False
    about = draw.choice([None, *everybody[1:]])
    complaint = made.case(
        make,
        by=staff.service,
        about_user_id=about.id if about else None,
        severity=draw.choice(list(Severity)),
        category_id=made_category(make, draw),
    )
    now = NOW
    for _turn in range(25):
        now += timedelta(hours=draw.choice((0, 1, 5, 20)))
        draw.choice(STEPS)(complaint, draw, staff, draw.choice([*everybody, None]), now)
        if draw.random() < 0.4:
            alarms.write_due(complaint.id, now=now)
    db.session.flush()
    rows = db.session.scalars(select(Notice).where(Notice.complaint_id == complaint.id)).all()
    assert rows
    involved = {link.unit_id for link in complaint.units}
    for row in rows:
        user = db.session.get_one(User, row.user_id)
        assert user.active
        assert user.id != complaint.about_user_id
        assert cases.sees_all(user) or involved & user.unit_ids or complaint.handler_id == user.id
        assert row.event.by_id != user.id
    assert len({(row.user_id, row.event_id) for row in rows}) == len(rows)


def made_category(make: Factory, draw: random.Random) -> int:
    made.record(make)
    return made.category(draw.choice(("category.safety", "category.repair.repeat"))).id


def attempt(step: Any, complaint: Complaint, **given: Any) -> None:
    """Take a step if it is allowed; what is not leaves nothing."""
    try:
        with db.session.begin_nested():
            step(complaint, seen=None, key="", **given)
    except (Refused, AttributeError):
        db.session.refresh(complaint)


def _assign(complaint: Complaint, draw: random.Random, staff: Staff, by: Any, now: datetime) -> None:
    unit = draw.choice((staff.unit, staff.other))
    handler = draw.choice((None, staff.handler, staff.stranger))
    step = draw.choice((services.assign, services.transfer))
    attempt(step, complaint, unit=unit, handler=handler, reason="x", by=by or staff.service, now=now)


def _simple(complaint: Complaint, draw: random.Random, staff: Staff, by: Any, now: datetime) -> None:
    by = by or staff.handler
    step = draw.choice(("accept", "send_back", "note", "classify", "resolve", "reopen"))
    given: dict[str, dict[str, Any]] = {
        "accept": {},
        "send_back": {"reason": "x"},
        "note": {"text": "x"},
        "classify": {"category_id": complaint.category_id, "severity": draw.choice(list(Severity))},
        "resolve": {"resolution": made.RESOLUTION, "told": Channel.PHONE},
        "reopen": {"reason": "x", "handler": None},
    }
    attempt(getattr(services, step), complaint, by=by, now=now, **given[step])


def _add(complaint: Complaint, draw: random.Random, staff: Staff, by: Any, now: datetime) -> None:
    attempt(services.add, complaint, text="x", channel=Channel.WEB, by=by, now=now)


def _call_back(complaint: Complaint, draw: random.Random, staff: Staff, by: Any, now: datetime) -> None:
    answer = services.Answer(draw.choice(list(Satisfaction)), "x", 1, 1)
    attempt(services.call_back, complaint, channel=Channel.PHONE, answer=answer, by=by, now=now)


STEPS = (_assign, _assign, _simple, _simple, _simple, _add, _call_back)


def test_choices_are_kept_and_followed(make: Factory, staff: Staff) -> None:
    notices.choose(staff.second, {Group.WORK: "digest"})
    notices.choose(staff.head, {Group.WORK: "never", Group.SHARING: "never"})
    db.session.commit()
    complaint = brought_to(make, staff, State.ASSIGNED)
    rows = {
        row.user_id: row.mail
        for row in db.session.scalars(
            select(Notice).where(Notice.complaint_id == complaint.id, Notice.kind == "assigned")
        )
    }
    assert rows == {staff.handler.id: "waiting", staff.second.id: "digest", staff.head.id: ""}
    assert Group.SHARING not in queries.offered_to(staff.head), "what can't come to him is not kept"
    with pytest.raises(Refused):
        notices.choose(staff.head, {Group.WORK: "by pigeon"})


def test_reading_all_leaves_what_has_come_since(make: Factory, staff: Staff) -> None:
    brought_to(make, staff, State.ASSIGNED)
    newest = db.session.scalars(select(func.max(Notice.id)).where(Notice.user_id == staff.second.id)).one()
    brought_to(make, staff, State.ASSIGNED)
    notices.read_all(staff.second, up_to=newest, now=NOW)
    db.session.commit()
    assert queries.unread(staff.second) == 1
    assert queries.unread(staff.handler) == 2, "only one's own"
    rows = queries.listed(staff.second, page=1).rows
    assert [row.read_at is None for row in rows] == [True, False], "unread ones stand first"


def test_old_notices_are_forgotten(make: Factory, staff: Staff) -> None:
    brought_to(make, staff, State.ASSIGNED)
    notices.forget_old(now=NOW + timedelta(days=179))
    assert db.session.scalar(select(func.count(Notice.id)))
    notices.forget_old(now=NOW + timedelta(days=181))
    assert not db.session.scalar(select(func.count(Notice.id)))
