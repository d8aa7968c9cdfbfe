"""What is kept of a case's clocks for summaries says what the log says."""

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.models import Complaint, ComplaintRun
from app.queries.complaints.clocks import case_of
from app.rules import clocks
from app.rules.complaints import State
from app.services import complaints as services
from app.services.complaints import basics
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def kept(complaint: Complaint) -> list[ComplaintRun]:
    db.session.expire_all()
    rows = select(ComplaintRun).where(ComplaintRun.complaint_id == complaint.id)
    return list(db.session.scalars(rows))


def test_every_run_is_kept_with_when_it_is_due(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.WAITING)
    expected = {
        (run.clock.value, run.round, run.turn, run.unit, run.stopped_at, due)
        for run, due in clocks.schedule(case_of(complaint), now=make.now)
    }
    rows = kept(complaint)
    found = {(one.clock, one.round, one.turn, one.unit_id, one.stopped_at, one.due_at) for one in rows}
    assert found == expected
    assert {one.clock for one in rows} == {"acknowledge", "customer", "department"}
    assert complaint.due_at == min(one.due_at for one in rows if one.stopped_at is None and one.due_at)


def test_a_unit_that_gets_it_and_a_round_more_have_runs_of_their_own(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    step = {"seen": None, "key": "", "now": make.now}
    services.transfer(complaint, unit=staff.other, handler=None, reason="归城东店", by=staff.handler, **step)
    turns = [
        (one.turn, one.unit_id, one.stopped_at is None)
        for one in sorted(kept(complaint), key=lambda run: run.turn)
        if one.clock == "department"
    ]
    assert turns == [(1, staff.unit.id, False), (2, staff.other.id, True)]
    closed = brought_to(make, staff, State.CLOSED)
    services.reopen(closed, reason="还是漏水", handler=staff.second, by=staff.service, **step)
    second = [one for one in kept(closed) if one.round == 2]
    assert {one.clock for one in second} == {"customer", "department"}
    assert all(one.stopped_at is None for one in second)


def test_cases_from_before_get_their_runs_at_the_start(staff: Staff, make: Factory) -> None:
    complaint = brought_to(make, staff, State.CLOSED)
    version = complaint.version
    before = {(one.clock, one.round, one.turn, one.stopped_at, one.due_at) for one in kept(complaint)}
    db.session.execute(delete(ComplaintRun))
    db.session.commit()
    db.session.expire_all()
    basics.ensure(now=make.now)
    db.session.commit()
    assert {(one.clock, one.round, one.turn, one.stopped_at, one.due_at) for one in kept(complaint)} == before
    assert complaint.version == version
