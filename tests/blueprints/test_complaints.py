"""The desk and the case page: queues, search, every step through its form, and nothing typed is lost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app import clock
from app.blueprints.complaints.steps import DOORS
from app.extensions import db
from app.models import Complaint, ComplaintEvent, User
from app.rules.complaints import STEPS, Channel, Outcome, Satisfaction, State
from app.services import complaints as services
from tests.blueprints.forms import fields_of
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import RESOLUTION, Staff, brought_to

MOST_QUERIES = 9
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


@pytest.fixture
def staff(make: Factory) -> Staff:
    # The pages read the real clock.
    make.now = clock.now().replace(microsecond=0)
    make.firm()
    return Staff(make)


@pytest.fixture
def browse(app: Flask, make: Factory) -> Any:
    """Return a function: a browser of a user, which sends the token of its session."""

    def opened(user: User) -> FlaskClient:
        browser: FlaskClient = app.test_client()
        make.session_for(browser, user)
        token = TOKEN.search(browser.get("/account").get_data(as_text=True))
        assert token is not None
        browser.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
        return browser

    return opened


def case_page(browser: FlaskClient, complaint_id: int, do: str = "") -> str:
    return browser.get(f"/complaints/{complaint_id}?do={do}").get_data(as_text=True)


def take(browser: FlaskClient, complaint_id: int, name: str, **typed: Any) -> Any:
    """Open the form of a step as a person does, type, and send it."""
    fields = fields_of(case_page(browser, complaint_id, name), f"{name}-form")
    sent = fields | {key: [str(value)] for key, value in typed.items()}
    return browser.post(f"/complaints/{complaint_id}/{name}", data=sent)


def stored(complaint_id: int) -> Complaint:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Complaint, complaint_id)


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


def anything(staff: Staff) -> dict[str, Any]:
    """Whatever any form could ask for."""
    text = dict.fromkeys(
        ("text", "reason", "what", "result", "remedy", "reply", "cause_text", "prevention"), "x"
    )
    chosen = {"unit": staff.other.id, "party": "customer", "until": "2099-01-01", "answer": "partly"}
    return text | chosen | {"outcome": "unreachable", "channel": "phone", "severity": "major", "version": "1"}


def test_a_department_walked_over_every_route_never_sees_anothers_case(
    app: Flask, make: Factory, staff: Staff, browse: Any
) -> None:
    """T46: list, search, page, every step: what is another unit's is not there."""
    secret = "绝密的内容"
    ident = brought_to(make, staff, State.IN_PROGRESS, content=secret).id
    number = stored(ident).number
    stranger = browse(staff.stranger)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("complaints.")]
    assert len(rules) > 5
    for rule in rules:
        path = rule.rule.replace("<int:complaint_id>", str(ident)).replace("<int:feedback_id>", "1")
        for one in (re.sub(r"<any\(.*\):name>", name, path) for name in DOORS):
            for method in ("GET", "POST"):
                if method not in (rule.methods or ()):
                    continue
                response = stranger.open(
                    one, method=method, data=anything(staff) if method == "POST" else None
                )
                assert response.status_code in (200, 403, 404), (one, response.status_code)
                if one.startswith(f"/complaints/{ident}"):
                    assert response.status_code == 404, one
                assert secret not in response.get_data(as_text=True), one
    for query in ("绝密", number, "queue", "queue=all", "queue=closed", f"unit={staff.unit.id}"):
        listed = stranger.get("/complaints/?" + (query if "=" in query else f"q={query}")).get_data(
            as_text=True
        )
        assert secret not in listed
        assert f"/complaints/{ident}" not in listed
    assert [one.kind for one in stored(ident).events] == ["received", "assigned", "accepted"]


def test_a_case_about_a_person_is_not_there_for_that_person(make: Factory, staff: Staff, browse: Any) -> None:
    ident = made.case(make, about_user_id=staff.service.id, content="投诉林晓雯").id
    browser = browse(staff.service)
    assert browser.get(f"/complaints/{ident}").status_code == 404
    for address in (
        "/complaints/?q=投诉林晓雯",
        "/feedback/?q=投诉林晓雯",
        "/complaints/?queue=all",
        "/feedback/",
    ):
        assert "投诉林晓雯。" not in browser.get(address).get_data(as_text=True)
        assert f"/complaints/{ident}" not in browser.get(address).get_data(as_text=True)
    assert browse(staff.colleague).get(f"/complaints/{ident}").status_code == 200


def test_queues_hold_what_their_names_say(make: Factory, staff: Staff, browse: Any) -> None:
    found = {state: brought_to(make, staff, state).id for state in State}
    yesterday = make.now - timedelta(days=20)
    found["late"] = made.case(make, at=yesterday).id  # type: ignore[index]
    service, handler = browse(staff.service), browse(staff.handler)

    def listed(browser: FlaskClient, queue: str) -> set[str]:
        page = browser.get(f"/complaints/?queue={queue}").get_data(as_text=True)
        return {str(key) for key, ident in found.items() if f'"/complaints/{ident}"' in page}

    working = {"in_progress", "waiting"}
    assert listed(service, "unassigned") == {"received", "late"}
    assert listed(service, "overdue") == {"late"}
    assert listed(service, "waiting") == {"waiting"}
    assert listed(service, "callbacks") == {"resolved"}
    assert listed(service, "closed") == {"closed"}
    assert listed(service, "all") == {"received", "assigned", "resolved", "late"} | working
    assert listed(handler, "mine") == working
    assert listed(handler, "unit") == working | {"assigned"}
    counts = service.get("/complaints/").get_data(as_text=True)
    for label, number in (("Unassigned", 2), ("Waiting", 1), ("Callbacks", 1), ("All open", 6)):
        assert f'{label}<span class="count">{number}</span>' in counts


@pytest.mark.parametrize(
    "words", ["漏水", "水泵 漏", "26-", "青禾", "１３８", "13800", "c-４", "FULL", "full"]
)
def test_search_finds_chinese_parts_numbers_and_other_widths(
    make: Factory, staff: Staff, browse: Any, words: str
) -> None:
    customer = make.customer(name="青禾餐饮", code="C-4")
    target = made.case(
        make, content="机房水泵漏水，Full 停机", customer_id=customer.id, contact_phone="13800", at=make.now
    )
    text = words if words != "26-" else target.number
    made.case(make, content="发票抬头开错", contact_phone="15900")
    page = browse(staff.service).get("/complaints/", query_string={"q": text}).get_data(as_text=True)
    assert "水泵漏水" in page
    assert "发票抬头" not in page


def test_a_list_asks_few_questions_however_long_it_is(make: Factory, staff: Staff, browse: Any) -> None:
    browser, asked = browse(staff.service), []

    def count(address: str) -> int:
        asked.clear()
        assert browser.get(address).status_code == 200
        return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])

    for _ in range(2):
        made.case(make)
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    few = {
        address: count(address) for address in ("/complaints/?queue=all", "/complaints/?q=漏水", "/feedback/")
    }
    for _ in range(8):
        made.case(make, customer_id=make.customer().id)
    for address, number in few.items():
        assert count(address) == number <= MOST_QUERIES, (address, asked)


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


@pytest.mark.parametrize(
    "query", ["queue=%00", "queue=x", "unit=9" + "9" * 30, "category=-1", "page=0", "q=%25_'"]
)
def test_odd_addresses_of_the_desk(make: Factory, staff: Staff, browse: Any, query: str) -> None:
    made.case(make)
    assert browse(staff.service).get(f"/complaints/?{query}").status_code == 200


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
