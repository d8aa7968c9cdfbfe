"""The desk: who sees what, queues, search, and how little it asks of the database."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event

from app.blueprints.complaints.steps import DOORS
from app.extensions import db
from app.models import ComplaintText
from app.rules.complaints import Channel, State
from app.services import complaints as services
from app.services.complaints import searching
from tests.blueprints.cases import anything, stored
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

MOST_QUERIES = 9


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
        for one in (re.sub(r"<any\(.*\):\w+>", name, path) for name in DOORS):
            for method in ("GET", "POST"):
                if method not in (rule.methods or ()):
                    continue
                response = stranger.open(
                    one, method=method, data=anything(staff) if method == "POST" else None
                )
                # What belongs to no case may ask for more, or be done.
                assert response.status_code in (200, 302, 403, 404, 422), (one, response.status_code)
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


def test_search_finds_notes_replies_and_results_of_cases_one_may_see(
    make: Factory, staff: Staff, browse: Any
) -> None:
    case = brought_to(make, staff, State.IN_PROGRESS, content="空调不制冷")
    late = {"seen": None, "key": "", "by": staff.handler, "now": make.now}
    services.note(case, text="配件Ｋ-77缺货", **late)
    services.reply(case, text="您好，已向厂家订货", channel=Channel.PHONE, at=None, **late)
    services.resolve(case, resolution=made.RESOLUTION, told=None, **late)
    db.session.commit()
    service, stranger = browse(staff.service), browse(staff.stranger)
    for words in ("k-77", "厂家订货", "换了排水泵", "制冷 缺货", "缺货 厂家"):
        found = service.get("/complaints/", query_string={"q": words}).get_data(as_text=True)
        assert "空调不制冷" in found, words
        assert f'"/complaints/{case.id}"' not in stranger.get(
            "/complaints/", query_string={"q": words}
        ).get_data(as_text=True)
    nothing = service.get("/complaints/", query_string={"q": "缺货 发票"}).get_data(as_text=True)
    assert "No complaint fits" in nothing
    assert "缺货" not in service.get("/feedback/?q=厂家订货").get_data(as_text=True)


def test_cases_from_before_get_their_text_at_the_start(make: Factory, staff: Staff, browse: Any) -> None:
    case = brought_to(make, staff, State.RESOLVED, content="空调不制冷")
    db.session.execute(delete(ComplaintText))
    db.session.commit()
    for _ in range(2):
        searching.ensure()
    db.session.commit()
    page = browse(staff.service).get("/complaints/?q=排水泵").get_data(as_text=True)
    assert f'"/complaints/{case.id}"' in page


def test_a_list_asks_few_questions_however_long_it_is(make: Factory, staff: Staff, browse: Any) -> None:
    browser, asked = browse(staff.service), []

    def count(address: str) -> int:
        asked.clear()
        assert browser.get(address).status_code == 200
        return len([one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))])

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


@pytest.mark.parametrize(
    "query", ["queue=%00", "queue=x", "unit=9" + "9" * 30, "category=-1", "page=0", "q=%25_'"]
)
def test_odd_addresses_of_the_desk(make: Factory, staff: Staff, browse: Any, query: str) -> None:
    made.case(make)
    assert browse(staff.service).get(f"/complaints/?{query}").status_code == 200
