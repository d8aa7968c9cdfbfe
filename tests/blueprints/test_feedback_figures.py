"""How often what was told: every number opens exactly its entries, and nobody counts what he may not see."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.extensions import db
from app.models import Feedback, Response, UserUnit
from app.rules.complaints import Channel, Kind
from app.services import complaints as services
from app.services.complaints import basics
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.answered import Answered, documents
from tests.factories.complaints import Staff

PAGE = "/complaints/summary/feedback"
LINK = re.compile(r'<a href="(/complaints/summary/feedback/entries[^"]*)">(?:<b>)?([\d,]+)(?:</b>)?</a>')


@pytest.fixture
def told(make: Factory, staff: Staff) -> str:
    """Feedback of every kind of two months; returns the code of the present month."""
    basics.ensure(now=make.now)
    leaf, top, bill = (
        made.category(code).id for code in ("category.repair.repeat", "category.repair", "category.billing")
    )
    month = make.now.replace(day=1, hour=6)
    plan = [
        (Kind.COMPLAINT, leaf, Channel.PHONE, staff.unit.id, 0),
        (Kind.COMPLAINT, leaf, Channel.WEB, None, 0),
        (Kind.COMPLAINT, top, Channel.PHONE, staff.other.id, 0),
        (Kind.SUGGESTION, bill, Channel.PHONE, staff.unit.id, 0),
        (Kind.PRAISE, bill, Channel.SHOP, staff.other.id, 0),
        (Kind.QUESTION, leaf, Channel.PHONE, None, 40),
        (Kind.COMPLAINT, leaf, Channel.PHONE, None, 40),
    ]
    for kind, category, channel, unit, days in plan:
        at = month - timedelta(days=days) if days else min(month, make.now)
        made.record(make, kind=kind, category_id=category, channel=channel, unit_id=unit, at=at)
    return f"{month:%Y-%m}"


def links(client: FlaskClient, address: str) -> list[tuple[str, int]]:
    body = client.get(address).get_data(as_text=True)
    return [(url.replace("&amp;", "&"), int(number)) for url, number in LINK.findall(body)]


def entries(client: FlaskClient, address: str) -> int:
    body = client.get(address).get_data(as_text=True)
    found = re.search(r"of (\d+) entries", body)
    return int(found.group(1)) if found else 0


@pytest.mark.parametrize(
    "query",
    ["", "&rows=kind&columns=channel", "&rows=unit&columns=kind", "&rows=channel&columns=unit", "&what=complaint",
     "&channel=phone", "&category=leaf", "&category=top", "&step=week", "&unit=own", "&rows=unit&columns=unit"],
)  # fmt: skip
def test_every_number_opens_exactly_its_entries(browse: Any, staff: Staff, told: str, query: str) -> None:
    query = query.replace("leaf", str(made.category().id)).replace(
        "top", str(made.category("category.repair").id)
    )
    client = browse(staff.service)
    found = links(client, f"{PAGE}?period={told}{query.replace('own', str(staff.unit.id))}")
    assert len(found) >= 3
    assert {url: entries(client, url) for url, _number in found} == dict(found)


def test_the_table_adds_up_and_branches_stand_below_their_tops(browse: Any, staff: Staff, told: str) -> None:
    body = browse(staff.service).get(f"{PAGE}?period={told}").get_data(as_text=True)
    assert "Category by Kind of feedback" in body
    assert "n = 5" in body
    top, leaf = made.category("category.repair").id, made.category().id
    found = dict(links(browse(staff.service), f"{PAGE}?period={told}&columns=channel"))
    totals = {url: number for url, number in found.items() if "channel=" not in url}
    assert next(number for url, number in totals.items() if f"category={top}&" in url) == 3
    assert next(number for url, number in totals.items() if f"category={leaf}&" in url) == 2


def test_what_was_rejected_counts_nowhere(browse: Any, staff: Staff, told: str, make: Factory) -> None:
    case = made.case(make)
    address = f"{PAGE}?period={told}&what=complaint"
    assert "n = 4" in browse(staff.service).get(address).get_data(as_text=True)
    db.session.rollback()
    services.reject(case, reason="不是投诉", seen=None, key="", by=staff.service, now=make.now)
    db.session.commit()
    assert "n = 3" in browse(staff.service).get(address).get_data(as_text=True)


def test_a_department_counts_its_own_cases_only(browse: Any, staff: Staff, told: str, make: Factory) -> None:
    case = made.case(make, channel=Channel.LETTER)
    services.assign(
        case, unit=staff.unit, handler=None, reason="", seen=None, key="", by=staff.service, now=make.now
    )
    db.session.commit()
    client = browse(staff.handler)
    body = client.get(f"{PAGE}?period={told}&rows=channel").get_data(as_text=True)
    assert "n = 1" in body
    assert "Praise" not in body.partition("<main")[2]
    found = links(client, f"{PAGE}?period={told}&rows=channel")
    assert {number for _url, number in found} == {1}
    assert {entries(client, url) for url, _number in found} == {1}
    assert "No feedback in this period" in browse(staff.stranger).get(f"{PAGE}?period={told}").text
    assert "Praise" not in client.get(f"{PAGE}/entries?period={told}&what=praise").text.partition("<main")[2]


def test_what_is_about_somebody_is_not_counted_for_him(
    browse: Any, staff: Staff, told: str, make: Factory
) -> None:
    made.record(make, kind=Kind.PRAISE, about_user_id=staff.colleague.id)
    address = f"{PAGE}?period={told}&what=praise"
    assert "n = 2" in browse(staff.service).get(address).get_data(as_text=True)
    assert "n = 1" in browse(staff.colleague).get(address).get_data(as_text=True)


def test_viewers_see_no_small_groups(sign_in: Any, told: str) -> None:
    viewer = sign_in("viewer", language="en")
    body = viewer.get(f"{PAGE}?period={told}").get_data(as_text=True)
    assert "Not for these roles" in body
    assert "n = " not in body
    assert viewer.get(f"{PAGE}/entries?period={told}").status_code == 403
    assert viewer.get(f"{PAGE}/workbook?period={told}").status_code == 302
    assert sign_in("interviewer").get(PAGE).status_code == 403


@pytest.mark.parametrize(
    "query",
    ["?rows=moon", "?columns=moon", "?what=moon", "?channel=moon", "?category=x", "?category=99999", "?step=day",
     "?exactly=x", "?exactly=99999999999999", "?category=" + "9" * 40],
)  # fmt: skip
def test_odd_addresses_are_read_as_if_nothing_was_asked(
    browse: Any, staff: Staff, told: str, query: str
) -> None:
    assert browse(staff.service).get(PAGE + query + f"&period={told}").status_code == 200
    assert browse(staff.service).get(f"{PAGE}/entries{query}&period={told}").status_code == 200


def test_a_period_that_is_none_is_said(browse: Any, staff: Staff, told: str) -> None:
    client = browse(staff.service)
    body = client.get(f"{PAGE}?period=days&since=2026-05-02&until=2026-05-01").get_data(as_text=True)
    assert "This period cannot be shown" in body
    assert client.get(f"{PAGE}/entries?period=x").status_code == 404


def test_the_workbook_holds_the_same_numbers(browse: Any, staff: Staff, told: str) -> None:
    client = browse(staff.service)
    for _ in range(60):
        response = client.get(f"{PAGE}/workbook?period={told}", check_html=False)
        if response.mimetype != "text/html":
            break
    book = load_workbook(BytesIO(response.data))
    rows = list(book.worksheets[0].values)
    assert rows[0][0] == "Category"
    assert rows[-1][0] == "Sum"
    assert rows[-1][-2] == 5 == db.session.query(Feedback).count() - 2
    assert len(book.worksheets) == 4


def test_the_list_leads_there(browse: Any, staff: Staff, told: str) -> None:
    assert PAGE in browse(staff.service).get("/feedback/").get_data(as_text=True)


def test_what_grew_out_of_an_answer_is_not_listed_for_whoever_is_measured(
    browse: Any, staff: Staff, told: str, make: Factory
) -> None:
    """Branch rule: before the release on no path. She is of customer service and belongs to the unit that was measured."""
    secret = "测量期间的坏话"
    answered = Answered(make, make.now)
    survey = answered.wave(documents(2), released=False, unit_id=staff.unit.id)
    answers = db.session.scalars(select(Response).where(Response.survey_id == survey.id)).all()
    for kind, answer in zip((Kind.COMPLAINT, Kind.SUGGESTION), answers, strict=True):
        made.record(make, kind=kind, content=secret, response_id=answer.id)
    staff.colleague.unit_links = [UserUnit(unit_id=staff.unit.id)]
    db.session.commit()
    measured, other = browse(staff.colleague), browse(staff.service)
    cases = "/complaints/summary/cases"
    for path in (
        f"{PAGE}/entries?period={told}",
        f"{cases}?period={told}&kind=suggestion&figure=received",
        f"{cases}?period={told}&figure=received",
        "/feedback/",
        "/complaints/?queue=all",
    ):
        assert secret in other.get(path).text, path
        assert secret not in measured.get(path).text, path
