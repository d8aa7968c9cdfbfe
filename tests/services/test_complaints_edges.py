"""Rows that change while cases run: a category put away, a handler switched off or without his role, a unit switched off."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.errors import Refused
from app.extensions import db
from app.models import AssignmentRule, FeedbackCategory, Role
from app.queries import notices as notice_reads
from app.queries.complaints import cases
from app.rules.complaints import Channel, Satisfaction, State
from app.services import audit, follow_ups, users
from app.services import complaints as services
from app.services.complaints import basics, bulk
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import RESOLUTION, Staff, brought_to

LATER = NOW + timedelta(hours=1)
COMMON: dict[str, Any] = {"seen": None, "key": "", "now": LATER}


@pytest.fixture
def staff(make: Factory) -> Staff:
    make.firm()
    return Staff(make)


def test_with_every_category_put_away_messages_still_come_in(make: Factory) -> None:
    make.firm()
    basics.ensure(now=make.now)
    db.session.execute(update(FeedbackCategory).values(active=False))
    assert db.session.get_one(FeedbackCategory, follow_ups.other_category()).code == follow_ups.OTHER


def test_a_rule_whose_handler_has_lost_his_role_leads_to_the_unit(make: Factory, staff: Staff) -> None:
    make.save(AssignmentRule(to_unit_id=staff.unit.id, handler_id=staff.handler.id))
    staff.handler.roles = list(db.session.scalars(select(Role).where(Role.name == "viewer")))
    db.session.commit()
    found = made.case(make)
    assert (found.state, found.unit_id, found.handler_id) == ("assigned", staff.unit.id, None)


@pytest.mark.parametrize("where", ["head", "only"])
def test_a_rule_never_leads_to_whom_it_is_about(make: Factory, staff: Staff, where: str) -> None:
    about = staff.head if where == "head" else staff.handler
    handler = None if where == "head" else about.id
    make.save(AssignmentRule(to_unit_id=staff.unit.id, handler_id=handler))
    found = made.case(make, about_user_id=about.id)
    assert (found.state, found.handler_id) == ("received", None)
    assert all(user.id != about.id for user, _parts in notice_reads.players(found))


def test_whoever_gave_the_result_does_not_ask_about_it(make: Factory, staff: Staff) -> None:
    """Case 11 of the workflows, where it was not the handler but a colleague of customer service who resolved it."""
    found = brought_to(make, staff, State.IN_PROGRESS)
    services.resolve(found, resolution=RESOLUTION, told=Channel.PHONE, by=staff.service, **COMMON)
    answer = services.Answer(Satisfaction.SATISFIED, "", 5, 5)
    with pytest.raises(Refused, match="own_case"):
        services.call_back(found, channel=Channel.PHONE, answer=answer, by=staff.service, **COMMON)
    services.call_back(found, channel=Channel.PHONE, answer=answer, by=staff.colleague, **COMMON)
    assert found.state == "closed"


def test_a_handler_who_is_switched_off_leaves_his_work_readable(make: Factory, staff: Staff) -> None:
    """Case 13 of the workflows: the history names him, the chain is valid, nobody writes to him, and the case goes on."""
    found = brought_to(make, staff, State.IN_PROGRESS)
    db.session.flush()
    before = [(one.kind, one.by_name, one.text) for one in found.events]
    assert ("accepted", staff.handler.name, "") in before
    switched_off(staff.handler, make)
    db.session.expire_all()
    assert [(one.kind, one.by_name, one.text) for one in found.events] == before
    assert audit.verify().broken_id is None
    assert all(user.id != staff.handler.id for user, _parts in notice_reads.players(found))
    services.transfer(found, unit=staff.other, handler=None, reason="他已离职", by=staff.service, **COMMON)
    assert (found.state, found.handler_id) == ("assigned", None)


def switched_off(user: Any, make: Factory) -> None:
    admin = make.user(roles=("administrator",))
    users.change(
        user,
        version=user.version,
        email=user.email,
        name=user.name,
        language=user.language,
        role_names=user.role_names,
        unit_ids=user.unit_ids,
        active=False,
        by=admin,
        now=LATER,
    )
    db.session.commit()


def test_a_unit_that_is_switched_off_keeps_its_cases_and_gets_no_more(make: Factory, staff: Staff) -> None:
    found, fresh = brought_to(make, staff, State.IN_PROGRESS), made.case(make)
    staff.unit.active = False
    db.session.commit()
    with pytest.raises(Refused, match="unit_inactive"):
        services.assign(fresh, unit=staff.unit, handler=None, reason="", by=staff.service, **COMMON)
    assert cases.get_visible(staff.handler, found.id).id == found.id
    services.resolve(found, resolution=RESOLUTION, told=None, by=staff.handler, **COMMON)
    assert found.state == "resolved"


def test_the_same_form_for_many_twice_is_one_run(make: Factory, staff: Staff) -> None:
    first, fresh = bulk.begin("note", key="k", by=staff.service, now=LATER)
    again, second = bulk.begin("note", key="k", by=staff.service, now=LATER)
    other, third = bulk.begin("note", key="k", by=staff.colleague, now=LATER)
    assert (fresh, second, third) == (True, False, True)
    assert first.id == again.id != other.id
