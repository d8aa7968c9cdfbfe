"""What must not work behind a public link, and what must not break."""

import random
import string
import threading
import time
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select, text, update

from app import clock
from app.blueprints.answers import express, opened
from app.extensions import db, intends_to_write
from app.models import AuditEntry, Contact, Invitation, Response, Survey
from app.queries.answers import personal_entry, personal_key
from app.queries.wire import Wire, keys_of
from app.rules.links import Purpose, new_nonce
from app.rules.links import token as link_token
from app.services import answers
from app.web.transactions import write
from tests.blueprints.answering import FILLED, Respondent, dump
from tests.factories import Factory
from tests.factories.asking import Asking, every_type, path_of, routed

SCANNERS = [
    "Mozilla/5.0 (Windows NT 10.0) Safelinks",
    "curl/8.5",
    "Googlebot/2.1",
    "MicroMessenger/8.0",
    "",
]


@pytest.fixture
def asking(make: Factory, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setattr(clock, "now", lambda: now)
    return Asking(make)


def kept_rows() -> list[Response]:
    db.session.rollback()
    rows = list(db.session.scalars(select(Response).order_by(Response.id)))
    for row in rows:
        db.session.expunge(row)
    db.session.rollback()
    return rows


def test_unknown_damaged_and_foreign_links_get_the_same_page(
    asking: Asking, client: FlaskClient, app: Flask
) -> None:
    survey = asking.survey()
    invitation, link = asking.invitation(survey), asking.open_link(survey)
    answer, unsubscribe, opened = path_of(invitation), path_of(invitation, unsubscribe=True), path_of(link)
    tokens = [path.rsplit("/", 1)[1] for path in (answer, unsubscribe, opened)]
    key = keys_of(app.config["SECRET_KEY"]).links
    wrong = [
        *(f"/{kind}/{one}" for kind, own in zip("suo", tokens, strict=True) for one in tokens if one != own),
        f"/s/{link_token(b'another key', Purpose.ANSWER, invitation.id, invitation.nonce)}",
        f"/s/{link_token(key, Purpose.ANSWER, 999, new_nonce())}",
        answer[:-1],
        answer[:-1] + ("a" if answer[-1] != "a" else "b"),
        answer + "x",
        "/s/%ff%fe",
        "/s/" + "%00" * 36,
        "/s/" + "字" * 36,
        "/s/x",
    ]
    pages = set()
    for path in wrong:
        for place in ("", "/p1"):
            if path.startswith("/u/") and place:
                continue
            got = client.get(path + place)
            assert (got.status_code, "链接打不开" in got.text) == (404, True), path
            pages.add(got.data)
        assert client.post(path).status_code == 404
    assert len(pages) == 1
    assert not kept_rows()


def test_guessing_is_slowed_down_while_good_links_go_on_working(asking: Asking, client: FlaskClient) -> None:
    good = path_of(asking.invitation(asking.survey()))
    letters = string.ascii_letters + string.digits
    codes = [
        client.get("/s/" + "".join(random.choices(letters, k=36)), check_html=False).status_code
        for _ in range(80)
    ]
    assert codes.count(404) == 60
    assert set(codes[60:]) == {429}
    assert client.get(good).status_code == 200
    assert client.post(good).status_code == 303
    other = {"REMOTE_ADDR": "10.9.8.7"}
    assert client.get("/s/nothing", environ_base=other).status_code == 404


def test_opening_every_link_with_every_program_changes_nothing(
    asking: Asking, app: Flask, client: FlaskClient
) -> None:
    survey = asking.survey()
    fresh, begun, finished = (asking.invitation(survey) for _ in range(3))
    links = [path_of(row, unsubscribe=off) for row in (fresh, begun, finished) for off in (False, True)]
    links.append(path_of(asking.open_link(survey)))
    Respondent(client, path_of(begun)).start()
    Respondent(client, path_of(finished)).walk()
    before = dump()
    for program in SCANNERS:
        scanner = app.test_client()
        for path in links:
            for place in ("", "?lang=en", "/p1", "/p3", "/done", "/", "/call", "/decline"):
                if path.startswith("/u/") and place.startswith("/"):
                    continue
                for method in ("GET", "HEAD"):
                    scanner.open(
                        path + place, method=method, headers={"User-Agent": program}, follow_redirects=True
                    )
    assert dump() == before


def race(app: Flask, path: str, threads: int, **data: str) -> list[int]:
    """Post the same at once; return the status codes."""
    ready, codes = threading.Barrier(threads), []

    def post() -> None:
        browser = app.test_client()
        ready.wait()
        codes.append(browser.post(path, data=data).status_code)

    workers = [threading.Thread(target=post) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return codes


def test_twenty_at_once_make_one_answer(asking: Asking, app: Flask, client: FlaskClient) -> None:
    invitation = asking.invitation(asking.survey())
    path = path_of(invitation)
    assert set(race(app, path, 20)) == {303}
    assert len(kept_rows()) == 1
    Respondent(client, path).fill(f"{path}/p1", wait="5")
    assert set(race(app, f"{path}/p3", 20, nps="9")) == {303}
    (row,) = kept_rows()
    assert (row.state, row.answers, row.revision) == ("complete", {"wait": 5, "nps": 9}, 2)


@pytest.mark.parametrize("kind", ["personal", "open"])
def test_a_page_sent_twice_at_once_is_no_conflict(
    asking: Asking, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """T06: the second of two clicks may have read the answers before the first was stored, and is the one that is shown."""
    survey = asking.survey()
    respondent = Respondent(
        client, path_of(asking.invitation(survey) if kind == "personal" else asking.open_link(survey))
    )
    monkeypatch.setattr(opened, "_doubt", lambda _token: "")
    respondent.start()
    store, others = answers.store, [1, 2]

    def late(wire: Any, entry: Any, saved: Any) -> None:
        if others:
            others.pop()
            values = saved.change.values
            db.session.execute(update(Response).values(revision=values["of_revision"] + 1))
        store(wire, entry, saved)

    monkeypatch.setattr(answers, "store", late)
    monkeypatch.setattr(express.Express, "prepare", lambda self, environ: None)
    assert respondent.fill(f"{respondent.path}/p1", wait="5").status_code == 303
    (row,) = kept_rows()
    assert (row.answers, row.revision, others) == ({"wait": 5}, 3, [])


def test_starting_twice_at_once_finds_the_same_draft(
    asking: Asking, app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for the first, and then has to see what that has stored."""
    path = path_of(asking.invitation(asking.survey()))
    token, begun = path.rsplit("/", 1)[1], threading.Event()
    with app.app_context():
        engine, keys = db.engine, keys_of(app.config["SECRET_KEY"])

    def start(cursor: Any) -> None:
        wire = Wire(cursor, engine.dialect, keys, writing=True)
        entry = personal_entry(wire, token)
        assert entry is not None
        answers.start(wire, entry, key=personal_key(wire, token), language="zh", now=clock.now())
        begun.set()
        time.sleep(0.5)

    monkeypatch.setattr(express.Express, "prepare", lambda self, environ: None)
    first = threading.Thread(target=write, args=(engine, start))
    first.start()
    assert begun.wait(20)
    assert client.post(path).status_code == 303
    first.join()
    assert len(kept_rows()) == 1


def test_an_anonymous_answer_can_be_continued_but_not_joined_to_its_link(
    asking: Asking, app: Flask, client: FlaskClient, now: datetime
) -> None:
    survey = asking.survey(anonymous=True)
    people = [asking.invitation(survey) for _ in range(3)]
    for invitation in people:
        path = path_of(invitation)
        first = Respondent(client, path)
        first.fill(first.start(), wait="1")
        again = Respondent(app.test_client(), path)
        assert again.start().endswith("/p2")
        again.walk()
    midnight = now.replace(hour=0, minute=0)
    for row in kept_rows():
        assert (row.invitation_id, row.customer_id, row.unit_id, row.profile) == (None, None, None, {})
        assert {row.started_at, row.saved_at, row.submitted_at} == {midnight}
        assert all(seconds is None for _, seconds in row.page_log)
        assert row.device_hash is None
    db.session.rollback()
    own = {value for row in _values("response") for value in row if _tells(value)}
    theirs = {
        value
        for name in ("invitation", "contact", "customer", "delivery")
        for row in _values(name)
        for value in row
        if _tells(value)
    }
    assert not {value for value in own & theirs if value not in ("zh", "mail", "{}")}
    assert [(one.started, one.finished) for one in db.session.scalars(select(Invitation))] == [
        (True, True)
    ] * 3


def _values(table: str) -> list[Any]:
    names = [one["name"] for one in inspect(db.engine).get_columns(table)]
    kept = [n for n in names if n not in ("id", "survey_id", "version_id", "revision", "version")]
    columns = ", ".join(f'"{n}"' for n in kept)
    return [tuple(row) for row in db.session.execute(text(f'SELECT {columns} FROM "{table}"'))]


def _tells(value: Any) -> bool:
    return isinstance(value, str | bytes) and len(value) > 1


def test_no_answer_is_counted_before_it_is_sent(asking: Asking, client: FlaskClient) -> None:
    person = Respondent(client, path_of(asking.invitation(asking.survey())))
    first = person.start()
    for score in ("1", "5", "3"):
        person.fill(first, wait=score)
    (row,) = kept_rows()
    assert (row.state, row.submitted_at, row.answers, row.revision) == ("draft", None, {"wait": 3}, 3)


HOSTILE: list[Any] = [
    b"",
    b"\x00" * 100,
    b"wait=%00&nps=%ff%fe",
    b"wait=%ed%a0%80",
    b"wait=" + b"9" * 400,
    b"wait=-1&wait=1e309&wait=NaN",
    b"wait[]=1&wait=1&wait=2",
    b"&".join(b"wait=4" for _ in range(3000)),
    b"&".join(b"f%d=1" % n for n in range(12000)),
    b"=&=&==&%&%%",
    "wait=４".encode(),
    b'{"wait": 4}',
    b"why=" + b"x" * 300_000,
    b"reason=%F0%9F%98%80%E2%80%AE%0d%0aSet-Cookie:x",
    b"nps=5&reason=" + "<script>'\"‮".encode(),
]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", ""]
)
def test_no_form_however_odd_breaks_a_page(asking: Asking, client: FlaskClient, kind: str) -> None:
    survey = asking.survey(every_type())
    person = Respondent(client, path_of(asking.invitation(survey)))
    person.start()
    opened = path_of(asking.open_link(survey))
    for body in HOSTILE:
        for path in (
            f"{person.path}/p1",
            f"{person.path}/p3",
            f"{person.path}/p9",
            person.path,
            f"{person.path}/nowhere",
            opened,
            f"{opened}/p1",
        ):
            answer = client.post(path, data=body, content_type=kind)
            assert answer.status_code < 500, (path, body[:40])
    for query in ("?lang=xx", "?lang=%00", "?lang=zh&lang=en", "?lang[]=1", "?" + "a" * 5000):
        assert client.get(person.path + query).status_code == 200
        assert client.get(f"{person.path}/p1{query}").status_code in (200, 303)
    for place in ("p1%00", "%ff", "..", "p1/../p2", "#callback", "p" * 3000, "done%20"):
        assert client.get(f"{person.path}/{place}").status_code < 500


def test_a_name_is_shown_as_text(asking: Asking, client: FlaskClient) -> None:
    invitation = asking.invitation(asking.survey())
    invitation.contact.name = '<b>"O\'Brien"</b> 😀\u202e'
    asking.make.save(invitation.contact)
    page = client.get(path_of(invitation)).text
    assert "<b>" not in page
    assert "&lt;b&gt;" in page


def test_another_site_cannot_send_a_page(asking: Asking, client: FlaskClient) -> None:
    person = Respondent(client, path_of(asking.invitation(asking.survey())))
    first = person.start()
    foreign = client.post(first, data={"wait": "5"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (
        client.post(first, data={"wait": "5"}, headers={"Origin": "https://evil.example"}).status_code == 403
    )
    own = client.post(first, data={"wait": "5"}, headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"})
    assert own.status_code == 303


def test_unsubscribing_takes_a_button_and_twice_is_once(
    asking: Asking, client: FlaskClient, now: datetime
) -> None:
    invitation = asking.invitation(asking.survey())
    address = invitation.contact.email
    twin = asking.make.customer(email=address.upper()).contacts[0]
    path = path_of(invitation, unsubscribe=True)
    assert "以后别再邀请我" in client.get(path).text
    assert address not in client.get(path).text
    for _ in range(2):
        done = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "以后不会再邀请您" in done.text) == (200, True)
        assert "Set-Cookie" not in done.headers
    db.session.rollback()
    assert {
        one.opted_out_at
        for one in db.session.scalars(select(Contact).where(Contact.id.in_([invitation.contact_id, twin.id])))
    } == {now}
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "contact.opted_out")) == 2
    assert "以后不会再邀请您" in client.get(path).text


def test_unsubscribing_twice_at_once_is_noted_once(asking: Asking, app: Flask, client: FlaskClient) -> None:
    path = path_of(asking.invitation(asking.survey()), unsubscribe=True)
    opted_out = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "contact.opted_out")
    with app.app_context(), db.engine.connect() as other:
        writing = intends_to_write.set(True)
        other.execute(update(Contact).values(opted_out_at=clock.now()))
        intends_to_write.reset(writing)
        second = threading.Thread(target=client.post, args=(path,))
        second.start()
        time.sleep(0.5)
        other.commit()
        second.join()
    db.session.rollback()
    assert db.session.scalar(opted_out) == 0


def test_whoever_closes_the_survey_meanwhile_is_believed(asking: Asking, client: FlaskClient) -> None:
    survey = asking.survey(routed())
    person = Respondent(client, path_of(asking.invitation(survey)))
    person.fill(person.start(), wait="5")
    row = db.session.get(Survey, survey.id)
    assert row is not None
    row.state = "closed"
    asking.make.save(row)
    assert person.fill(f"{person.path}/p3", nps=FILLED["nps"]).status_code == 410
    assert [one.state for one in kept_rows()] == ["draft"]
