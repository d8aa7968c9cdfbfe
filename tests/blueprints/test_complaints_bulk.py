"""Many cases at once: each by itself, none half-done, nothing twice."""

import re
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, BulkRun, ComplaintEvent
from app.rules.complaints import State
from app.rules.complaints.bulk import MOST
from tests.blueprints.cases import stored
from tests.blueprints.forms import fields_of
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to


def form(browser: Any, action: str, ids: list[int], **typed: Any) -> dict[str, Any]:
    query = "&".join([f"action={action}", *(f"ids={one}" for one in ids)])
    fields = fields_of(browser.get(f"/complaints/bulk?{query}").get_data(as_text=True), "bulk-form")
    return fields | {name: [str(value)] for name, value in typed.items()}


def test_fifty_chosen_three_can_not_and_nothing_is_half_done(
    make: Factory, staff: Staff, browse: Any
) -> None:
    good = [made.case(make).id for _ in range(5)]
    busy, closed = brought_to(make, staff, State.IN_PROGRESS).id, brought_to(make, staff, State.CLOSED).id
    late = made.case(make).id
    browser = browse(staff.service)
    fields = form(browser, "assign", [*good, busy, closed, late], unit=staff.unit.id, reason="请尽快")
    assert len(fields["cases"]) == 8
    other = browse(staff.colleague)
    changed = form(other, "classify", [late], severity="major")
    assert other.post("/complaints/bulk/classify", data=changed).status_code == 302
    done = browser.post("/complaints/bulk/assign", data=fields)
    assert done.status_code == 302
    page = browser.get(done.location).get_data(as_text=True)
    assert "5 done, 3 not" in page
    for ident in (busy, closed, late):
        assert stored(ident).number in page
    assert page.count("not possible in the present state") == 2
    assert "Somebody else has changed it meanwhile" in page
    assert {stored(one).state for one in good} == {"assigned"}
    assert (stored(busy).state, stored(late).state, stored(closed).state) == (
        "in_progress",
        "received",
        "closed",
    )
    assert stored(late).severity == "major"
    again = re.search(r'href="(/complaints/bulk\?[^"]+)"[^>]*>Choose these again', page)
    assert again
    assert browser.get(again[1].replace("&amp;", "&")).get_data(as_text=True).count('name="cases"') == 3


def test_a_double_click_does_nothing_twice(make: Factory, staff: Staff, browse: Any) -> None:
    ids = [made.case(make).id for _ in range(3)]
    browser = browse(staff.service)
    fields = form(browser, "note", ids, text="下周统一回访")
    first = browser.post("/complaints/bulk/note", data=fields)
    second = browser.post("/complaints/bulk/note", data=fields)
    assert first.location == second.location
    notes = select(func.count()).select_from(ComplaintEvent).where(ComplaintEvent.kind == "noted")
    assert db.session.scalar(notes) == 3
    details = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.bulk")).one().detail
    assert details == {"step": "note", "done": 3, "left": 0}
    assert "下周统一回访" not in str([one.results for one in db.session.scalars(select(BulkRun))])


def test_classify_leaves_what_is_left_open(make: Factory, staff: Staff, browse: Any) -> None:
    one, two = (
        made.case(make).id,
        made.case(make, category_id=made.category("category.billing.invoice").id).id,
    )
    before = stored(one).category_id, stored(two).category_id
    browser = browse(staff.service)
    browser.post("/complaints/bulk/classify", data=form(browser, "classify", [one, two], severity="urgent"))
    assert (stored(one).category_id, stored(two).category_id) == before
    assert (stored(one).severity, stored(two).severity) == ("urgent", "urgent")


def test_close_asks_every_guard(make: Factory, staff: Staff, browse: Any) -> None:
    ids = [brought_to(make, staff, State.RESOLVED).id, made.case(make).id]
    browser = browse(staff.service)
    done = browser.post("/complaints/bulk/close", data=form(browser, "close", ids, outcome="satisfied"))
    page = browser.get(done.location).get_data(as_text=True)
    assert "0 done, 2 not" in page
    assert "Nobody has asked the customer" in page
    assert [stored(one).state for one in ids] == ["resolved", "received"]


def test_what_is_missing_is_said_and_what_was_chosen_stays(make: Factory, staff: Staff, browse: Any) -> None:
    ids = [made.case(make).id, made.case(make).id]
    browser = browse(staff.service)
    refused = browser.post("/complaints/bulk/assign", data=form(browser, "assign", ids))
    body = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Choose a unit." in body
    assert body.count('name="cases"') == 2
    assert "No complaint is chosen" in browser.get("/complaints/bulk").get_data(as_text=True)


def test_nobody_reaches_cases_he_can_not_see(make: Factory, staff: Staff, browse: Any) -> None:
    own = brought_to(make, staff, State.ASSIGNED).id
    hidden = made.case(make, content="绝密").id
    browser = browse(staff.handler)
    fields = form(browser, "note", [own, hidden], text="看一下")
    assert len(fields["cases"]) == 1, "the other one is not there"
    fields["cases"].append(f"{hidden}:1")
    done = browser.post("/complaints/bulk/note", data=fields)
    page = browser.get(done.location).get_data(as_text=True)
    assert "see this case any more" in page
    assert stored(hidden).number not in page
    assert [one.kind for one in stored(hidden).events] == ["received"]
    assert browse(staff.second).get(done.location).status_code == 404, "another one's list"


def test_all_that_were_found_up_to_a_limit(make: Factory, staff: Staff, browse: Any) -> None:
    for _ in range(3):
        made.case(make)
    made.case(make, content="发票抬头")
    page = browse(staff.service).get("/complaints/bulk?all=1&queue=all&q=漏水").get_data(as_text=True)
    assert page.count('name="cases"') == 3
    assert MOST == 200


def test_odd_addresses(make: Factory, staff: Staff, browse: Any) -> None:
    made.case(make)
    browser = browse(staff.service)
    for query in (
        "ids=x&ids=9999999999&ids=-1",
        "action=drop",
        "all=1&queue=x&category=0",
        "ids=" + "9" * 40,
    ):
        assert browser.get(f"/complaints/bulk?{query}").status_code == 200
    assert browser.get("/complaints/bulk/99999999999999").status_code in (400, 404)
    fields = form(browser, "note", [1], text="x") | {"cases": ["1", "x:1", "1:x", "9" * 30 + ":1"]}
    assert browser.post("/complaints/bulk/note", data=fields).status_code == 422
