"""Posting to groups: each step is stored before it is taken, nothing goes twice, and what nobody knows is said."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.adapters.messenger import Answer, Line, NoLine
from app.extensions import db
from app.jobs.messengers import Poster
from app.models import Firm, Messenger, MessengerPost, User
from app.rules import messengers as rules
from app.rules.clocks import Severity
from app.rules.complaints import State
from app.services import messengers
from app.services.messengers import Wishes
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

ADDRESS = "https://oapi.dingtalk.com/robot/send?access_token=66b1"
TAKEN = Answer(200, b'{"errcode":0}')


class Killed(BaseException):
    """The worker is gone, without a word."""


class Lines:
    """Stands for the network. `answers` are given one after the other; the last one goes on."""

    def __init__(self, *answers: Answer | NoLine | type[Killed]) -> None:
        self.answers = list(answers)
        self.posted: list[dict[str, Any]] = []
        self.hosts: list[str] = []

    def __call__(self, host: str) -> Line:
        self.hosts.append(host)
        lines = self

        class Fake(Line):
            def open(self) -> None:
                if isinstance(lines.answers[0], NoLine):
                    raise lines._next()

            def post(self, path: str, body: bytes) -> Answer:
                lines.posted.append(json.loads(body))
                answer = lines._next()
                if answer is Killed:
                    raise Killed
                return answer  # type: ignore[no-any-return]

            def close(self) -> None:
                pass

        return Fake(host)

    def _next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(NOW)
    return set_clock


@pytest.fixture
def staff(make: Factory, at: Any) -> Staff:
    make.firm()
    return Staff(make)


@pytest.fixture
def admin(make: Factory) -> User:
    return make.user(roles=("administrator",))


def group(admin: User, **fields: Any) -> Messenger:
    wishes: dict[str, Any] = {
        "kind": "dingtalk", "name": "投诉群", "address": ADDRESS, "secret": None, "unit_id": None,
        "least": "all", "language": "en", "active": True,
    }  # fmt: skip
    added = messengers.add(Wishes(**(wishes | fields)), by=admin, now=NOW)
    db.session.commit()
    return added


def posts() -> list[MessengerPost]:
    db.session.rollback()
    return list(db.session.scalars(select(MessengerPost).order_by(MessengerPost.id)))


def work_off(lines: Lines, poster: Poster | None = None, rounds: int = 50) -> int:
    worker = poster or Poster(lines)
    return sum(1 for _ in range(rounds) if worker.round())


def test_a_new_complaint_is_announced_without_a_word_of_the_customer(
    make: Factory, staff: Staff, admin: User
) -> None:
    group(admin)
    customer = make.customer(name="王五商贸")
    complaint = made.case(
        make, content="水管爆了", customer_id=customer.id, contact_name="王五", severity=Severity.MAJOR
    )
    lines = Lines(TAKEN)
    assert work_off(lines) == 1
    assert work_off(lines) == 0
    assert lines.hosts == ["oapi.dingtalk.com"]
    (sent,) = lines.posted
    text = sent["text"]["content"]
    assert text.splitlines() == [
        f"New complaint {complaint.number}: give it to a unit",
        "Repair and support · Repeat fault · Major",
        "Due Oct 12, 2026 22:00 (First answer)",
        f"http://localhost:8000/complaints/{complaint.id}",
    ]
    (post,) = posts()
    assert (post.state, post.attempts, post.reason) == ("sent", 1, "")


def test_in_the_language_of_the_group(make: Factory, staff: Staff, admin: User) -> None:
    group(admin, language="zh")
    complaint = brought_to(make, staff, State.ASSIGNED)
    lines = Lines(TAKEN)
    work_off(lines)
    texts = [one["text"]["content"].splitlines()[0] for one in lines.posted]
    assert texts == [f"新投诉 {complaint.number}，等待分派", f"投诉 {complaint.number} 已分派给城西店"]


def test_of_a_complaint_about_one_of_us_no_group_is_told(make: Factory, staff: Staff, admin: User) -> None:
    group(admin)
    made.case(make, about_user_id=staff.handler.id, severity=Severity.URGENT)
    assert posts() == []


def test_a_group_of_a_unit_is_told_of_its_cases_only(make: Factory, staff: Staff, admin: User) -> None:
    own = group(admin, unit_id=staff.unit.id)
    other = group(admin, unit_id=staff.other.id, name="城东")
    brought_to(make, staff, State.ASSIGNED)
    assert {post.messenger_id for post in posts()} == {own.id}
    assert other.id != own.id


def test_a_group_is_told_from_its_weight_on(make: Factory, staff: Staff, admin: User) -> None:
    group(admin, least="critical")
    brought_to(make, staff, State.ASSIGNED)
    assert posts() == []
    made.case(make, severity=Severity.URGENT)
    assert [post.kind for post in posts()] == ["critical"], "one message for one entry, the weightiest"


def test_it_waits_for_opening_time_unless_it_is_critical(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    night = NOW + timedelta(hours=16)
    at(night)
    made.case(make, at=night)
    assert work_off(Lines(TAKEN)) == 0
    made.case(make, at=night, severity=Severity.URGENT)
    assert work_off(Lines(TAKEN)) == 1
    at(NOW + timedelta(hours=23))
    assert work_off(Lines(TAKEN)) == 1


def test_nothing_leaves_while_mail_rests(make: Factory, staff: Staff, admin: User) -> None:
    """A restored copy must not talk to the groups of the installation it was taken from."""
    group(admin)
    made.case(make)
    make.firm(mail_paused=True)
    assert work_off(Lines(TAKEN)) == 0
    assert db.session.scalar(select(Firm.mail_paused)) is True
    make.firm(mail_paused=False)
    assert work_off(Lines(TAKEN)) == 1


def test_who_was_not_reached_is_tried_again_for_a_while(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    made.case(make)
    lines = Lines(NoLine("unreachable"))
    moment, tries = NOW, 0
    for _ in range(20):
        tries += work_off(lines)
        moment += timedelta(minutes=61)
        at(moment)
    (post,) = posts()
    assert tries == rules.ATTEMPTS_LIMIT
    assert (post.state, post.reason, post.attempts) == ("failed", "unreachable", rules.ATTEMPTS_LIMIT)
    assert lines.posted == []


def test_it_is_said_to_the_group_once_the_messenger_is_back(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    made.case(make)
    lines = Lines(NoLine("unreachable"), Answer(200, b'{"errcode":130101}'), TAKEN)
    for minutes in (0, 2, 10):
        at(NOW + timedelta(minutes=minutes))
        work_off(lines)
    assert [post.state for post in posts()] == ["sent"]


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Answer(None), "unknown", "no_answer"),
        (Answer(504), "unknown", "status_504"),
        (Answer(302), "failed", "redirected"),
        (Answer(200, b'{"errcode":310000}'), "failed", "code_310000"),
        (NoLine("private_address"), "failed", "private_address"),
    ],
)
def test_what_is_uncertain_or_refused_is_never_repeated(
    make: Factory, staff: Staff, admin: User, at: Any, answer: Any, state: str, reason: str
) -> None:
    group(admin)
    made.case(make)
    lines = Lines(answer)
    work_off(lines)
    at(NOW + timedelta(hours=5))
    assert work_off(lines) == 0
    assert [(post.state, post.reason) for post in posts()] == [(state, reason)]


def test_a_worker_killed_after_the_request_had_begun_leaves_an_uncertain_message(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    made.case(make)
    with pytest.raises(Killed):
        work_off(Lines(Killed))
    assert [post.state for post in posts()] == ["begun"]
    at(NOW + timedelta(minutes=3))
    lines = Lines(TAKEN)
    assert work_off(lines) == 0
    assert lines.posted == [], "it may have arrived: it is not said twice"
    assert [(post.state, post.reason) for post in posts()] == [("unknown", "worker_lost")]


def test_a_worker_killed_before_the_request_began_loses_nothing(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    made.case(make)
    taken = messengers.claim(now=NOW)
    db.session.commit()
    assert taken is not None
    at(NOW + timedelta(minutes=3))
    lines = Lines(TAKEN)
    assert work_off(lines) == 1
    assert len(lines.posted) == 1


def test_a_message_that_another_worker_has_taken_back_is_not_sent(
    make: Factory, staff: Staff, admin: User
) -> None:
    group(admin)
    made.case(make)
    post_id = messengers.claim(now=NOW)
    db.session.commit()
    assert post_id is not None
    messengers.expire_leases(now=NOW + timedelta(minutes=3))
    db.session.commit()
    assert not messengers.begin(post_id, now=NOW + timedelta(minutes=3))


def test_a_group_is_told_so_much_a_minute_and_no_more(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    group(admin)
    for _ in range(rules.MOST_A_MINUTE + 3):
        made.case(make)
    lines = Lines(TAKEN)
    assert work_off(lines) == rules.MOST_A_MINUTE
    at(NOW + timedelta(seconds=61))
    assert work_off(lines) == 3


@pytest.mark.parametrize("why", ["switched_off", "stale"])
def test_what_nobody_wants_to_hear_any_more_is_dropped(
    make: Factory, staff: Staff, admin: User, at: Any, why: str
) -> None:
    added = group(admin)
    made.case(make)
    if why == "switched_off":
        added.active = False
        db.session.commit()
    else:
        at(NOW + timedelta(hours=25))
    lines = Lines(TAKEN)
    work_off(lines)
    assert lines.posted == []
    assert [(post.state, post.reason) for post in posts()] == [("dropped", why)]


def test_an_address_that_is_allowed_no_more_is_not_called(make: Factory, staff: Staff, admin: User) -> None:
    """Whoever can write to the database can't have the server call somebody else either."""
    added = group(admin)
    made.case(make)
    added.address = "https://127.0.0.1/robot/send?access_token=1"
    db.session.commit()
    lines = Lines(TAKEN)
    work_off(lines)
    assert lines.hosts == []
    assert [(post.state, post.reason) for post in posts()] == [("failed", "other_host")]


def test_neither_address_nor_text_reaches_the_log(
    app: Flask, make: Factory, staff: Staff, admin: User, caplog: pytest.LogCaptureFixture
) -> None:
    group(admin, secret="SEC-geheim")
    made.case(make, content="水管爆了")
    with caplog.at_level("DEBUG", logger="heed"):
        work_off(Lines(Answer(None)))
        work_off(Lines(NoLine("certificate")))
    assert not any(word in caplog.text for word in ("66b1", "SEC-geheim", "水管"))


def test_a_test_message_is_tried_once_and_says_what_came_of_it(
    make: Factory, staff: Staff, admin: User, at: Any
) -> None:
    added = group(admin, language="zh")
    messengers.send_test(added, by=admin, now=NOW)
    db.session.commit()
    work_off(Lines(NoLine("unreachable")))
    assert [(post.state, post.reason) for post in posts()] == [("failed", "unreachable")]
    messengers.send_test(db.session.get_one(Messenger, added.id), by=admin, now=NOW)
    db.session.commit()
    lines = Lines(TAKEN)
    work_off(lines)
    assert "测试消息" in lines.posted[0]["text"]["content"]
    assert [post.state for post in posts()] == ["failed", "sent"]


def test_what_was_posted_is_forgotten_after_half_a_year_and_what_waits_is_not(
    make: Factory, staff: Staff, admin: User
) -> None:
    group(admin)
    made.case(make)
    work_off(Lines(TAKEN))
    made.case(make)
    assert [one.state for one in posts()] == ["sent", "queued"]
    messengers.forget_old(now=NOW + timedelta(days=179))
    assert len(posts()) == 2
    messengers.forget_old(now=NOW + timedelta(days=181))
    db.session.commit()
    assert [one.state for one in posts()] == ["queued"]
