"""The bell, the page of notices, and everybody's choices."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Notice, NoticeChoice
from app.rules.complaints import State
from tests.blueprints.forms import fields_of
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to


def rows_of(user_id: int) -> list[Notice]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)))


@pytest.fixture
def ours(make: Factory, staff: Staff) -> dict[str, Any]:
    """Two cases given to the unit, and who has been told."""
    numbers = [brought_to(make, staff, State.ASSIGNED).number for _ in range(2)]
    found = {"numbers": numbers, "second": staff.second.id, "handler": staff.handler.id}
    db.session.rollback()
    return found


@pytest.fixture
def second(browse: Any, ours: dict[str, Any], staff: Staff) -> FlaskClient:
    return browse(staff.second)


def test_the_bell_counts_what_is_unread(second: FlaskClient, ours: dict[str, Any]) -> None:
    assert "2 unread" in second.get("/").text
    page = second.get("/notices/").text
    for number in ours["numbers"]:
        assert f"Complaint {number} was given to your unit" in page
    assert "空调" not in page, "no word of the customer"


def test_looking_changes_nothing(second: FlaskClient, ours: dict[str, Any]) -> None:
    for _ in range(2):
        second.get("/notices/")
        second.get("/")
    assert [row.read_at for row in rows_of(ours["second"])] == [None, None]
    first = rows_of(ours["second"])[0].id
    assert second.get(f"/notices/{first}/open").status_code == 405


def test_opening_a_case_reads_its_notice(second: FlaskClient, ours: dict[str, Any]) -> None:
    first, _other = rows_of(ours["second"])
    ident, case = first.id, first.complaint_id
    db.session.rollback()
    answer = second.post(f"/notices/{ident}/open")
    assert answer.location == f"/complaints/{case}"
    assert [row.read_at is None for row in rows_of(ours["second"])] == [False, True]
    assert "One unread" in second.get("/").text


def test_marking_one_and_all(second: FlaskClient, ours: dict[str, Any]) -> None:
    first, _other = rows_of(ours["second"])
    ident = first.id
    db.session.rollback()
    assert second.post(f"/notices/{ident}/read").location == "/notices/"
    assert [row.read_at is None for row in rows_of(ours["second"])] == [False, True]
    db.session.rollback()
    assert second.post("/notices/read", data={"up_to": "999999"}).location == "/notices/"
    assert all(row.read_at for row in rows_of(ours["second"]))
    assert not any(row.read_at for row in rows_of(ours["handler"])), "others keep theirs"
    assert "unread" not in second.get("/").text


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 40])
def test_an_odd_number_marks_nothing(second: FlaskClient, ours: dict[str, Any], up_to: str) -> None:
    second.post("/notices/read", data={"up_to": up_to})
    assert not any(row.read_at for row in rows_of(ours["second"]))


def test_the_notice_of_somebody_else_is_not_there(second: FlaskClient, ours: dict[str, Any]) -> None:
    theirs = rows_of(ours["handler"])[0].id
    db.session.rollback()
    for step in ("open", "read"):
        assert second.post(f"/notices/{theirs}/{step}").status_code == 404
        assert second.post(f"/notices/{10**30}/{step}").status_code == 404
    assert not any(row.read_at for row in rows_of(ours["handler"]))


def test_an_empty_page_says_what_will_stand_there(browse: Any, staff: Staff) -> None:
    assert "No notices yet" in browse(staff.stranger).get("/notices/").text


def test_who_works_on_no_complaints_has_no_bell(make: Factory, staff: Staff, browse: Any) -> None:
    viewer = browse(make.user(roles=("viewer", "administrator")))
    page = viewer.get("/account").text
    assert "/notices/" not in page
    assert "/account/notices" not in page
    assert "No notices for you" in viewer.get("/notices/").text
    assert "No notices for you" in viewer.get("/account/notices").text


def choices_page(browser: FlaskClient) -> dict[str, list[str]]:
    body = browser.get("/account/notices").text
    return fields_of(body.replace('class="form" method="post"', 'class="form" id="c" method="post"', 1), "c")


def test_choices_are_shown_and_kept(second: FlaskClient, ours: dict[str, Any]) -> None:
    fields = choices_page(second)
    assert {name: values for name, values in fields.items() if name != "csrf_token"} == {
        "urgent": ["at_once"], "work": ["at_once"], "deadlines": ["at_once"], "outcomes": ["digest"],
        "morning": ["digest"],
    }  # fmt: skip
    answer = second.post("/account/notices", data=fields | {"work": "never", "morning": "never"})
    assert answer.status_code == 302
    again = choices_page(second)
    assert (again["work"], again["morning"]) == (["never"], ["never"])
    db.session.rollback()
    stored = select(NoticeChoice.notices).where(NoticeChoice.user_id == ours["second"])
    assert set(db.session.scalars(stored)) == {"urgent", "work", "deadlines", "outcomes", "morning"}


@pytest.mark.parametrize("odd", ["", "by pigeon", "at_once\x00"])
def test_an_odd_choice_is_refused(second: FlaskClient, ours: dict[str, Any], odd: str) -> None:
    answer = second.post("/account/notices", data=choices_page(second) | {"work": odd})
    assert answer.status_code == 422
    db.session.rollback()
    assert not db.session.scalars(select(NoticeChoice)).all()


def test_in_chinese(make: Factory, browse: Any, staff: Staff) -> None:
    staff.second.language = "zh"
    db.session.commit()
    number = brought_to(make, staff, State.ASSIGNED).number
    browser = browse(staff.second)
    assert f"投诉 {number} 已分派给本部门" in browser.get("/notices/").text
    assert "每日摘要邮件" in browser.get("/account/notices").text
