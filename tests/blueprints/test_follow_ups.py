"""From an answer to feedback: the question after a low score, one click, or by itself; once, and only what was agreed to."""

import gzip
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.jobs import letters as jobs
from app.models import AssignmentRule, Complaint, Delivery, Feedback, Response, Survey, Unit, UserUnit
from app.queries import follow_ups as queries
from app.rules.follow_ups import is_low, is_possible, offered, shared
from app.rules.questionnaire import parse
from app.services.complaints import basics
from tests.blueprints.answering import Respondent
from tests.blueprints.forms import fields_of, send, token
from tests.factories import Factory, complaints
from tests.factories.asking import Asking, content, path_of, question, scale

DOCUMENT = content(
    [scale("overall", "您对我们总体满意吗？", "How satisfied are you overall?")],
    [
        question("why", "long_text", "为什么？", "Why?", required=False, max_length=500),
        scale("secret", "价格", "Price"),
    ],
)
LOW = {"overall": "1", "why": "等了四天没人来", "secret": "2"}


@pytest.fixture
def asking(make: Factory) -> Asking:
    make.firm()
    basics.ensure(now=make.now)
    db.session.commit()
    return Asking(make)


def survey(asking: Asking, **fields: Any) -> Survey:
    now = clock.now()
    times = {"opens_at": now.replace(year=now.year - 1), "closes_at": now.replace(year=now.year + 1)}
    return asking.survey(
        DOCUMENT, **({"follow_up_question": "overall", "follow_up_score": 2} | times | fields)
    )


def answered(asking: Asking, client: FlaskClient, of: Survey, **typed: str) -> tuple[Respondent, str]:
    """Somebody who has answered, and the path of his thanks."""
    person = Respondent(client, path_of(asking.invitation(of)))
    page = person.start()
    for _ in range(5):
        if page.endswith("/done"):
            return person, page
        page = person.fill(page, **(LOW | typed)).headers["Location"]
    raise AssertionError("no end")


def only() -> Response:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Response)).one()


def records() -> list[Feedback]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Feedback).order_by(Feedback.id)))


def test_whoever_is_unhappy_is_asked_whether_we_may_come_back_to_him(
    asking: Asking, client: FlaskClient
) -> None:
    of = survey(asking)
    person, done = answered(asking, client, of)
    page = client.get(done + "?lang=en").text
    assert "May we come back to you about this?" in page
    assert "customer service gets in touch" in page
    chinese = client.get(done)
    assert "我们可以就此与您联系吗" in chinese.text
    assert len(gzip.compress(chinese.data)) < 30 * 1024
    client.post(f"{person.path}/call", data={"phone": "", "words": "请尽快"})
    assert "我们会与您联系" in client.get(done).text
    assert only().call_wanted_at is not None


def test_whoever_is_happy_is_asked_as_before(asking: Asking, client: FlaskClient) -> None:
    of = survey(asking)
    person, done = answered(asking, client, of, overall="5")
    assert "需要我们给您回电话吗" in client.get(done).text or "我们可以就此" not in client.get(done).text
    assert client.post(f"{person.path}/call", data={"phone": ""}).status_code == 422


def test_the_kept_page_of_one_is_never_shown_to_the_other(asking: Asking, client: FlaskClient) -> None:
    of = survey(asking)
    pages = {}
    for overall in ("1", "5", "2", "4"):
        _person, done = answered(asking, client, of, overall=overall)
        pages[overall] = ["我们可以就此与您联系吗" in client.get(done).text for _ in range(2)]
    assert pages == {"1": [True] * 2, "5": [False] * 2, "2": [True] * 2, "4": [False] * 2}


def test_a_low_score_and_his_word_open_a_complaint_by_itself_once(
    asking: Asking, client: FlaskClient, make: Factory
) -> None:
    unit = make.unit()
    make.save(AssignmentRule(to_unit_id=unit.id))
    of = survey(asking)
    person, _ = answered(asking, client, of)
    jobs.open_follow_ups()
    assert records() == [], "not before he has agreed"
    client.post(f"{person.path}/call", data={"phone": "0571 8888", "words": "请尽快"})
    for _ in range(3):
        jobs.open_follow_ups()
    (entry,) = records()
    case = db.session.scalars(select(Complaint)).one()
    row = only()
    assert (entry.kind, entry.channel, entry.response_id, entry.language) == (
        "complaint",
        "survey",
        row.id,
        "zh",
    )
    assert (entry.contact_phone, entry.customer_id) == ("0571 8888", row.customer_id)
    assert entry.content == "请尽快\n\n您对我们总体满意吗？\n1 / 5\n\n为什么？\n等了四天没人来"
    assert "价格" not in entry.content, "only what he agreed to share"
    assert (case.state, case.unit_id) == ("received", None), "to customer service first, whatever the rules"
    mails = db.session.scalars(select(Delivery).where(Delivery.feedback_id == entry.id)).all()
    assert [one.template for one in mails] == ["complaint_received"]


def test_a_high_score_or_no_setting_opens_nothing_by_itself(asking: Asking, client: FlaskClient) -> None:
    for of, overall in (
        (survey(asking), "4"),
        (survey(asking, follow_up_question="", follow_up_score=None), "1"),
    ):
        person, _ = answered(asking, client, of, overall=overall)
        client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    jobs.open_follow_ups()
    assert records() == []


def test_an_anonymous_respondent_is_told_by_nothing_but_what_he_typed(
    asking: Asking, client: FlaskClient
) -> None:
    of = survey(asking, anonymous=True)
    person, done = answered(asking, client, of)
    assert "您的回答就不再匿名" in client.get(done).text or "匿名" in client.get(done).text
    assert client.post(f"{person.path}/call", data={"phone": ""}).status_code == 422, (
        "nobody knows how to reach him"
    )
    client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    jobs.open_follow_ups()
    (entry,) = records()
    assert (entry.customer_id, entry.contact_name, entry.contact_email) == (None, "", "")
    assert entry.contact_phone == "0571 8888"
    assert db.session.scalar(select(func.count(Delivery.id))) == 0


def test_one_click_records_what_somebody_who_asked_for_a_call_has_said(
    asking: Asking, client: FlaskClient, make: Factory, sign_in: Any
) -> None:
    of = survey(asking, follow_up_question="", follow_up_score=None)
    person, _ = answered(asking, client, of, overall="3")
    client.post(f"{person.path}/call", data={"phone": "0571 8888", "words": "想约个时间"})
    staff = complaints.Staff(make)
    service = sign_in(user=staff.service)
    row = only()
    assert f"/feedback/new?answer={row.id}" in service.get("/").text
    page = service.get(f"/feedback/new?answer={row.id}").text
    for words in ("想约个时间", "3 / 5", "0571 8888", "2026"):
        assert words in page, words
    fields = fields_of(page, "feedback-form") | {
        "category": [str(complaints.category().id)],
        "kind": ["question"],
    }
    other = sign_in(user=staff.colleague)
    late = fields_of(other.get(f"/feedback/new?answer={row.id}").text, "feedback-form")
    assert [service.post("/feedback/new", data=fields).status_code for _ in range(2)] == [302, 302]
    (entry,) = records()
    assert (entry.kind, entry.channel, entry.response_id) == ("question", "survey", row.id)
    answer = other.post(
        "/feedback/new", data=late | {"category": [str(complaints.category().id)], "content": ["我打的"]}
    )
    assert answer.status_code == 409
    assert "我打的" in answer.text
    assert len(records()) == 1
    assert f"answer={row.id}" not in service.get("/").text, "it no longer waits"


def test_what_was_called_about_is_not_recorded_by_itself(
    asking: Asking, client: FlaskClient, make: Factory, sign_in: Any
) -> None:
    person, _ = answered(asking, client, survey(asking))
    client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    assert send(sign_in("customer_service"), f"/calls/{only().id}/done", page="/account").status_code == 302
    db.session.rollback()
    jobs.open_follow_ups()
    assert records() == []


@pytest.mark.parametrize("role", ["administrator", "management", "marketing", "department", "viewer"])
def test_others_make_nothing_of_an_answer(
    asking: Asking, client: FlaskClient, sign_in: Any, role: str
) -> None:
    person, _ = answered(asking, client, survey(asking))
    client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    assert sign_in(role).get(f"/feedback/new?answer={only().id}").status_code == 403


def test_whoever_is_measured_reads_nothing_before_the_release(
    asking: Asking, client: FlaskClient, make: Factory, sign_in: Any
) -> None:
    branch = make.unit(name="城西店")
    below: Unit = make.unit(name="城西二店", parent_id=branch.id)
    of = survey(asking)
    person, _ = answered(asking, client, of)
    client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    row = only()
    row.unit_id = below.id
    db.session.commit()
    measured = make.user(roles=("customer_service",))
    measured.unit_links = [UserUnit(unit_id=branch.id)]
    make.save(measured)
    theirs, ours, manager = sign_in(user=measured), sign_in("customer_service"), sign_in("management")
    member = make.user(roles=("department",), units=(below,))
    assert f"answer={row.id}" not in theirs.get("/").text
    assert theirs.get(f"/feedback/new?answer={row.id}").status_code == 404
    key = token(theirs, "/account")
    assert theirs.post(f"/calls/{row.id}/done", data={"csrf_token": key}).status_code == 404
    assert f"answer={row.id}" in ours.get("/").text
    jobs.open_follow_ups()
    (entry,) = records()
    case = db.session.scalars(select(Complaint)).one()
    for browser, seen in ((theirs, False), (ours, True), (manager, True), (sign_in(user=member), False)):
        assert (browser.get(f"/complaints/{case.id}").status_code == 200) is seen
        assert (browser.get(f"/feedback/{entry.id}").status_code == 302) is seen
        assert (
            "等了四天" in browser.get("/complaints/?queue=all").text + browser.get("/feedback/").text
        ) is False
        assert (case.number in browser.get("/complaints/?queue=all").text) is seen
    release(of)
    assert theirs.get(f"/complaints/{case.id}").status_code == 200


def release(of: Survey) -> None:
    db.session.rollback()
    row = db.session.get_one(Survey, of.id)
    row.released_at = clock.now()
    db.session.commit()


def test_a_survey_is_told_after_which_score_to_ask(asking: Asking, sign_in: Any) -> None:
    of = survey(asking, state="draft", follow_up_question="", follow_up_score=None)
    client, page = sign_in("marketing"), f"/surveys/{of.id}/sending"
    fields = fields_of(client.get(page).text, "edit-form")
    for wrong in ("", "5", "0", "9", "x", "-1"):
        answer = client.post(
            page, data=fields | {"follow_up_question": ["overall"], "follow_up_score": [wrong]}
        )
        assert answer.status_code == 422, wrong
    assert (
        client.post(page, data=fields | {"follow_up_question": ["why"], "follow_up_score": ["2"]}).status_code
        == 422
    )
    assert (
        client.post(
            page, data=fields | {"follow_up_question": ["overall"], "follow_up_score": ["2"]}
        ).status_code
        == 302
    )
    db.session.rollback()
    assert (of.follow_up_question, of.follow_up_score) == ("overall", 2)
    fields = fields_of(client.get(page).text, "edit-form")
    client.post(page, data=fields | {"follow_up_question": [""]})
    db.session.rollback()
    assert (of.follow_up_question, of.follow_up_score) == ("", None)


def test_a_question_that_is_no_longer_asked_hinders_nothing(asking: Asking, sign_in: Any) -> None:
    of = survey(asking, state="draft", follow_up_question="gone")
    client, page = sign_in("marketing"), f"/surveys/{of.id}/sending"
    fields = fields_of(client.get(page).text, "edit-form")
    assert client.post(page, data=fields).status_code == 302


def test_what_is_low_and_what_is_shared() -> None:
    asked = parse(
        content([scale("a", "甲", "A"), scale("b", "乙", "B", reverse=True)], [scale("c", "丙", "C")])
    )
    assert [one.code for one in offered(asked)] == ["a", "c"]
    assert [is_low("a", 2, {"a": value}) for value in (1, 2, 3, None, "1", True, "na")] == [True, True] + [
        False
    ] * 5
    assert not is_low("", 2, {"": 1})
    assert not is_low("a", None, {"a": 1})
    assert [is_possible(asked.questions[0], score) for score in (0, 1, 4, 5)] == [False, True, True, False]
    assert [one.code for one, _ in shared(asked, {"a": 1, "c": 2}, "c")] == ["c"]
    assert [one.code for one, _ in shared(asked, {"a": 1, "c": 2}, "")] == ["a"]
    assert shared(asked, {"a": None}, "gone") == []


def test_a_wish_is_read_by_those_who_call_alone(asking: Asking, client: FlaskClient, make: Factory) -> None:
    person, _ = answered(asking, client, survey(asking))
    client.post(f"{person.path}/call", data={"phone": "0571 8888"})
    for role, seen in (("customer_service", 1), ("management", 0), ("marketing", 0)):
        found = db.session.scalars(queries.open_wishes(make.user(roles=(role,)))).all()
        assert len(found) == seen
