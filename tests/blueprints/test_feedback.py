"""Recording feedback while a customer talks, and the list of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Complaint, CustomerImport, CustomerImportRow, Feedback
from app.queries.imports import depending_ids
from app.rules.complaints import Channel, Kind
from tests.blueprints.forms import fields_of
from tests.factories import Factory
from tests.factories import complaints as made

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')
NEW = "/feedback/new"


@pytest.fixture
def service(make: Factory, sign_in: Any) -> FlaskClient:
    make.now = clock.now().replace(microsecond=0)
    made.record(make, content="先前的一件")
    browser: FlaskClient = sign_in("customer_service", language="en")
    token = TOKEN.search(browser.get("/account").get_data(as_text=True))
    assert token is not None
    browser.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
    return browser


def form(browser: FlaskClient, **typed: Any) -> dict[str, list[str]]:
    fields = fields_of(browser.get(NEW).get_data(as_text=True), "feedback-form")
    return fields | {key: [str(value)] for key, value in typed.items()}


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Feedback.id))) or 0


def latest() -> Feedback:
    db.session.rollback()
    return db.session.scalars(select(Feedback).order_by(Feedback.id.desc()).limit(1)).one()


def test_words_and_a_category_are_enough(service: FlaskClient) -> None:
    category = made.category().id
    response = service.post(NEW, data=form(service, content="空调漏水。", category=category))
    assert response.status_code == 302
    case = db.session.scalars(select(Complaint).where(Complaint.feedback_id == latest().id)).one()
    assert response.location == f"/complaints/{case.id}"
    assert case.number in service.get(response.location).get_data(as_text=True)
    assert [one.kind for one in case.events] == ["received", "acknowledged"]


def test_a_known_customer_is_found_while_typing(make: Factory, service: FlaskClient) -> None:
    customer = make.customer(name="青禾餐饮", code="HX0001")
    ident = customer.id
    for words in ("青禾", "hx00"):
        part = service.get(
            "/feedback/customers", query_string={"customer_words": words}, headers={"HX-Request": "true"}
        ).get_data(as_text=True)
        assert part.lstrip().startswith('<div id="customers"')
        assert f'value="{ident}" checked' in part, "the only one that fits is taken"
    sent = form(service, content="漏水", category=made.category().id, customer=ident, customer_words="青禾")
    service.post(NEW, data=sent)
    assert (latest().customer_id, latest().contact_name) == (ident, "")


def test_whoever_is_not_on_record_is_kept_by_name(service: FlaskClient) -> None:
    sent = form(service, content="漏水", category=made.category().id, customer_words="路过的王女士")
    service.post(NEW, data=sent)
    assert (latest().customer_id, latest().contact_name) == (None, "路过的王女士")


def test_searching_without_script_loses_nothing(make: Factory, service: FlaskClient) -> None:
    make.customer(name="青禾餐饮")
    before = count()
    sent = form(service, content="已经写了很多的内容", customer_words="青禾") | {"search": ["1"]}
    response = service.post(NEW, data=sent)
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert "已经写了很多的内容" in page
    assert "青禾餐饮" in page
    assert "There is something to put right" not in page
    assert count() == before


def test_a_refused_form_keeps_every_word(service: FlaskClient) -> None:
    later = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    sent = form(service, content="内容", contact_email="no address", contact_phone="13800", received_at=later)
    response = service.post(NEW, data=sent)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    for words in ("内容", "no address", "13800", "Choose a category", "Enter an e-mail address"):
        assert words in page
    sent |= {"category": [str(made.category().id)], "contact_email": [""]}
    refused = service.post(NEW, data=sent)
    assert refused.status_code == 409
    assert "That time lies in the future" in refused.get_data(as_text=True)
    assert count() == 1


def test_the_same_form_twice_is_recorded_once(service: FlaskClient) -> None:
    sent = form(service, content="漏水", category=made.category().id)
    first, second = service.post(NEW, data=sent), service.post(NEW, data=sent)
    assert first.location == second.location
    assert count() == 2


@pytest.mark.parametrize("kind", ["suggestion", "praise", "question"])
def test_other_feedback_is_listed_and_read(service: FlaskClient, kind: str) -> None:
    sent = form(service, kind=kind, content="发短信提醒就好了", category=made.category().id)
    assert service.post(NEW, data=sent).location == "/feedback/"
    ident = latest().id
    page = service.get("/feedback/").get_data(as_text=True)
    assert f'"/feedback/{ident}"' in page
    assert "发短信提醒就好了" in service.get(f"/feedback/{ident}").get_data(as_text=True)


def test_a_complaint_in_the_list_leads_to_its_case(service: FlaskClient) -> None:
    ident = latest().id
    assert service.get(f"/feedback/{ident}").location.startswith("/complaints/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=praise", {"表扬"}),
        ("channel=web", {"网上"}),
        ("q=表扬", {"表扬"}),
        ("q=先前", {"先前的一件"}),
        ("since=2020-01-01", {"表扬", "网上", "先前的一件"}),
        ("until=2020-01-01", set()),
        ("since=0000-99-99&until=x", {"表扬", "网上", "先前的一件"}),
        ("kind=%00&channel=x&category=-1&unit=999999999999999999999", {"表扬", "网上", "先前的一件"}),
    ],
)
def test_filters(make: Factory, service: FlaskClient, query: str, found: set[str]) -> None:
    made.record(make, kind=Kind.PRAISE, content="表扬")
    made.record(make, kind=Kind.QUESTION, content="网上", channel=Channel.WEB)
    page = service.get(f"/feedback/?{query}").get_data(as_text=True)
    assert {words for words in ("表扬", "网上", "先前的一件") if f">{words}</a>" in page} == found


def test_a_category_holds_what_stands_below_it(make: Factory, service: FlaskClient) -> None:
    above = made.category("category.repair").id
    other = made.category("category.billing").id
    assert "先前的一件</a>" in service.get(f"/feedback/?category={above}").get_data(as_text=True)
    assert "先前的一件</a>" not in service.get(f"/feedback/?category={other}").get_data(as_text=True)


def test_an_empty_list_teaches(make: Factory, sign_in: Any) -> None:
    page = sign_in("customer_service", language="en").get("/feedback/").get_data(as_text=True)
    assert "No feedback yet" in page
    assert "/feedback/new" in page


def test_forged_values_are_refused_and_never_our_fault(service: FlaskClient) -> None:
    good = form(service, content="漏水", category=made.category().id)
    for name, value in (
        ("category", "999999"),
        ("category", "x"),
        ("kind", "order"),
        ("severity", "fatal"),
        ("channel", "fax"),
        ("unit", "99999999"),
        ("about", "12345"),
        ("customer", "999999999999999999999999"),
        ("customer", "-1"),
        ("received_at", "yesterday"),
        ("language", "xx"),
        ("key", "k" * 400),
    ):
        response = service.post(NEW, data=good | {name: [value], "key": [f"{name}{value}"[:60]]})
        assert response.status_code in (302, 422), (name, value)


def test_the_customer_page_leads_to_a_form_that_knows_the_customer(
    make: Factory, service: FlaskClient
) -> None:
    customer = make.customer(name="青禾餐饮").id
    address = f"/feedback/new?customer={customer}"
    assert address in service.get(f"/customers/{customer}").get_data(as_text=True)
    filled = fields_of(service.get(address).get_data(as_text=True), "feedback-form")
    assert filled["customer"] == [str(customer)]


def test_an_import_whose_customer_has_told_us_something_is_not_taken_back(make: Factory) -> None:
    customer = make.customer()
    imported = make.save(
        CustomerImport(
            filename="x.csv",
            path="x",
            sha256="0" * 64,
            state="done",
            created_at=make.now,
            finished_at=make.now,
        )
    )
    make.save(CustomerImportRow(import_id=imported.id, number=1, outcome="created", customer_id=customer.id))
    assert depending_ids(imported) == {}
    made.record(make, customer_id=customer.id)
    assert depending_ids(imported) == {customer.id: "told"}


def test_a_suggestion_becomes_a_complaint_with_one_click(service: FlaskClient, make: Factory) -> None:
    entry = made.record(make, kind=Kind.SUGGESTION, content="请加一个停车位")
    page = service.get(f"/feedback/{entry.id}").get_data(as_text=True)
    assert "Make it a complaint" in page
    first = service.post(f"/feedback/{entry.id}/complaint")
    again = service.post(f"/feedback/{entry.id}/complaint")
    assert first.status_code == again.status_code == 302
    assert first.location == again.location
    body = service.get(first.location).get_data(as_text=True)
    assert "Became a complaint; it was recorded as: Suggestion" in body
    assert service.get(f"/feedback/{entry.id}").location == first.location


def test_only_who_records_feedback_makes_it_a_case(make: Factory, sign_in: Any) -> None:
    make.now = clock.now().replace(microsecond=0)
    entry = made.record(make, kind=Kind.SUGGESTION)
    marketing = sign_in("marketing", language="en")
    assert "Make it a complaint" not in marketing.get(f"/feedback/{entry.id}").get_data(as_text=True)
    token = TOKEN.search(marketing.get("/account").get_data(as_text=True))
    assert token is not None
    marketing.environ_base["HTTP_X_CSRFTOKEN"] = token[1]
    assert marketing.post(f"/feedback/{entry.id}/complaint").status_code == 403
    assert db.session.scalar(select(func.count(Complaint.id))) == 0


def test_what_is_not_there_becomes_nothing(service: FlaskClient) -> None:
    assert service.post("/feedback/99999/complaint").status_code == 404
