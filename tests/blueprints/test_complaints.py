"""The desk and the case page: queues, search, every step through its form, and nothing typed is lost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.blueprints.complaints.steps import DOORS
from app.extensions import db
from app.models import ComplaintEvent
from app.rules.complaints import STEPS, Channel, Outcome, Satisfaction, State
from app.services import complaints as services
from tests.blueprints.cases import anything, case_page, stored, take
from tests.blueprints.forms import fields_of
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import RESOLUTION, Staff, brought_to


def test_the_way_of_a_case_through_the_pages(make: Factory, staff: Staff, browse: Any) -> None:
    """Sent back once, accepted, waits, resolved, not satisfied, another handler, satisfied, closed."""
    ident = brought_to(make, staff, State.RECEIVED).id
    unit, second = staff.unit.id, staff.second.id
    service, handler = browse(staff.service), browse(staff.handler)
    colleague, other = browse(staff.colleague), browse(staff.second)
    until = (clock.now() + timedelta(days=3)).date().isoformat()
    resolved = {
        "result": "换泵",
        "remedy": "免费",
        "reply": "您好",
        "cause_text": "老化",
        "prevention": "巡检",
        "told": "phone",
    }
    way = [
        (service, "assign", {"unit": unit}, "assigned"),
        (handler, "send_back", {"reason": "不归我们"}, "received"),
        (service, "assign", {"unit": unit, "reason": "就是你们签约的"}, "assigned"),
        (handler, "accept", {}, "in_progress"),
        (handler, "wait", {"what": "约时间", "until": until}, "waiting"),
        (service, "add", {"text": "周六可以"}, "in_progress"),
        (handler, "note", {"text": "带梯子"}, "in_progress"),
        (handler, "resolve", resolved, "resolved"),
        (service, "callback", {"answer": "not", "words": "还在漏", "handler": second}, "in_progress"),
        (other, "resolve", resolved, "resolved"),
        (colleague, "callback", {"answer": "satisfied", "solution_score": 5}, "closed"),
    ]
    for browser, name, typed, state in way:
        response = take(browser, ident, name, **typed)
        assert response.status_code == 302, (name, response.get_data(as_text=True))
        assert stored(ident).state == state, name
    complaint = stored(ident)
    assert (complaint.round, complaint.outcome, complaint.handler_id) == (2, "satisfied", second)
    page = case_page(service, ident)
    for words in ("周六可以", "带梯子", "还在漏", "Sent back by Chengxi branch", "Opened again: round 2"):
        assert words in page


@pytest.mark.parametrize("state", list(State))
def test_every_step_of_the_table_by_every_role(
    make: Factory, staff: Staff, browse: Any, state: State
) -> None:
    """A form is on the page exactly where the table allows its step; sent without it, it changes nothing."""
    ident = brought_to(make, staff, state).id
    parts = {"service": {"service"}, "manager": {"management"}, "second": {"member"}, "stranger": set()}
    if state is State.RECEIVED:
        parts["second"] = set()
    for who, held in parts.items():
        browser = browse(getattr(staff, who))
        for name, door in DOORS.items():
            move = STEPS[door.step]
            allowed = state in move.sources and bool({part.value for part in move.parts} & held)
            page = browser.get(f"/complaints/{ident}?do={name}")
            # Closing is offered once somebody has tried to ask.
            shown = allowed and not (name == "close" and state is State.RESOLVED)
            assert (f'id="{name}-form"' in page.get_data(as_text=True)) is shown, (who, name)
            if not allowed:
                refused = browser.post(f"/complaints/{ident}/{name}", data=anything(staff))
                invisible = not held
                assert refused.status_code in ((404,) if invisible else (403, 409, 422)), (who, name)
                assert stored(ident).state == state


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
    make: Factory, staff: Staff, browse: Any
) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    response = take(browse(staff.handler), ident, "resolve", result="换了水泵，全部测试通过")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "换了水泵，全部测试通过" in page
    for sentence in ("Choose a root cause, or write it.", "Write what the customer is told."):
        assert sentence in page
    assert stored(ident).state == "in_progress"
    late = take(browse(staff.handler), ident, "wait", what="约时间", until="2020-01-01")
    assert late.status_code == 422
    assert "Choose a day in the future" in late.get_data(as_text=True)
    assert "约时间" in late.get_data(as_text=True)


def test_a_stale_form_is_kept_with_what_was_done_since(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    browser = browse(staff.handler)
    form = fields_of(case_page(browser, ident, "wait"), "wait-form")
    until = (clock.now() + timedelta(days=2)).date().isoformat()
    typed = form | {"what": ["等客户确认时间"], "until": [until]}
    take(browse(staff.service), ident, "reply", text="您好，我们在处理")
    response = browser.post(f"/complaints/{ident}/wait", data=typed)
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "This case was changed while you were writing" in page
    assert "等客户确认时间" in page
    assert stored(ident).state == "in_progress"
    again = fields_of(page, "wait-form")
    assert browser.post(f"/complaints/{ident}/wait", data=again).status_code == 302
    assert stored(ident).state == "waiting"


def test_two_people_closing_at_once(make: Factory, staff: Staff, browse: Any) -> None:
    """The second is told; what he typed stands on the page although its form is gone."""
    ident = brought_to(make, staff, State.RESOLVED).id
    complaint = stored(ident)
    services.call_back(
        complaint,
        channel=Channel.PHONE,
        answer=services.Answer(Satisfaction.PARTLY, "太慢"),
        seen=None,
        key="",
        by=staff.service,
        now=clock.now(),
    )
    db.session.commit()
    first, second = browse(staff.service), browse(staff.colleague)
    forms = [fields_of(case_page(one, ident, "close"), "close-form") for one in (first, second)]
    typed = {"outcome": ["dissatisfied_accepted"], "reason": ["已当面说明"]}
    assert first.post(f"/complaints/{ident}/close", data=forms[0] | typed).status_code == 302
    response = second.post(f"/complaints/{ident}/close", data=forms[1] | typed)
    assert response.status_code == 409
    assert "已当面说明" in response.get_data(as_text=True)
    closed = [one for one in stored(ident).events if one.kind == "closed"]
    assert [one.by_name for one in closed] == ["林晓雯"]


def test_a_double_click_takes_a_step_once(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    browser = browse(staff.handler)
    form = fields_of(case_page(browser, ident, "note"), "note-form") | {"text": ["只记一次"]}
    for _ in range(2):
        assert browser.post(f"/complaints/{ident}/note", data=form).status_code == 302
    notes = select(ComplaintEvent).where(ComplaintEvent.kind == "noted")
    assert len(db.session.scalars(notes).all()) == 1


def test_a_key_of_another_case_or_a_forged_one_breaks_nothing(
    make: Factory, staff: Staff, browse: Any
) -> None:
    first, second = (brought_to(make, staff, State.IN_PROGRESS).id for _ in range(2))
    browser = browse(staff.handler)
    form = fields_of(case_page(browser, first, "note"), "note-form") | {"text": ["备注"]}
    for ident in (first, second):
        assert browser.post(f"/complaints/{ident}/note", data=form).status_code == 302
    notes = db.session.scalars(select(ComplaintEvent).where(ComplaintEvent.kind == "noted")).all()
    assert {one.complaint_id for one in notes} == {first, second}
    assert browser.post(f"/complaints/{first}/note", data=form | {"key": ["k" * 500]}).status_code == 422


def test_notes_stand_visibly_apart_from_replies(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    browser = browse(staff.handler)
    take(browser, ident, "note", text="内部说的话")
    take(browser, ident, "reply", text="对客户说的话")
    page = case_page(browser, ident)
    assert re.search(r'class="message internal">.*?内部说的话', page, re.DOTALL)
    assert re.search(r'class="message ours">.*?对客户说的话', page, re.DOTALL)


def test_the_page_says_why_it_is_due_then(make: Factory, staff: Staff, browse: Any) -> None:
    """Over the national holiday with its make-up Saturday; nothing is hidden."""
    make.now = datetime(2026, 9, 30, 8, 40, tzinfo=UTC)  # a Wednesday, 16:40 in Shanghai
    ident = made.case(make, acknowledged=True).id
    page = case_page(browse(staff.service), ident)
    assert "3 working days" in page
    for words in ("National Day, closed", "make-up working day (National Day)", "the day it began"):
        assert words in page


def test_who_handled_it_is_not_offered_the_callback(make: Factory, staff: Staff, browse: Any) -> None:
    both = make.user(roles=("customer_service", "department"), units=(staff.unit,), language="en")
    complaint = brought_to(make, staff, State.ASSIGNED)
    step = {"seen": None, "key": "", "by": both, "now": make.now}
    services.accept(complaint, **step)
    services.resolve(complaint, resolution=RESOLUTION, told=Channel.PHONE, **step)
    db.session.commit()
    ident = complaint.id
    page = case_page(browse(both), ident, "callback")
    assert 'id="callback-form"' not in page
    assert "Whoever handled the case does not ask about it." in page


def test_earlier_cases_of_the_customer_are_named_to_who_may_see_them(
    make: Factory, staff: Staff, browse: Any
) -> None:
    customer = make.customer(name="青禾餐饮")
    elsewhere = made.case(make, customer_id=customer.id, content="另一件不相干的事").id
    ident = brought_to(make, staff, State.IN_PROGRESS, customer_id=customer.id).id
    assert f'"/complaints/{elsewhere}"' in case_page(browse(staff.service), ident)
    seen_by_unit = case_page(browse(staff.handler), ident)
    assert "另一件不相干的事" not in seen_by_unit
    assert "/customers/" not in seen_by_unit, "the register is not open to departments"


def test_hostile_words_of_a_case_are_text(make: Factory, staff: Staff, browse: Any) -> None:
    evil = "<script>alert(1)</script>\"'{{7*7}}"
    ident = brought_to(make, staff, State.IN_PROGRESS, content=evil, contact_name=evil, contact_phone=evil).id
    browser = browse(staff.handler)
    for name in ("note", "reply", "add"):
        take(browser, ident, name, text=evil)
    for address in (f"/complaints/{ident}", "/complaints/?queue=all"):
        page = browser.get(address).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "49" not in re.findall(r"\{\{7\*7\}\}|>49<", page)


def test_outcomes_have_words() -> None:
    from app.blueprints.complaints import words

    assert set(words.OUTCOMES) == {outcome.value for outcome in Outcome}
    assert set(words.STATES) == {state.value for state in State}
    assert set(DOORS) == set(words.STEPS)
