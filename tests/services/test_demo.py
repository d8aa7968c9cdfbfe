"""The demonstration firm: complete, repeatable, with a real rise and a real fall."""

from collections import Counter
from datetime import timedelta
from statistics import mean

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.models import Customer, Response, Survey, Unit, User
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


def test_demonstration_refuses_a_register_in_use(loaded: dict[str, int]) -> None:
    with pytest.raises(Refused) as refusal:
        demo.load(password=None, by=None, now=NOW)
    assert refusal.value.code == "demo_needs_empty_register"
