"""At the desk: canned replies, who else is there, and drafts that are not lost."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import AuditEntry, CannedReply, ComplaintDraft, ComplaintPresence, Delivery, UserUnit
from app.rules.complaints import State
from app.services.complaints import drafts, presence
from tests.blueprints.cases import case_page, stored, take
from tests.blueprints.forms import fields_of, send
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to

ADDRESS = "li@kunde.example"


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def canned(make: Factory, **fields: Any) -> int:
    values = {
        "name": "请发照片",
        "name_en": "Ask for a photo",
        "text": "{客户}您好，请发照片。编号 {编号}，{部门}",
    }
    reply: CannedReply = make.save(CannedReply(**(values | fields)))
    return reply.id


def typed(browser: Any, ident: int, name: str, **fields: Any) -> dict[str, Any]:
    page = fields_of(case_page(browser, ident, name), f"{name}-form")
    return page | {key: [str(value)] for key, value in fields.items()}


def test_a_canned_reply_is_put_in_and_nothing_is_sent(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS, contact_name="李娜", contact_email=ADDRESS).id
    number, reply = stored(ident).number, canned(make)
    mails = db.session.scalar(select(func.count(Delivery.id)))
    browser = browse(staff.handler)
    for name, field in (("reply", "text"), ("resolve", "reply"), ("wait", "what")):
        data = typed(browser, ident, name, canned=reply, insert=1, **{field: "已经写的"})
        answer = browser.post(f"/complaints/{ident}/{name}", data=data)
        assert answer.status_code == 200
        text = fields_of(answer.get_data(as_text=True), f"{name}-form")[field][0].strip()
        assert text == f"已经写的\n\n李娜您好，请发照片。编号 {number}，城西店"
    assert [one.kind for one in stored(ident).events] == ["received", "assigned", "accepted"]
    assert db.session.scalar(select(func.count(Delivery.id))) == mails
    nothing = browser.post(
        f"/complaints/{ident}/reply", data=typed(browser, ident, "reply", canned="x", insert=1)
    )
    assert nothing.status_code == 200


def test_forms_say_whether_and_where_a_mail_goes(make: Factory, staff: Staff, browse: Any) -> None:
    known = brought_to(make, staff, State.IN_PROGRESS, contact_email=ADDRESS).id
    unknown = brought_to(make, staff, State.IN_PROGRESS).id
    browser = browse(staff.handler)
    for name in ("reply", "resolve", "wait"):
        page = case_page(browser, known, name)
        form = page[page.index(f'id="{name}-form"') :].split("</form>")[0]
        assert "l•••@kunde.example" in form
        assert ADDRESS not in form
        page = case_page(browser, unknown, name)
        assert "No mail goes out" in page[page.index(f'id="{name}-form"') :].split("</form>")[0]


def test_leads_write_canned_replies(make: Factory, staff: Staff, browse: Any) -> None:
    browser = browse(staff.service)
    new = {"name": "致歉", "text": "{客户}您好，{price}"}
    refused = send(browser, "/complaints/canned/new", **new)
    assert refused.status_code == 422
    assert "{price}" in refused.get_data(as_text=True)
    assert send(browser, "/complaints/canned/new", **(new | {"text": "{客户}您好"})).status_code == 302
    ident = db.session.scalars(select(CannedReply.id)).one()
    page = browser.get(f"/complaints/canned/{ident}").get_data(as_text=True)
    fields = fields_of(page, "edit-form")
    assert browser.post(f"/complaints/canned/{ident}", data=fields | {"name": ["致歉二"]}).status_code == 302
    late = browser.post(f"/complaints/canned/{ident}", data=fields | {"name": ["致歉三"]})
    assert late.status_code == 409
    assert "致歉二" in late.get_data(as_text=True)
    assert "致歉三" in late.get_data(as_text=True)
    send(browser, f"/complaints/canned/{ident}/away", page="/complaints/canned")
    db.session.rollback()
    case = brought_to(make, staff, State.IN_PROGRESS).id
    assert "reply-canned" not in case_page(browser, case, "reply")
    send(browser, f"/complaints/canned/{ident}/back", page="/complaints/canned")
    assert "致歉二" in case_page(browser, case, "reply")


def test_where_customer_service_has_a_lead_only_he_writes_them(
    make: Factory, staff: Staff, browse: Any
) -> None:
    staff.colleague.unit_links = [UserUnit(unit_id=staff.unit.id, is_head=True)]
    db.session.commit()
    refused = send(browse(staff.service), "/complaints/canned/new", name="x", text="x")
    assert refused.status_code == 422
    assert "not yours" in refused.get_data(as_text=True)
    assert "New reply" not in browse(staff.service).get("/complaints/canned").get_data(as_text=True)
    assert send(browse(staff.colleague), "/complaints/canned/new", name="x", text="x").status_code == 302
    assert browse(staff.handler).get("/complaints/canned/new").status_code == 403


def beat(browser: Any, ident: int) -> str:
    token = re.search(r'name="csrf_token" value="([^"]+)"', case_page(browser, ident))
    assert token
    answer = browser.post(
        f"/complaints/{ident}/here", headers={"HX-Request": "true", "X-CSRFToken": token[1]}
    )
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_who_else_has_it_open(
    make: Factory, staff: Staff, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = brought_to(make, staff, State.IN_PROGRESS)
    ident, version = case.id, case.version
    service, handler = browse(staff.service), browse(staff.handler)
    assert "Also open" not in beat(service, ident)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=2))
    assert "林晓雯, 2 minutes ago" in re.sub(r"\s+", " ", beat(handler, ident))
    assert "沈一凡" in case_page(service, ident), "without a script too"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=6))
    assert "Also open" not in re.sub("沈一凡", "", case_page(handler, ident))
    assert stored(ident).version == version, "the case itself does not change"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1))
    beat(service, ident)
    assert count(ComplaintPresence) == 1, "old rows are gone"
    stranger = browse(staff.stranger)
    assert send(stranger, f"/complaints/{ident}/here", page="/complaints/canned").status_code == 404


def test_opening_a_case_writes_nothing(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    case_page(browse(staff.service), ident)
    assert count(ComplaintPresence) == 0


def keep(browser: Any, ident: int, name: str, **fields: Any) -> Any:
    return browser.post(f"/complaints/{ident}/{name}/draft", data=typed(browser, ident, name, **fields))


def test_a_draft_is_his_alone_and_gone_with_the_step(
    make: Factory, staff: Staff, browse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    handler, second = browse(staff.handler), browse(staff.second)
    with caplog.at_level(logging.DEBUG):
        assert keep(handler, ident, "reply", text="草稿里的话", channel="visit").status_code == 302
    assert "草稿里的话" not in caplog.text
    assert "草稿里的话" not in str([one.detail for one in db.session.scalars(select(AuditEntry))])
    page = case_page(handler, ident, "reply")
    assert fields_of(page, "reply-form")["text"][0].strip() == "草稿里的话"
    assert fields_of(page, "reply-form")["channel"] == ["visit"]
    assert "Your draft of" in page
    assert "草稿里的话" not in case_page(second, ident, "reply")
    sent = typed(handler, ident, "reply")
    assert handler.post(f"/complaints/{ident}/reply", data=sent).status_code == 302
    assert count(ComplaintDraft) == 0
    handler.post(f"/complaints/{ident}/reply/draft", data=sent)
    assert count(ComplaintDraft) == 0, "what comes late is not kept"


def test_a_draft_survives_a_transfer_and_a_stale_save(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    handler, service = browse(staff.handler), browse(staff.service)
    old = typed(handler, ident, "resolve", result="换了泵", remedy="免费")
    keep(handler, ident, "resolve", result="换了泵", remedy="免费")
    assert take(service, ident, "classify", severity="major").status_code == 302
    assert handler.post(f"/complaints/{ident}/resolve", data=old).status_code == 409
    assert fields_of(case_page(handler, ident, "resolve"), "resolve-form")["result"][0].strip() == "换了泵"
    moved = take(service, ident, "transfer", unit=staff.other.id, reason="归城东")
    assert moved.status_code == 302
    page = case_page(handler, ident)
    assert "换了泵" in page, "the form is gone, the text is not"
    assert "not possible at present" in page
    send(handler, f"/complaints/{ident}/resolve/draft/drop", page="/complaints/canned")
    assert "换了泵" not in case_page(handler, ident)


def test_a_draft_is_kept_without_a_form_being_right(make: Factory, staff: Staff, browse: Any) -> None:
    ident = brought_to(make, staff, State.IN_PROGRESS).id
    browser = browse(staff.handler)
    data = typed(browser, ident, "wait", what="要照片", until="nonsense", unknown="x" * 20_000)
    answer = browser.post(f"/complaints/{ident}/wait/draft", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Kept as a draft" in answer.get_data(as_text=True)
    row = db.session.scalars(select(ComplaintDraft)).one()
    assert row.typed["what"] == "要照片"
    assert "unknown" not in row.typed
    assert "csrf_token" not in row.typed
    assert "Your draft: Wait" in case_page(browser, ident)
    empty = typed(browser, ident, "wait", what=" ", until="", party="")
    browser.post(f"/complaints/{ident}/wait/draft", data=empty)
    assert count(ComplaintDraft) == 0


def test_old_drafts_and_presence_go(make: Factory, staff: Staff) -> None:
    case = brought_to(make, staff, State.IN_PROGRESS)
    drafts.keep(case, "note", {"text": "x"}, texts=["text"], key="", by=staff.handler, now=make.now)
    presence.beat(case, by=staff.handler, now=make.now)
    drafts.forget_old(now=make.now + timedelta(days=59))
    assert len(db.session.scalars(select(ComplaintDraft)).all()) == 1
    drafts.forget_old(now=make.now + timedelta(days=61))
    assert db.session.scalars(select(ComplaintDraft)).all() == []
