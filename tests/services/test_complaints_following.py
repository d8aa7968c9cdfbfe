"""Running cases follow a corrected calendar; closed ones and what was over keep theirs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs import complaints as jobs
from app.models import Complaint, ComplaintEvent, WorkingCalendar
from app.queries.complaints.clocks import calendars, case_of
from app.queries.complaints.versions import affected, newest_calendar
from app.rules import calendar_editing as editing
from app.rules import clocks
from app.rules.complaints import State
from app.rules.worktime import DayKind
from app.services import complaints as services
from app.services.complaints import alarms, following
from app.services.complaints.versions import store_calendar
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 10:00 in the firm
OFF = editing.OwnDays(date(2026, 11, 18), date(2026, 11, 18), DayKind.HOLIDAY, "停电", "Power cut")


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.now = MONDAY
    make.firm()
    return Staff(make)


def correct(make: Factory, staff: Staff, *entries: editing.OwnDays) -> WorkingCalendar:
    document = newest_calendar().document
    for entry in entries:
        document = editing.with_days(document, None, entry)
    row = store_calendar(document, seen=None, by=staff.manager, now=make.now)
    db.session.commit()
    assert row is not None
    return row


def follow(now: datetime) -> list[int]:
    found = list(following.behind_ids())
    for complaint_id in found:
        following.pass_on(complaint_id, now=now)
    db.session.commit()
    db.session.expire_all()
    return found


def changes(complaint: Complaint) -> list[ComplaintEvent]:
    kind = clocks.Kind.CALENDAR_CHANGED
    wanted = select(ComplaintEvent).where(
        ComplaintEvent.complaint_id == complaint.id, ComplaintEvent.kind == kind
    )
    return list(db.session.scalars(wanted.order_by(ComplaintEvent.id)))


def test_a_running_case_follows_with_an_entry_and_new_deadlines(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    due, version = complaint.due_at, complaint.version
    newest = correct(make, staff, OFF)
    assert affected(calendars(newest.version), now=make.now).moved == 1
    assert follow(make.now + timedelta(hours=1)) == [complaint.id]
    (event,) = changes(complaint)
    assert (event.data["from"], event.data["to"]) == (newest.version - 1, newest.version)
    assert {one["clock"] for one in event.data["moved"]} == {"customer", "department"}
    assert complaint.calendar_version == newest.version
    assert complaint.due_at is not None
    assert due is not None
    assert complaint.due_at == due or complaint.due_at == due + timedelta(days=1)
    department = next(run for run in complaint.runs if run.clock == "department")
    assert department.due_at == datetime(2026, 11, 19, 10, 0, tzinfo=UTC)
    assert complaint.version == version, "nobody's open form becomes stale"
    services.note(complaint, text="收到", seen=version, key="k1", by=staff.handler, now=make.now)
    expected = clocks.schedule(case_of(complaint), now=make.now)
    kept = {(run.clock, run.turn): run.due_at for run in complaint.runs}
    assert {(run.clock.value, run.turn): due for run, due in expected} == kept


def test_following_twice_is_following_once(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.WAITING)
    correct(make, staff, OFF)
    assert follow(make.now)
    assert follow(make.now) == []
    assert not following.pass_on(complaint.id, now=make.now)
    assert not following.pass_on(987, now=make.now)
    assert len(changes(complaint)) == 1


def test_several_corrections_within_a_minute_are_one_entry(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.ASSIGNED)
    first = newest_calendar().version
    correct(make, staff, OFF)
    later = editing.OwnDays(date(2026, 12, 24), date(2026, 12, 25), DayKind.HOLIDAY, "盘点")
    newest = correct(make, staff, later)
    follow(make.now)
    assert [(one.data["from"], one.data["to"]) for one in changes(complaint)] == [(first, newest.version)]
    again = correct(make, staff, editing.OwnDays(date(2027, 1, 8), date(2027, 1, 8), DayKind.HOLIDAY, "年会"))
    follow(make.now)
    assert [one.data["to"] for one in changes(complaint)] == [newest.version, again.version]
    assert changes(complaint)[1].data["moved"] == []


def test_closed_cases_are_left_alone_and_follow_when_opened_again(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.CLOSED)
    before = {(run.clock, run.round): run.due_at for run in complaint.runs}
    correct(make, staff, OFF)
    assert follow(make.now) == []
    assert {(run.clock, run.round): run.due_at for run in complaint.runs} == before
    step = {"seen": None, "key": "", "now": make.now + timedelta(hours=2)}
    services.reopen(complaint, reason="还是漏水", handler=staff.second, by=staff.service, **step)
    db.session.commit()
    assert follow(make.now + timedelta(hours=3)) == [complaint.id]
    after = {(run.clock, run.round): run.due_at for run in complaint.runs}
    assert {key: due for key, due in after.items() if key[1] == 1} == before, (
        "the first round keeps its figures"
    )
    assert after["department", 2] == datetime(2026, 11, 19, 10, 0, tzinfo=UTC)


def test_what_is_late_by_the_corrected_calendar_is_put_on_record_from_then_on(
    staff: Staff, make: Factory
) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    correct(make, staff, OFF)
    follow(make.now)
    back = editing.without_days(newest_calendar().document, None, OFF.first)
    now = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)
    store_calendar(back, seen=None, by=staff.manager, now=now)
    db.session.commit()
    follow(now)
    alarms.write_due(complaint.id, now=now + timedelta(minutes=1))
    breaches = [one for one in complaint.events if one.kind == clocks.Kind.BREACHED]
    assert [(one.data["clock"], one.at) for one in breaches] == [
        ("acknowledge", MONDAY + timedelta(hours=24)),
        ("department", now),
    ]


def test_the_timetable_passes_it_on(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.RECEIVED)
    correct(make, staff, OFF)
    jobs.follow_calendar()
    db.session.expire_all()
    assert len(changes(complaint)) == 1


def test_a_unit_of_its_own_hours_moves_only_its_own_time(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    customer = next(run.due_at for run in complaint.runs if run.clock == "customer")
    document = editing.with_unit(newest_calendar().document, staff.unit.id)
    document = editing.with_days(document, staff.unit.id, OFF)
    store_calendar(document, seen=None, by=staff.manager, now=make.now)
    db.session.commit()
    follow(make.now)
    dues = {run.clock: run.due_at for run in complaint.runs}
    assert dues["customer"] == customer
    assert dues["department"] == datetime(2026, 11, 19, 10, 0, tzinfo=UTC)
