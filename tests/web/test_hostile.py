"""T03, T55, T71, T72: hostile words on every page, odd addresses, and what the log tells of it all."""

import logging
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from limits import RateLimitItemPerMinute

from app.extensions import db
from app.models import Customer, Segment, Survey
from app.rules.permissions import Role
from app.web import proxies, throttle
from config import Settings
from tests.factories import Factory, surveys

PAYLOAD = "<script>pwned()</script>\"'><img src=x onerror=pwned()>{{7*7}}"
LIVE = re.compile(r"<script>pwned|<img src=x|>49<")
ODD = ("%00", "%ED%A0%80", "9" * 30, "-1", "%D9%A1", "%F0%9F%98%80", "a%0D%0Ab", "x" * 2000)
NAMES = [
    "page",
    "q",
    "sort",
    "code",
    "segment",
    "compare",
    "question",
    "before",
    "sheet",
    "lang",
    "state",
    "kind",
    "next",
    "unit",
    "version",
]


def addresses(app: Flask, value: str) -> list[str]:
    """Every address that can be read, with `value` for each of its numbers and texts."""
    part = re.compile(r"<(?:(\w+)(?:\((\w+)[^)]*\))?:)?\w+>")
    return [
        part.sub(lambda found: found[2] or value, rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "health.healthz")
    ]


@pytest.fixture
def everybody(sign_in: Any, make: Factory) -> FlaskClient:
    """A browser with every role, in a firm where everything has a hostile name."""
    make.firm(name=PAYLOAD, name_en=PAYLOAD, contact_name=PAYLOAD)
    survey = surveys.survey(make, name={"zh": PAYLOAD, "en": PAYLOAD})
    invited = surveys.invitation(make, survey)
    surveys.queued(make, survey, invited)
    make.unit(name=PAYLOAD)
    customer: Customer = invited.customer
    customer.name = customer.region = customer.industry = PAYLOAD
    customer.contacts[0].name = PAYLOAD
    db.session.add(Segment(name=PAYLOAD, filters={"region": [PAYLOAD]}, created_at=make.now))
    content = dict(survey.questionnaire_version.content)
    content["title"] = content["intro"] = {"zh": PAYLOAD, "en": PAYLOAD}
    survey.questionnaire_version.content = content
    survey.questionnaire_version.questionnaire.title = content["title"]
    survey.mail_texts = {"en": {"subject": PAYLOAD, "body": PAYLOAD + "\n\n{link}"}}
    db.session.commit()
    browser: FlaskClient = sign_in(*(role.value for role in Role), name=PAYLOAD)
    return browser


def test_hostile_words_are_text_on_every_page(app: Flask, everybody: FlaskClient) -> None:
    """T55: whatever people have typed is shown, never run."""
    shown = 0
    for path in addresses(app, "1"):
        answer = everybody.get(path, check_html=False)
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            found = LIVE.search(answer.text)
            assert found is None, f"{path}: …{answer.text[max(0, found.start() - 80) : found.end()]}"
            shown += "&lt;script&gt;pwned" in answer.text
        scripts = answer.headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
        assert "unsafe" not in scripts, "T59"
    assert shown > 30


def test_a_survey_without_texts_opens(everybody: FlaskClient) -> None:
    """T71: an old survey that was never mailed from here."""
    survey = db.session.get_one(Survey, 1)
    survey.mail_texts, survey.reminder_texts = {}, {}
    db.session.commit()
    for which in ("invitation", "reminder"):
        assert everybody.get(f"/surveys/1/texts/{which}/en").status_code == 200
        assert everybody.get(f"/surveys/1/texts/{which}/zh/preview", check_html=False).status_code == 200


def test_odd_addresses_are_never_our_fault(app: Flask, everybody: FlaskClient) -> None:
    """T71: in the path and after the question mark."""
    failed = []
    for number, odd in enumerate(ODD):
        query = "&".join(f"{name}={ODD[(number + n) % len(ODD)]}" for n, name in enumerate(NAMES))
        plain = addresses(app, "1")
        paths = [path for path in addresses(app, odd) if path not in plain]
        for path in paths + [f"{path}?{query}" for path in plain[number % 4 :: 4]]:
            status = everybody.get(path, check_html=False).status_code
            if status >= 500:
                failed.append(f"{path[:120]}: {status}")
    assert not failed


@pytest.mark.parametrize("kind", ["", "; filename=file.txt"])
def test_a_part_without_a_name_breaks_no_form(client: FlaskClient, kind: str) -> None:
    """T71: as programs send it that make their forms by hand."""
    body = f"--XX\r\nContent-Disposition: form-data{kind}\r\n\r\nx\r\n--XX--\r\n"
    for path in ("/sign-in", "/complain"):
        answer = client.post(path, data=body, content_type="multipart/form-data; boundary=XX")
        assert answer.status_code < 500


def test_the_log_tells_no_link_no_name_no_answer(
    app: Flask,
    everybody: FlaskClient,
    client: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: Any,
) -> None:
    """T03, T72: also when a page breaks, its address and what was typed stay out of the log."""
    token, typed = "Tk" * 18, "@".join(("marked-words", "customer.example"))

    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError(token + typed)

    breaking = [r for r in app.url_map.iter_rules() if r.rule.startswith(("/u/", "/s/", "/o/", "/c/"))]
    for rule in breaking:
        monkeypatch.setitem(app.view_functions, rule.endpoint, broken)
    with caplog.at_level(logging.DEBUG):
        for rule in breaking:
            path = (
                rule.rule.replace("<token>", token)
                .replace("<page_id>", "p1")
                .replace("<int:attachment_id>", "1")
            )
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            answer = client.open(path, method=method, check_html=False, data={"comment": typed})
            assert answer.status_code == 500
            assert token not in answer.text
        everybody.get(f"/customers/?q={typed}")
    assert "unexpected ValueError" in caplog.text
    assert token not in caplog.text
    assert typed not in caplog.text


def test_guessing_stays_limited_without_redis(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """T01, T69: when the shared counters are away, this process counts."""

    asked = []

    def away(*_: Any) -> bool:
        asked.append(1)
        raise ConnectionError

    monkeypatch.setattr(throttle.limiter.limiter, "hit", away)
    monkeypatch.setattr(throttle, "_counters", throttle._Counters())
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.77"}):
        limit = RateLimitItemPerMinute(3)
        assert [throttle.within(limit, "test") for _ in range(5)] == [True] * 3 + [False] * 2
    assert len(asked) == 1  # a stalled one would keep each of them waiting


def test_the_web_server_keeps_no_log_of_addresses(settings: Settings) -> None:
    """T03: the address of an answering page is a secret."""
    from app.supervisor import web_command

    assert "--no-access-log" in web_command(settings)


@pytest.mark.parametrize(("hops", "source"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.4")])
def test_only_trusted_hops_tell_the_source(settings: Settings, hops: int, source: str) -> None:
    """T52: whoever writes more into the header than his proxies do is not believed."""
    app = Flask("proxied")
    app.config["HEED"] = replace(settings, trusted_proxies=hops)
    proxies.init_app(app)
    app.add_url_rule("/", "source", lambda: request.remote_addr or "")
    headers = {"X-Forwarded-For": "1.2.3.4, 198.51.100.4, 203.0.113.9", "X-Forwarded-Host": "evil.example"}
    assert app.test_client().get("/", headers=headers).text == source
