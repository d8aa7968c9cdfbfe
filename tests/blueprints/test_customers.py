"""The pages of the customer register: list, one customer, contacts, segments, exports."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.errors import Refused
from app.extensions import db
from app.jobs import exports, imports, runner
from app.models import AuditEntry, Contact, Customer, CustomerLine, Invitation, Job, Segment, Survey
from app.rules.links import new_nonce
from app.services.customers import register
from tests.conftest import NOW
from tests.factories import Factory

HOSTILE = [
    "page=-1",
    "page=99999999999999999999999",
    "page=%EF%BC%91",
    "sort=%00",
    "sort=-",
    "unit=99999999999999999999",
    "unit=-3&unit=x",
    "since_from=0000-00-00&since_to=9999-99-99",
    "attribute=a%22b&attribute_value=1",
    "attribute=%27%24.x&attribute_value=%00",
    "attribute=x",
    "q=%25_%5C%00%ED%A0%80",
    "q=" + "x" * 5000,
    "region=" + "&region=".join("abcdefghij" * 20),
    "cols=nothing&cols=__class__",
    "tenure=x&reach=y&kind=z&key_account=perhaps",
]
XSS = "<script>alert(1)</script>\"'{{7*7}}"


REGISTERED = (exports, imports)
TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


@pytest.fixture
def sign_in(sign_in: Any) -> Any:
    """As the common fixture, with a browser that sends the token of its session."""

    def open_session(*roles: str) -> FlaskClient:
        browser: FlaskClient = sign_in(*roles)
        token = TOKEN.search(browser.get("/gallery").get_data(as_text=True))
        assert token is not None
        browser.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
        return browser

    return open_session


def work_off() -> None:
    """Do every queued job, as the worker would."""
    assert REGISTERED
    while claimed := runner.claim_job("test", NOW):
        runner.run_job(*claimed, "test")


def fields(customer: Customer, **changed: str) -> dict[str, str]:
    """What the edit form sends."""
    return {
        "version": str(customer.version),
        "code": customer.code,
        "name": customer.name,
        "kind": customer.kind,
        "unit_id": "0",
    } | changed


def test_list_searches_in_codes_names_and_contacts(sign_in: Any, make: Factory) -> None:
    wanted = make.customer(code="Z-77", name="青禾餐饮有限公司", email="wang@qinghe.example")
    make.customer(name="别的公司")
    browser = sign_in("marketing")
    for text in ("青禾", "z-77", "WANG@qinghe", "联系人1"):
        page = browser.get("/customers/", query_string={"q": text}).get_data(as_text=True)
        assert wanted.name in page
        assert "别的公司" not in page
        assert "One customer" in page


def test_filters_in_the_address_decide_what_is_shown(sign_in: Any, make: Factory) -> None:
    unit = make.unit(name="滨江店")
    mine = make.customer(
        region="华东", kind="individual", key_account=True, unit_id=unit.id, attributes={"行业": "餐饮"},
        customer_since=date(2026, 9, 1), lines=[CustomerLine(line="培训")], size="大型",
    )  # fmt: skip
    other = make.customer(name="其他客户", region="华南", customer_since=date(2020, 1, 1))
    browser = sign_in("management")
    for query in (
        "region=华东", "kind=individual", "key_account=yes", f"unit={unit.id}", "attribute=行业&attribute_value=餐饮",
        "tenure=new", "line=培训", "size=大型", "since_from=2026-01-01", "region=华东&region=华北",
    ):  # fmt: skip
        page = browser.get(f"/customers/?{query}").get_data(as_text=True)
        assert f">{mine.name}</a>" in page, query
        assert f">{other.name}</a>" not in page, query


def test_sorting_paging_and_columns(sign_in: Any, make: Factory) -> None:
    for number in range(60):
        db.session.add(
            Customer(code=f"N{number:03}", name=f"Firm {number:03}", created_at=NOW, updated_at=NOW)
        )
    db.session.commit()
    browser = sign_in("customer_service")
    first = browser.get("/customers/?sort=-code&cols=updated").get_data(as_text=True)
    assert "Firm 059" in first
    assert "Firm 005" not in first
    assert "1–50 of 60" in first
    assert 'aria-sort="descending"' in browser.get("/customers/?sort=-name").get_data(as_text=True)
    assert "51–60 of 60" in browser.get("/customers/?sort=-code&page=2").get_data(as_text=True)


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses_are_no_error(sign_in: Any, make: Factory, query: str) -> None:
    make.customer()
    browser = sign_in("marketing")
    for path in (
        "/customers/",
        "/customers/segments/matches",
        "/customers/segments/new",
        "/customers/imports",
    ):
        assert browser.get(f"{path}?{query}").status_code == 200


def test_a_customer_is_added_and_its_code_is_used_once(sign_in: Any, make: Factory) -> None:
    browser = sign_in("marketing")
    sent = {
        "code": "Q1", "name": "云启科技", "kind": "enterprise", "unit_id": "0", "lines": "咨询、培训, 运维",
        "attributes": "行业：科技\nWeb: https://a.example", "customer_since": "2024-05-01", "key_account": "y",
    }  # fmt: skip
    answer = browser.post("/customers/new", data=sent)
    assert answer.status_code == 302
    db.session.rollback()
    customer = db.session.scalar(select(Customer).filter_by(code="Q1"))
    assert [line.line for line in customer.lines] == ["咨询", "培训", "运维"] or len(customer.lines) == 3
    assert customer.attributes == {"行业": "科技", "Web": "https://a.example"}
    refused = browser.post("/customers/new", data=sent | {"code": "q1", "name": "Typed name"})
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "Another customer has this code" in page
    assert "Typed name" in page


def test_contacts_are_added_changed_and_removed(sign_in: Any, make: Factory) -> None:
    customer = make.customer()
    browser = sign_in("customer_service")
    base = f"/customers/{customer.id}/contacts"
    sent = {
        "name": "林晓",
        "email": "Lin@Firm.Example",
        "phone": "0571-5550 0136 转 12",
        "language": "en",
        "is_primary": "y",
    }
    assert browser.post(f"{base}/new", data=sent).status_code == 302
    db.session.rollback()
    contact = db.session.scalar(select(Contact).filter_by(name="林晓"))
    assert (contact.email, contact.phone) == ("Lin@firm.example", "057155500136;ext=12")
    assert [one.is_primary for one in customer.contacts] == [False, True]
    out = browser.post(f"{base}/{contact.id}", data=sent | {"opted_out": "y", "version": "2"})
    assert out.status_code == 302
    assert browser.post(f"{base}/{contact.id}/remove").status_code == 302
    db.session.rollback()
    assert db.session.get(Contact, contact.id).opted_out_at is not None
    assert "Opted out on" in browser.get(f"/customers/{customer.id}").get_data(as_text=True)
    bad = browser.post(f"{base}/new", data={"email": "nonsense"})
    assert bad.status_code == 422
    assert "is not an e-mail address" in bad.get_data(as_text=True)


def test_a_bad_address_can_be_trusted_again(sign_in: Any, make: Factory) -> None:
    customer = make.customer()
    contact = customer.contacts[0]
    contact.address_state, contact.address_note = "bad", "550 5.1.1 no such user"
    db.session.commit()
    browser = sign_in("marketing")
    assert "550 5.1.1" in browser.get(f"/customers/{customer.id}").get_data(as_text=True)
    browser.post(f"/customers/{customer.id}/contacts/{contact.id}/trust")
    db.session.rollback()
    assert db.session.get(Contact, contact.id).address_state == "ok"


def test_service_dates(sign_in: Any, make: Factory) -> None:
    customer = make.customer()
    browser = sign_in("marketing")
    url = f"/customers/{customer.id}/services"
    assert browser.post(url, data={"on": "2026-03-05", "what": "培训"}).status_code == 302
    assert browser.post(url, data={"on": "2026-03-05", "what": "培训"}).status_code == 422
    assert browser.post(url, data={"on": "soon"}).status_code == 422
    db.session.rollback()
    event = db.session.get(Customer, customer.id).service_events[0]
    assert browser.post(f"{url}/{event.id}/remove").status_code == 302
    db.session.rollback()
    assert db.session.get(Customer, customer.id).service_events == []


def test_foreign_and_unknown_rows_are_not_found(sign_in: Any, make: Factory) -> None:
    customer, other = make.customer(), make.customer()
    browser = sign_in("marketing")
    foreign = other.contacts[0].id
    for path in (
        "/customers/999999", "/customers/99999999999999999999", "/customers/segments/9", "/customers/imports/9",
        f"/customers/{customer.id}/contacts/{foreign}", "/customers/exports/9", "/customers/exports/9/file",
    ):  # fmt: skip
        assert browser.get(path).status_code in (400, 404), path
    for path in (
        f"/customers/{customer.id}/contacts/{foreign}/remove",
        f"/customers/{customer.id}/services/77/remove",
        "/customers/imports/9/run",
    ):
        assert browser.post(path).status_code == 404, path


def test_who_may_do_what(app: Flask, sign_in: Any, make: Factory) -> None:
    customer = make.customer()
    allowed = {
        "/customers/": {"management", "marketing", "customer_service"},
        f"/customers/{customer.id}": {"management", "marketing", "customer_service"},
        f"/customers/{customer.id}/edit": {"marketing", "customer_service"},
        "/customers/new": {"marketing", "customer_service"},
        "/customers/segments": {"management", "marketing", "customer_service"},
        "/customers/segments/new": {"marketing", "customer_service"},
        "/customers/imports": {"marketing", "customer_service"},
    }
    roles = (
        "administrator",
        "management",
        "marketing",
        "customer_service",
        "department",
        "interviewer",
        "viewer",
    )
    for role in roles:
        browser = sign_in(role)
        for path, holders in allowed.items():
            assert browser.get(path).status_code == (200 if role in holders else 403), (role, path)
    assert app.test_client().get("/customers/").status_code == 302


def test_names_of_strangers_are_escaped(sign_in: Any, make: Factory) -> None:
    customer = make.customer(
        name=f"O'Hara \"&\" 👍 \u202eRTL {XSS}", region=XSS, size=XSS[:30], attributes={XSS: XSS},
        lines=[CustomerLine(line=XSS)],
    )  # fmt: skip
    customer.contacts[0].name = XSS
    make.save(Segment(name=XSS, filters={"q": XSS, "region": [XSS, "b"]}, created_at=NOW))
    browser = sign_in("marketing")
    for path in (
        "/customers/", f"/customers/{customer.id}", f"/customers/{customer.id}/edit", "/customers/segments",
        "/customers/segments/1", f"/customers/?region={XSS}&region=b&attribute=a&attribute_value={XSS}",
    ):  # fmt: skip
        page = browser.get(path).get_data(as_text=True)
        assert "<script>alert" not in page, path
        assert "49" not in page or "{{7*7}}" in page


def test_segments_are_saved_counted_renamed_and_deleted(sign_in: Any, make: Factory) -> None:
    make.customer(region="华东")
    make.customer(region="华南")
    browser = sign_in("marketing")
    page = browser.get("/customers/segments/new?region=华东").get_data(as_text=True)
    assert "One customer" in page
    sent = {"name": "东部", "region": "华东"}
    assert browser.post("/customers/segments/new", data=sent).status_code == 302
    db.session.rollback()
    segment = db.session.scalar(select(Segment))
    assert segment.filters == {"region": ["华东"]}
    assert browser.post("/customers/segments/new", data=sent).status_code == 422
    block = browser.get("/customers/segments/matches?region=华南&region=华东", headers={"HX-Request": "true"})
    assert block.get_data(as_text=True).startswith('<section class="section" id="matches"')
    assert "2 customers" in block.get_data(as_text=True)
    browser.post(f"/customers/segments/{segment.id}", data={"name": "南部", "region": "华南", "version": "1"})
    assert "南部" in browser.get("/customers/segments").get_data(as_text=True)
    assert browser.post(f"/customers/segments/{segment.id}/delete").status_code == 302
    db.session.rollback()
    assert db.session.scalar(select(Segment)) is None


def invited(make: Factory, customer: Customer, *, anonymous: bool = False, finished: bool = False) -> Survey:
    """A survey of a loaded demonstration questionnaire that has invited the customer."""
    from app.models import Series
    from app.services.questionnaires import create_from_template, publish

    author = make.user(roles=("marketing",))
    version = publish(create_from_template("touchpoints", by=author, now=NOW).versions[0], by=author, now=NOW)
    series = make.save(Series(name={"zh": "系列", "en": "Series"}, created_at=NOW))
    survey = make.save(
        Survey(
            series_id=series.id, name={"zh": "调查", "en": "Wave"}, version_id=version.id, opens_at=NOW,
            closes_at=NOW + timedelta(days=9), created_at=NOW, anonymous=anonymous, state="live",
        )
    )  # fmt: skip
    make.save(
        Invitation(
            survey_id=survey.id, contact_id=customer.contacts[0].id, customer_id=customer.id, nonce=new_nonce(),
            language="zh", created_at=NOW, started=finished, finished=finished,
        )
    )  # fmt: skip
    return survey


def test_a_segment_in_use_stays(sign_in: Any, make: Factory) -> None:
    segment = make.save(Segment(name="All", filters={}, created_at=NOW))
    survey = invited(make, make.customer())
    survey.segment_id = segment.id
    db.session.commit()
    browser = sign_in("marketing")
    answer = browser.post(f"/customers/segments/{segment.id}/delete", follow_redirects=True)
    assert "A survey uses this segment" in answer.get_data(as_text=True)
    assert "t be deleted: a survey uses it" in answer.get_data(as_text=True)


def test_time_line_keeps_the_secret_of_anonymous_surveys(sign_in: Any, make: Factory) -> None:
    known, hidden = make.customer(), make.customer()
    invited(make, known, finished=True)
    invited(make, hidden, anonymous=True, finished=True)
    browser = sign_in("management")
    assert "Answered in full" in browser.get(f"/customers/{known.id}").get_data(as_text=True)
    page = browser.get(f"/customers/{hidden.id}").get_data(as_text=True)
    assert "Answered in full" not in page
    assert "An anonymous survey" in page


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_export_holds_what_is_shown_and_is_for_whoever_asked(
    sign_in: Any, make: Factory, tmp_path: Path, ending: str
) -> None:
    make.customer(name='=HYPERLINK("http://evil")', region="华东", attributes={"备注": "@SUM(1)\x0b"})
    make.customer(name="不导出", region="华南")
    browser = sign_in("marketing")
    answer = browser.post("/customers/export", data={"region": "华东", "format": ending})
    waiting = answer.headers["Location"]
    assert "Writing the file" in browser.get(waiting).get_data(as_text=True)
    work_off()
    assert "The file is ready" in browser.get(waiting).get_data(as_text=True)
    target = tmp_path / f"got.{ending}"
    with browser.get(f"{waiting}/file") as fetched:
        assert fetched.status_code == 200
        assert "attachment" in fetched.headers["Content-Disposition"]
        target.write_bytes(fetched.data)
    from app.adapters.workbook.reader import read_rows

    rows = [row.cells for row in read_rows(target, header_row=0)]
    assert len(rows) == 2
    assert rows[1][1] == '=HYPERLINK("http://evil")'
    if ending == "csv":
        assert b"'=HYPERLINK" in target.read_bytes()
    other = sign_in("marketing")
    assert other.get(waiting).status_code == 404
    assert other.get(f"{waiting}/file").status_code == 404
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert "customers.exported" in actions


def test_an_export_is_gone_after_a_day(app: Flask, sign_in: Any, make: Factory) -> None:
    browser = sign_in("marketing")
    waiting = browser.post("/customers/export", data={}).headers["Location"]
    work_off()
    folder = app.config["HEED"].data / "exports"
    job = db.session.scalar(select(Job))
    (folder / job.result["file"]).unlink()
    assert browser.get(f"{waiting}/file").status_code == 404
    assert "The file is gone" in browser.get(waiting).get_data(as_text=True)


def test_two_who_take_the_same_code_at_once(make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later one has looked before the earlier one stored: the database says it, and nothing else is lost."""
    by = make.user(roles=("customer_service",))
    make.customer(code="A-1", name="先到的")
    other = make.customer(code="A-2", name="原名")
    monkeypatch.setattr(register.queries, "by_code", lambda _code: None)
    with pytest.raises(Refused, match="code_taken"):
        register.create_customer(register.CustomerFacts("A-1", "后到的"), by=by, now=make.now)
    with pytest.raises(Refused, match="code_taken"):
        register.edit_customer(
            other, register.CustomerFacts("A-1", "改名"), version=other.version, by=by, now=make.now
        )
    assert other.name == "原名"
    assert db.session.scalar(select(func.count(Customer.id))) == 2
