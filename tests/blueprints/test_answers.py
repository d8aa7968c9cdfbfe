"""The public pages behind a personal link, from the first screen to the receipt."""

import gzip
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Contact, Invitation, Response, ServiceEvent, Survey
from app.rules.answers import receipt_number
from tests.blueprints.answering import FILLED, Respondent
from tests.factories import Factory
from tests.factories.asking import Asking, content, every_type, path_of, question, routed, scale

PAGE_LIMIT = 30 * 1024


@pytest.fixture
def asking(make: Factory, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(clock, "now", lambda: now)
    return Asking(make)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


def respondent(
    asking: Asking, client: FlaskClient, document: Any = None, **fields: Any
) -> tuple[Respondent, Invitation]:
    survey = asking.survey(document or routed(), **fields)
    invitation = asking.invitation(survey)
    return Respondent(client, path_of(invitation)), invitation


def only_response() -> Response:
    db.session.rollback()
    row = db.session.scalars(select(Response)).one()
    db.session.expunge(row)
    db.session.rollback()  # on SQLite a test that goes on reading would lock the requests out
    return row


def test_the_first_screen_says_who_asks_why_how_long_until_when_who_sees_it_and_whom_to_ask(
    asking: Asking, client: FlaskClient, make: Factory
) -> None:
    person, invitation = respondent(asking, client)
    make.save(
        ServiceEvent(
            customer_id=invitation.customer_id, on=make.now.date() - timedelta(days=9), what="空调维修"
        )
    )
    make.unit()
    page = client.get(person.path).text
    for words in (
        "恒信服务集团",
        "空调维修",
        "约 3 分钟，2 个问题",
        "2026",
        "林晓雯",
        "0571-5550 0136",
        "以后别再邀请我",
    ):
        assert words in page
    assert "门店看不到您的答卷" in page
    assert 'href="?lang=en"' in page
    assert "Why me" in client.get(person.path + "?lang=en").text


@pytest.mark.parametrize(("lang", "thanks"), [("zh", "谢谢您抽出时间。"), ("en", "Thank you for your time.")])
def test_a_whole_answer_in_each_language(asking: Asking, client: FlaskClient, lang: str, thanks: str) -> None:
    person, invitation = respondent(asking, client, every_type())
    page = person.start(f"?lang={lang}")
    pages = []
    while not page.endswith("/done"):
        text = client.get(page).text
        assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in text
        pages.append(page.rsplit("/", 1)[1])
        page = person.fill(page).headers["Location"]
    assert pages == [f"p{n}" for n in range(1, 12)]
    end = client.get(page).text
    row = only_response()
    assert thanks in end
    assert receipt_number(row.id) in end
    assert (row.state, row.language, row.invitation_id) == ("complete", lang, invitation.id)
    assert row.answers["wait"] == 4
    assert row.answers["told"] == "na"
    assert row.answers["used"] == ["app", "phone"]
    assert row.answers["product"] == "空调"
    assert row.profile == {"kind": "enterprise", "region": "杭州"}
    db.session.refresh(invitation)
    assert invitation.started
    assert invitation.finished


def test_a_question_not_answered_is_named_at_the_top_and_beside_the_field(
    asking: Asking, client: FlaskClient
) -> None:
    person, _ = respondent(asking, client, every_type())
    person.start()
    person.fill(f"{person.path}/p1")
    answer = client.post(f"{person.path}/p2", data={"found": "5"})
    page = answer.text
    assert answer.status_code == 422
    assert "<title>有误：" in page
    assert page.count("请给“开工前报清了价格”打分") == 2
    assert 'href="#f-priced"' in page
    assert 'id="f-priced"' in page
    assert 'value="5" checked' in page
    english = client.post(f"{person.path}/p2?lang=en", data={}).text
    assert "Choose a rating for “Named the price first”" in english
    assert "<title>Error: " in english
    assert only_response().answers == {"wait": 4}


@pytest.mark.parametrize(
    ("place", "fields", "words"),
    [
        ("p3", {"nps": "11"}, "Choose a number from 0 to 10 for “How likely are you"),
        ("p3", {"nps": "5", "reason": "x" * 501}, "Shorten your text for “What is the main reason?” to 500 characters; it has 501"),
        ("p4", {}, "Choose an answer to “How did you reach us?”"),
        ("p4", {"way": "nowhere"}, "Choose one of the answers listed under “How did you reach us?”"),
        ("p4", {"way": ["app", "phone"]}, "Give only one answer to “How did you reach us?”"),
        ("p4", {"way": "else", "way__other": "x" * 501}, "Shorten your text for “How did you reach us?”"),
        ("p5", {}, "Choose at least one answer to “Which services have you used?”"),
        ("p5", {"used": ["app", "none"]}, "“None of these” rules the other answers out"),
        ("p5", {"used": ["app", "phone", "else"]}, "Choose at most 2 answers to “Which services have you used?”"),
        ("p6", {}, "Choose the face that fits “How did you feel after the repair?”"),
        ("p7", {"stars": "x"}, "Choose a number from 1 to 5 for “How many stars for this visit?”"),
        ("p9", {}, "Write an answer to “What was repaired?”"),
    ],
)  # fmt: skip
def test_every_type_says_what_it_lacks(
    asking: Asking, client: FlaskClient, place: str, fields: dict[str, Any], words: str
) -> None:
    person, _ = respondent(asking, client, every_type())
    person.start("?lang=en")
    answer = client.post(f"{person.path}/{place}", data=fields)
    assert answer.status_code == 422
    assert words in answer.text.replace("&#34;", '"')


def test_another_device_goes_on_where_the_first_one_stopped(
    asking: Asking, client: FlaskClient, app: Any
) -> None:
    person, _ = respondent(asking, client, every_type())
    person.start("?lang=en")
    person.fill(f"{person.path}/p1")
    other = Respondent(app.test_client(), person.path)
    assert "Continue where you stopped" in other.client.get(person.path).text
    assert other.start() == f"{person.path}/p2"
    assert "Saved" in other.client.get(f"{person.path}/p2").text


def test_back_shows_the_earlier_answer_and_a_changed_one_changes_the_way(
    asking: Asking, client: FlaskClient
) -> None:
    person, _ = respondent(asking, client)
    first = person.start()
    assert person.fill(first, wait="5").headers["Location"].endswith("/p3")
    assert 'href="p1"' in client.get(f"{person.path}/p3").text
    assert 'value="5" checked' in client.get(first).text
    assert person.fill(first, wait="1").headers["Location"].endswith("/p2")
    assert person.fill(f"{person.path}/p2", why="慢").headers["Location"].endswith("/p3")
    assert person.fill(first, wait="5").headers["Location"].endswith("/p3")
    person.fill(f"{person.path}/p3", nps="9")
    assert only_response().answers == {"wait": 5, "nps": 9}


def test_jumping_ahead_leads_back_to_what_is_left(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client, every_type())
    assert client.get(f"{person.path}/p3").headers["Location"] == person.path
    person.start()
    assert client.get(f"{person.path}/p3").headers["Location"].endswith("/p1")
    last = client.post(f"{person.path}/p11", data={})
    assert last.headers["Location"].endswith("/p1")
    assert only_response().state == "draft"


def test_the_language_switch_keeps_the_place_and_is_remembered(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client, every_type())
    person.start()
    assert "How satisfied were you" in client.get(f"{person.path}/p1?lang=en").text
    assert "您对等待的时间满意吗" in client.get(f"{person.path}/p1").text  # looking changed nothing
    client.post(f"{person.path}/p1?lang=en", data={"wait": "4"})
    assert "How satisfied were you" in client.get(f"{person.path}/p2").text


def test_double_click_refresh_and_back_after_the_end_show_the_same_receipt(
    asking: Asking, client: FlaskClient
) -> None:
    person, _ = respondent(asking, client)
    end = person.walk()
    before = only_response().answers
    again = client.post(f"{person.path}/p3", data={"nps": "1"})
    assert again.headers["Location"] == end
    assert client.get(end).text == client.get(end).text
    assert "您已经答过了" in client.get(person.path).text
    assert "您已经答过了" in client.get(f"{person.path}/p1").text
    assert "您已经答过了" in client.post(person.path).text
    assert only_response().answers == before


def test_switching_the_language_takes_along_what_is_typed_and_saves_nothing(
    asking: Asking, client: FlaskClient
) -> None:
    person, _ = respondent(asking, client)
    first = person.start()
    page = client.get(first).text
    assert page.index('form="answers" hidden') < page.index('formaction="?lang=en&amp;typed"')
    answer = client.post(f"{first}?lang=en&typed", data={"wait": "4"})
    assert answer.status_code == 200
    assert '<html lang="en' in answer.text
    assert 'action="?lang=en"' in answer.text
    assert 'value="4" checked' in answer.text
    assert only_response().revision == 0


def test_the_script_is_told_where_to_go_instead_of_being_sent(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client)
    first = person.start()
    answer = client.post(first, data={"wait": "5"}, headers={"X-Heed-Save": "1"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-Heed-Next"] == f"{person.path}/p3"


def test_closed_paused_not_yet_open_and_declined_have_their_own_pages(
    asking: Asking, client: FlaskClient, now: datetime
) -> None:
    person, _ = respondent(asking, client)
    person.start()
    survey = db.session.scalars(select(Survey)).one()
    for state, status, words in [
        ("closed", 410, "调查已结束"),
        ("paused", 200, "调查暂停中"),
        ("ready", 200, "调查还没有开始"),
    ]:
        survey.state = state
        asking.make.save(survey)
        for path in (person.path, f"{person.path}/p1"):
            answer = client.get(path)
            assert (answer.status_code, words in answer.text) == (status, True)
            assert "0571-5550 0136" in answer.text
        assert words in client.post(f"{person.path}/p1", data={"wait": "5"}).text
    assert only_response().revision == 0
    survey.state = "live"
    asking.make.save(survey)
    assert client.post(f"{person.path}/decline").status_code == 303
    assert "这次调查不会再提醒您" in client.get(person.path).text
    invitation = db.session.scalars(select(Invitation)).one()
    assert invitation.declined_at == now
    db.session.rollback()
    assert person.client.post(person.path).status_code == 303
    db.session.refresh(invitation)
    assert invitation.declined_at is None


def test_who_has_answered_nothing_starts_and_does_not_continue(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client, every_type())
    person.start("?lang=en")
    assert client.post(f"{person.path}/decline").status_code == 303
    assert "Answer after all" in client.get(f"{person.path}?lang=en").text
    assert person.client.post(person.path).status_code == 303
    page = client.get(f"{person.path}?lang=en").text
    assert "Continue where you stopped" not in page
    assert ">Start</button>" in page


def test_words_of_a_scale_run_from_the_low_end_like_numbers(asking: Asking, client: FlaskClient) -> None:
    words = [{"zh": word, "en": word} for word in ("Awful", "Poor", "So-so", "Good", "Superb")]
    person, _ = respondent(
        asking, client, content([scale("overall", "总的来说？", "Overall?", labels=words)])
    )
    page = client.get(person.start("?lang=en")).text
    places = [page.index(f"<span>{word['en']}</span>") for word in words]
    assert places == sorted(places)


def test_the_closing_second_is_judged_when_it_is_stored(
    asking: Asking, client: FlaskClient, at: Any, now: datetime
) -> None:
    person, _ = respondent(asking, client)
    first = person.start()
    closing = now + timedelta(days=10)
    at(closing - timedelta(microseconds=1))
    assert person.fill(first, wait="5").status_code == 303
    at(closing)
    late = person.fill(f"{person.path}/p3", nps="9")
    assert late.status_code == 410
    assert "不计入结果" in late.text
    assert only_response().state == "draft"


def test_answers_stay_with_the_version_that_was_seen(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client)
    first = person.start()
    survey = db.session.scalars(select(Survey)).one()
    seen = survey.version_id
    other = asking.version(content([question("other", "short_text", "别的", "Other", max_length=9)]))
    survey.version_id = other.id
    asking.make.save(survey)
    assert "您对等待的时间满意吗" in client.get(first).text
    person.fill(first, wait="5", other="x")
    person.fill(f"{person.path}/p3", nps="9")
    row = only_response()
    assert (row.version_id, row.answers) == (seen, {"wait": 5, "nps": 9})


def test_fields_that_are_not_questions_change_nothing(asking: Asking, client: FlaskClient) -> None:
    person, invitation = respondent(asking, client)
    columns = {
        c.name: "7" for table in (Response, Invitation, Survey, Contact) for c in table.__table__.columns
    }
    page = person.start()
    while not page.endswith("/done"):
        page = client.post(page, data={**columns, **FILLED}).headers["Location"]
    row = only_response()
    assert row.answers == {"wait": 4, "nps": 8}
    assert (row.invitation_id, row.survey_id, row.customer_id) == (
        invitation.id,
        invitation.survey_id,
        invitation.customer_id,
    )
    assert (row.channel, row.revision) == ("mail", 2)


def test_the_wish_to_be_called_is_kept_beside_the_answers(asking: Asking, client: FlaskClient) -> None:
    person, _ = respondent(asking, client)
    end = person.walk()
    assert "还不能给您回电话" in client.post(f"{person.path}/call", data={"phone": "12"}).text
    assert (
        client.post(f"{person.path}/call", data={"phone": " 0571 88 ", "words": "漏水"}).headers["Location"]
        == end
    )
    assert only_response().answers["#callback"]["phone"] == "0571 88"
    assert "我们会拨打 0571 88 联系您" in client.get(end).text


def test_pages_are_one_small_request_that_tells_nobody_where_it_came_from(
    asking: Asking, client: FlaskClient
) -> None:
    many = [
        scale(f"s{n}", f"您对第 {n} 项服务满意吗？", f"How satisfied were you with service {n}?")
        for n in range(20)
    ]
    person, _ = respondent(asking, client, content(many))
    first = person.start()
    for path in (person.path, first, first):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"}, check_html=False)
        text = gzip.decompress(answer.data).decode()
        assert len(answer.data) <= PAGE_LIMIT
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        for fetched in ('src="', 'rel="stylesheet"', "http://", "@import"):
            assert fetched not in text.replace("http://www.w3.org/2000/svg", ""), fetched


def test_the_policy_admits_the_style_and_script_of_the_page_and_nothing_else(
    asking: Asking, client: FlaskClient
) -> None:
    import base64
    import hashlib
    import re

    person, _ = respondent(asking, client)
    answer = client.get(person.start())
    policy = answer.headers["Content-Security-Policy"]
    # The script runs where it stands and needs form and button to be there.
    assert max(answer.text.index('id="answers"'), answer.text.index('form="answers"')) < answer.text.index(
        "<script>"
    )
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (body,) = re.findall(rf"<{kind}>(.*?)</{kind}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
