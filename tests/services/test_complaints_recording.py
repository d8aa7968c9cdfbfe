"""Recording feedback: what opens a case, its number, and to whom it goes by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import Missing, Refused
from app.extensions import db
from app.models import AssignmentRule, Complaint, Feedback, FeedbackText
from app.queries.complaints import cases
from app.rules.clocks import Severity
from app.rules.complaints import Channel, Kind, read_number
from app.services import audit
from app.services import complaints as services
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def test_a_recorded_complaint_gets_number_case_and_clocks(make: Factory, staff: Staff) -> None:
    customer = make.customer(name="青禾餐饮")
    feedback = made.record(make, by=staff.service, customer_id=customer.id, acknowledged=True)
    complaint = db.session.scalars(select(Complaint)).one()
    assert complaint.number == read_number(complaint.number) == "26-00001-0"
    assert (complaint.state, complaint.round, complaint.severity) == ("received", 1, "general")
    assert [event.kind for event in complaint.events] == ["received", "acknowledged"]
    # Three working days after Monday: Thursday at closing time in Shanghai.
    assert complaint.due_at == datetime(2026, 10, 15, 10, 0, tzinfo=UTC)
    assert complaint.due_clock == "customer"
    assert feedback.summary == feedback.content.partition("。")[0]
    assert "青禾餐饮" in db.session.get_one(FeedbackText, feedback.id).text
    assert audit.verify().broken_id is None


def test_without_an_acknowledgement_its_clock_comes_first(make: Factory, staff: Staff) -> None:
    complaint = made.case(make)
    assert (complaint.due_clock, complaint.due_at) == ("acknowledge", NOW + timedelta(hours=24))


@pytest.mark.parametrize("kind", [Kind.SUGGESTION, Kind.PRAISE, Kind.QUESTION])
def test_other_feedback_opens_no_case(make: Factory, kind: Kind) -> None:
    feedback = made.record(make, kind=kind, severity=Severity.URGENT)
    assert feedback.severity == ""
    assert db.session.scalar(select(func.count(Complaint.id))) == 0


def test_the_same_form_twice_is_one_record(make: Factory) -> None:
    made.record(make)
    told = services.Told(
        kind=Kind.COMPLAINT,
        content="漏水",
        channel=Channel.WEB,
        category_id=made.category().id,
        received_at=NOW,
        language="zh",
    )
    first = services.record(told, key="once", by=None, now=NOW)
    assert services.record(told, key="once", by=None, now=NOW) == first
    assert db.session.scalar(select(func.count(Feedback.id))) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"content": " \n"}, "content_missing"),
        ({"received_at": NOW + timedelta(minutes=1)}, "in_the_future"),
        ({"category_id": 10**9}, "no_category"),
        ({"customer_id": 10**9}, "no_customer"),
        ({"unit_id": 10**9}, "no_unit"),
    ],
)
def test_what_cannot_be_recorded(make: Factory, fields: dict[str, Any], code: str) -> None:
    made.record(make)
    with pytest.raises(Refused, match=code):
        made.record(make, at=NOW, **fields)


def test_a_cause_is_no_category(make: Factory) -> None:
    made.record(make)
    with pytest.raises(Refused, match="no_category"):
        made.record(make, category_id=made.category("cause.people").id)


def test_numbers_run_through_a_year_of_the_firm(make: Factory) -> None:
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # 1 January in Shanghai
    make.now = new_year
    numbers = [made.case(make).number for _ in range(2)] + [made.case(make, at=NOW).number]
    assert [number[:8] for number in numbers] == ["27-00001", "27-00002", "26-00001"]


def test_the_narrowest_rule_assigns(make: Factory, staff: Staff) -> None:
    made.record(make)
    repair = made.category("category.repair").id
    db.session.add_all(
        [
            AssignmentRule(to_unit_id=staff.other.id, position=0),
            AssignmentRule(category_id=repair, to_unit_id=staff.unit.id, handler_id=staff.handler.id),
        ]
    )
    db.session.commit()
    repaired, billed = made.case(make), made.case(make, category_id=made.category("category.billing").id)
    assert (repaired.state, repaired.unit_id, repaired.handler_id) == (
        "assigned",
        staff.unit.id,
        staff.handler.id,
    )
    assert (billed.unit_id, billed.handler_id) == (staff.other.id, None)


def test_a_complaint_about_a_person_never_reaches_that_person(make: Factory, staff: Staff) -> None:
    """T37: nor by a rule, nor as the head of the only unit, nor on any list."""
    made.record(make)
    db.session.add(AssignmentRule(to_unit_id=staff.unit.id, handler_id=staff.head.id))
    db.session.commit()
    complaint = made.case(make, about_user_id=staff.head.id)
    assert (complaint.state, complaint.unit_id) == ("received", None)
    by_service: dict[str, Any] = {"seen": None, "key": "", "by": staff.service, "now": NOW}
    with pytest.raises(Refused, match="about_this_person"):
        services.assign(complaint, unit=staff.unit, handler=None, reason="", **by_service)
    with pytest.raises(Missing):
        cases.get_visible(staff.head, complaint.id)
    about_service = made.case(make, about_user_id=staff.service.id)
    with pytest.raises(Missing):
        cases.get_visible(staff.service, about_service.id)
    with pytest.raises(Refused, match="not_allowed"):
        services.note(about_service, text="x", **by_service)
    with pytest.raises(Refused, match="about_this_person"):
        made.case(make, by=staff.service, about_user_id=staff.service.id)
