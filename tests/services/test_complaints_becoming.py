"""A suggestion that turns out to be a complaint becomes one case, on time from its receipt, silently."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.models import AssignmentRule, AuditEntry, Complaint, Delivery, FeedbackText
from app.queries.complaints.clocks import case_of
from app.rules import clocks
from app.rules.clocks import Clock, Kind
from app.rules.complaints import Channel
from app.rules.complaints import Kind as Told
from app.services import complaints as services
from app.services.complaints import alarms, basics
from tests.factories import Factory, surveys
from tests.factories.complaints import Staff, category, record

RECEIVED = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    basics.ensure(now=make.now)
    return Staff(make)


def become(make: Factory, staff: Staff, **fields: object) -> Complaint:
    kind = fields.pop("kind", Told.SUGGESTION)
    entry = record(make, kind=kind, at=RECEIVED, contact_email="lin@example.com", **fields)
    complaint = services.become_complaint(entry, by=staff.service, now=NOW)
    db.session.commit()
    return complaint


@pytest.mark.parametrize("kind", [Told.SUGGESTION, Told.QUESTION, Told.PRAISE])
def test_it_becomes_a_case_whose_log_says_what_it_was(staff: Staff, make: Factory, kind: Told) -> None:
    complaint = become(make, staff, kind=kind, channel=Channel.WEB)
    assert [(one.kind, one.at) for one in complaint.events] == [
        (Kind.RECEIVED, RECEIVED),
        (Kind.CLASSIFIED, NOW),
    ]
    assert complaint.events[1].data["was"] == kind
    assert complaint.events[1].by_name == staff.service.name
    assert (complaint.feedback.kind, complaint.feedback.severity) == ("complaint", "general")
    found = db.session.get_one(FeedbackText, complaint.feedback_id)
    assert complaint.number.lower() in found.text
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "feedback.became_complaint")
    ).one()
    assert (entry.detail["was"], entry.actor_name) == (kind, staff.service.name)


def test_twice_is_once_and_nobody_is_written_to(staff: Staff, make: Factory) -> None:
    complaint = become(make, staff)
    again = services.become_complaint(complaint.feedback, by=staff.colleague, now=NOW + timedelta(minutes=1))
    db.session.commit()
    assert again.id == complaint.id
    assert db.session.scalar(select(func.count(Complaint.id))) == 1
    assert len(complaint.events) == 2
    assert db.session.scalar(select(func.count(Delivery.id))) == 0


def test_time_runs_from_the_receipt_but_nothing_was_late_before(staff: Staff, make: Factory) -> None:
    complaint = become(make, staff)
    reading = clocks.read(case_of(complaint), now=NOW).latest(Clock.CUSTOMER)
    assert reading is not None
    assert reading.due_at == datetime(2026, 11, 5, 10, 0, tzinfo=UTC)
    assert reading.breached_at == NOW
    alarms.write_due(complaint.id, now=NOW)
    assert {one.at for one in complaint.events if one.kind == Kind.BREACHED} == {NOW}


def test_a_rule_sends_it_on(staff: Staff, make: Factory) -> None:
    db.session.add(AssignmentRule(category_id=category().id, to_unit_id=staff.unit.id))
    db.session.commit()
    assert become(make, staff).unit_id == staff.unit.id


def test_no_rule_sends_on_what_grew_out_of_an_answer(staff: Staff, make: Factory) -> None:
    db.session.add(AssignmentRule(category_id=category().id, to_unit_id=staff.unit.id))
    answer = surveys.response(make, surveys.survey(make))
    assert become(make, staff, response_id=answer.id).unit_id is None


def test_nobody_makes_a_case_about_himself(staff: Staff, make: Factory) -> None:
    entry = record(make, kind=Told.QUESTION, about_user_id=staff.service.id)
    with pytest.raises(Refused, match="about_this_person"):
        services.become_complaint(entry, by=staff.service, now=NOW)
