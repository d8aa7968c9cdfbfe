"""The demonstration firm: complete, repeatable, with a real rise and a real fall."""

from collections import Counter
from datetime import timedelta
from statistics import mean

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, Customer, FeedbackCategory, Response, Survey, Unit, User
from app.queries.complaints import desk
from app.queries.complaints.clocks import case_of, zone
from app.rules import clocks
from app.rules.complaints import State
from app.services import audit, demo
from app.services.demo.opinions import FALL_ITEM, RISE_ITEM
from tests.conftest import NOW


@pytest.fixture
def loaded(ctx: None) -> dict[str, int]:
    counts = demo.load(password="correct horse battery", by=None, now=NOW)
    db.session.commit()
    return counts


def test_firm_is_complete(loaded: dict[str, int]) -> None:
    assert loaded["customers"] == db.session.scalar(select(func.count(Customer.id))) == 600
    assert db.session.scalar(select(func.count(Unit.id)).where(Unit.kind == "branch")) == 4
    roles = Counter(role for user in db.session.scalars(select(User)) for role in user.role_names)
    assert len(roles) == 7
    states = [s.state for s in db.session.scalars(select(Survey).order_by(Survey.opens_at))]
    assert states == ["closed", "closed", "live"]
    assert audit.verify().broken_id is None


def test_one_item_rises_and_one_falls(loaded: dict[str, int]) -> None:
    first, second, _live = db.session.scalars(select(Survey.id).order_by(Survey.opens_at))

    def average(survey_id: int, code: str) -> float:
        rows = db.session.scalars(select(Response.answers).filter_by(survey_id=survey_id, state="complete"))
        return mean(a[code] for a in rows if isinstance(a.get(code), int))

    assert average(second, RISE_ITEM) - average(first, RISE_ITEM) > 0.3
    assert average(second, FALL_ITEM) - average(first, FALL_ITEM) < -0.3
    assert abs(average(second, "skill") - average(first, "skill")) < 0.2


def test_routed_questions_hold_answers_only_where_shown(loaded: dict[str, int]) -> None:
    for answers in db.session.scalars(select(Response.answers).where(Response.state == "complete")):
        assert ("problem_speed" in answers) is (answers["problem"] == "told")


def test_nothing_lies_in_the_future(loaded: dict[str, int]) -> None:
    latest = db.session.scalar(select(func.max(Response.submitted_at)))
    assert latest is not None
    assert latest <= NOW
    live = db.session.scalars(select(Survey).filter_by(state="live")).one()
    assert live.opens_at < NOW < live.closes_at - timedelta(days=5)


def test_every_queue_of_the_desk_holds_something(loaded: dict[str, int]) -> None:
    service = db.session.scalars(select(User).where(User.email == "service@demo.example")).one()
    assert 380 <= loaded["complaints"] <= 420
    counts = desk.counts(service, desk.Moment.of(NOW, zone()))
    assert min(counts.values()) > 0, counts
    assert counts["overdue"] < counts["all"] / 2


def test_logs_and_stored_clocks_of_the_demonstration_agree(loaded: dict[str, int]) -> None:
    for complaint in db.session.scalars(select(Complaint)):
        case = case_of(complaint)
        assert clocks.pending(case, now=NOW) == (), "every breach stands in the log"
        seen = clocks.outlook(case, now=NOW)
        assert (complaint.due_at, complaint.paused, complaint.next_alarm_at) == (
            seen.due_at,
            seen.paused,
            seen.next_alarm_at,
        )
        assert [event.at for event in complaint.events if event.at > NOW] == []
        assert (complaint.due_at is None) is (complaint.state == State.CLOSED)
        assert (
            complaint.round
            == len(complaint.rounds)
            == complaint.events[0].round
            + len([event for event in complaint.events if event.kind == clocks.Kind.REOPENED])
        )


def test_late_visits_get_worse_one_branch_is_slow_and_three_complain_again(loaded: dict[str, int]) -> None:
    late = select(FeedbackCategory.id).where(FeedbackCategory.code == "category.visit.late").scalar_subquery()
    received = db.session.scalars(select(Complaint.received_at).where(Complaint.category_id == late)).all()
    recent = [at for at in received if NOW - at < timedelta(days=183)]
    earlier = len(received) - len(recent)
    assert len(recent) > 2 * earlier / 3, "twice as many in half a year as in any of the three before"
    missed: Counter[bool] = Counter()
    of_all: Counter[bool] = Counter()
    slow = db.session.scalar(select(Unit.id).where(Unit.code == "BJ"))
    for complaint in db.session.scalars(select(Complaint).where(Complaint.unit_id.is_not(None))):
        breached = {event.data["clock"] for event in complaint.events if event.kind == clocks.Kind.BREACHED}
        of_all[complaint.unit_id == slow] += 1
        missed[complaint.unit_id == slow] += "department" in breached
    assert missed[True] / of_all[True] > 3 * missed[False] / of_all[False]
    per_customer = Counter(db.session.scalars(select(Complaint.customer_id)))
    assert len([customer for customer, count in per_customer.items() if count >= 4]) >= 3


def test_demonstration_refuses_a_register_in_use(loaded: dict[str, int]) -> None:
    with pytest.raises(Refused) as refusal:
        demo.load(password=None, by=None, now=NOW)
    assert refusal.value.code == "demo_needs_empty_register"
