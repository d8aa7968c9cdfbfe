"""Saved views: named, shared, the one to begin with, deleted and brought back."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import SavedView
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff


def save(browser: Any, query: str, name: str, **more: Any) -> Any:
    page = browser.get(f"/complaints/views?{query}").get_data(as_text=True)
    fields = fields_of(page, "edit-form") | {"name": [name]} | {key: [value] for key, value in more.items()}
    return browser.post("/complaints/views", data=fields)


def view_of(name: str) -> SavedView:
    db.session.expire_all()
    return db.session.scalars(select(SavedView).where(SavedView.name == name)).one()


def test_a_view_shows_what_it_was_saved_with(make: Factory, staff: Staff, browse: Any) -> None:
    made.case(make, content="空调漏水")
    made.case(make, content="发票抬头开错")
    browser = browse(staff.service)
    saved = save(browser, "queue=all&q=发票&severity=general", "发票")
    assert saved.status_code == 302
    page = browser.get(saved.location).get_data(as_text=True)
    assert "发票抬头开错" in page
    assert "空调漏水" not in page
    assert 'aria-current="page"' in page
    assert view_of("发票").filters == {"queue": "all", "q": "发票", "severity": "general"}


def test_only_shared_ones_are_on_others_desks(make: Factory, staff: Staff, browse: Any) -> None:
    made.case(make)
    service, colleague, handler = browse(staff.service), browse(staff.colleague), browse(staff.handler)
    save(service, "queue=overdue", "我的逾期")
    save(service, "queue=callbacks", "共享回访", shared="y")
    save(handler, "queue=mine", "部门的", shared="y")
    others = colleague.get("/complaints/?queue=all").get_data(as_text=True)
    assert "共享回访" in others
    assert "我的逾期" not in others
    assert "部门的" not in others, "only customer service shares"
    assert "共享回访" not in handler.get("/complaints/?queue=all").get_data(as_text=True)
    shared, own = view_of("共享回访").id, view_of("我的逾期").id
    assert colleague.get(f"/complaints/views/{shared}").status_code == 404, "it stays its owner's"
    assert send(colleague, f"/complaints/views/{shared}/delete", page="/complaints/canned").status_code == 404
    assert send(colleague, f"/complaints/views/{own}/first", page="/complaints/canned").status_code == 404


def test_the_desk_begins_with_a_view(make: Factory, staff: Staff, browse: Any) -> None:
    browser = browse(staff.service)
    assert browser.get("/complaints/").status_code == 200
    saved = save(browser, "queue=waiting", "等待", first="y")
    begins = browser.get("/complaints/")
    assert (begins.status_code, begins.location) == (302, saved.location)
    assert browser.get(begins.location).status_code == 200
    send(browser, f"/complaints/views/{view_of('等待').id}/delete", page="/complaints/canned")
    assert browser.get("/complaints/").status_code == 200, "a deleted one is not begun with"
    send(browser, f"/complaints/views/{view_of('等待').id}/restore", page="/complaints/views")
    assert browser.get("/complaints/").status_code == 302
    send(browser, "/complaints/views/first/none", page="/complaints/views")
    assert browser.get("/complaints/").status_code == 200


def test_rename_delete_and_undo(make: Factory, staff: Staff, browse: Any) -> None:
    browser = browse(staff.service)
    save(browser, "queue=waiting", "等待")
    ident = view_of("等待").id
    fields = fields_of(browser.get(f"/complaints/views/{ident}").get_data(as_text=True), "edit-form")
    assert browser.post(f"/complaints/views/{ident}", data=fields | {"name": ["等客户"]}).status_code == 302
    late = browser.post(f"/complaints/views/{ident}", data=fields | {"name": ["另一个"]})
    assert late.status_code == 409
    assert "等客户" in late.get_data(as_text=True)
    assert browser.post(f"/complaints/views/{ident}", data=fields | {"name": [" "]}).status_code == 422
    send(browser, f"/complaints/views/{ident}/delete", page="/complaints/views")
    page = browser.get("/complaints/views").get_data(as_text=True)
    assert "Undo" in page
    assert "等客户" not in browser.get("/complaints/?queue=all").get_data(as_text=True)
    send(browser, f"/complaints/views/{ident}/restore", page="/complaints/views")
    assert "等客户" in browser.get("/complaints/?queue=all").get_data(as_text=True)


def test_only_so_many(make: Factory, staff: Staff, browse: Any) -> None:
    for number in range(30):
        make.save(SavedView(owner_id=staff.service.id, name=str(number), filters={}))
    refused = save(browse(staff.service), "queue=all", "too many")
    assert refused.status_code == 422
    assert "Delete one first" in refused.get_data(as_text=True)
