"""Waiting for the customer: two reminders, once each and in opening time, then the end; an answer stops it at any moment."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import complaints as jobs
from app.models import Complaint, Delivery
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import followed
from app.rules import clocks
from app.rules.clocks import Party
from app.rules.complaints import Channel, State
from app.services import complaints as services
from app.services import sending
from app.services.complaints import lapsing
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to

ADDRESS = "li@kunde.example"


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def waiting(make: Factory, staff: Staff, **fields: object) -> Complaint:
    """Asked at 10:00 on a Monday until the Monday after."""
    case = brought_to(make, staff, State.WAITING, **({"contact_email": ADDRESS} | fields))
    db.session.execute(Delivery.__table__.update().values(state="sent"))
    db.session.commit()
    return case


def tick(now: datetime) -> list[str]:
    found = [lapsing.take_due(ident, now=now) for ident in lapsing.due_ids(now=now)]
    db.session.commit()
    return found


def mails() -> list[str]:
    rows = db.session.scalars(select(Delivery).where(Delivery.state == "queued").order_by(Delivery.id))
    return [one.params["what"] for one in rows]


def through(case: Complaint, *, hours: int = 24 * 20) -> list[tuple[datetime, str]]:
    """What happens in the hours after now, the timetable looking in twice at the full hour."""
    happened: list[tuple[datetime, str]] = []
    for step in range(hours):
        now = NOW + timedelta(hours=step)
        happened += [(now, what) for what in [*tick(now), *tick(now)] if what]
    return happened


def test_two_reminders_then_the_end(make: Factory, staff: Staff) -> None:
    case = waiting(make, staff)
    happened = through(case)
    assert [what for _at, what in happened] == ["remind", "remind", "lapse"]
    calendar = clock_reads.calendars(case.calendar_version).firm
    first, second, end = (at for at, _what in happened)
    assert case.state == "resolved"
    assert NOW + timedelta(days=3.5) <= first < NOW + timedelta(days=4.5)
    assert NOW + timedelta(days=7) <= second < NOW + timedelta(days=8)
    assert second + timedelta(days=7) <= end < second + timedelta(days=8)
    for at in (first, second, end):
        assert calendar.day(at.astimezone(calendar.zone).date()).spans, "a working day"
        assert 9 <= at.astimezone(calendar.zone).hour < 18
    assert [one.kind for one in case.events][-4:] == ["reminded", "reminded", "resolved", "customer_told"]
    assert mails() == ["remind", "remind", "lapsed"]
    readings = clocks.read(clock_reads.case_of(case), now=end)
    assert not any(one.is_running for one in readings.all if one.run.clock != "callback")
    seen = followed.follow(case.feedback, now=end)
    assert seen.stage == "lapsed"
    assert [line.what for line in seen.lines][-3:] == ["reminded", "reminded", "lapsed"]


def test_an_answer_at_any_moment_ends_it(make: Factory, staff: Staff) -> None:
    for after in (1, 5, 9):
        case = waiting(make, staff)
        ident = case.id
        for step in range(2 * 24 * after):
            tick(NOW + timedelta(minutes=30 * step))
        when = NOW + timedelta(days=after)
        services.add(case, text="好的", channel=Channel.WEB, seen=None, key=f"k{after}", by=None, now=when)
        db.session.commit()
        assert (case.state, case.next_prompt_at) == ("in_progress", None)
        before = len(case.events)
        for step in range(80):
            assert lapsing.take_due(ident, now=when + timedelta(hours=12 * step)) == ""
        db.session.commit()
        assert len(db.session.get_one(Complaint, ident).events) == before


def test_who_answers_between_planning_and_sending_gets_no_reminder(make: Factory, staff: Staff) -> None:
    """Case 16: the mail is in the outbox already."""
    case = waiting(make, staff)
    when = datetime.fromisoformat("2026-10-16T02:00:00+00:00")
    assert tick(when) == ["remind"]
    planned = db.session.scalars(select(Delivery.id).where(Delivery.state == "queued")).one()
    assert not sending.prepare([planned], now=when)[0].problem
    services.add(case, text="好的", channel=Channel.WEB, seen=None, key="k", by=None, now=when)
    db.session.commit()
    assert sending.prepare([planned], now=when)[0].problem == "not_wanted"


def test_a_new_question_begins_anew(make: Factory, staff: Staff) -> None:
    case = waiting(make, staff)
    when = datetime.fromisoformat("2026-10-16T02:00:00+00:00")
    assert tick(when) == ["remind"]
    late = {"seen": None, "key": "", "by": staff.handler, "now": when}
    services.resume(case, reason="客户来电", **late)
    services.wait(case, party=Party.CUSTOMER, what="要照片", until=when + timedelta(days=10), **late)
    db.session.commit()
    assert case.next_prompt_at == when + timedelta(days=5)
    old = db.session.scalars(select(Delivery.id).where(Delivery.params["what"].as_string() == "remind")).one()
    assert sending.prepare([old], now=when)[0].problem == "not_wanted", "that was about the first question"


def test_whom_no_mail_reaches_is_neither_reminded_nor_given_up(make: Factory, staff: Staff) -> None:
    case = waiting(make, staff, contact_email="")
    assert through(case) == []
    assert (case.state, case.version) == ("waiting", case.version)
    assert mails() == []


def test_waiting_for_somebody_else_never_lapses(make: Factory, staff: Staff) -> None:
    case = brought_to(make, staff, State.IN_PROGRESS, contact_email=ADDRESS)
    late = {"seen": None, "key": "", "by": staff.handler, "now": NOW}
    services.wait(case, party=Party.THIRD_PARTY, what="配件", until=NOW + timedelta(days=2), **late)
    assert case.next_prompt_at is None


def test_the_timetable_does_it(make: Factory, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = waiting(make, staff).id
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2026-10-16T02:00:00+00:00"))
    jobs.prompt_customers()
    jobs.prompt_customers()
    db.session.expire_all()
    kinds = [one.kind for one in db.session.get_one(Complaint, ident).events]
    assert kinds.count("reminded") == 1
