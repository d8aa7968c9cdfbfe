"""Who may do what with questionnaires, and what hostile input does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.extensions import db
from app.models import Questionnaire, QuestionnaireVersion
from app.rules.questionnaire import parse
from tests.blueprints.builder_forms import BASE, content_of, of_type, post, token

# ---- who may ----

ACTIONS = [
    "new/template", "new/blank", "new/paste", "{id}/archive", "{id}/unarchive", "{id}/questions",
    "{id}/questions/x", "{id}/questions/x/move", "{id}/questions/x/duplicate", "{id}/questions/x/delete",
    "{id}/pages", "{id}/pages/x", "{id}/pages/x/move", "{id}/pages/x/delete", "{id}/undo", "{id}/redo",
    "{id}/settings", "{id}/indicators", "{id}/publish", "{id}/versions", "{id}/discard",
]  # fmt: skip
READING = [
    "",
    "{id}",
    "{id}/indicators",
    "{id}/versions",
    "{id}/versions/1",
    "{id}/compare",
    "templates/general",
]


@pytest.mark.parametrize("role", ["management", "customer_service", "administrator", "department", "viewer"])
def test_only_marketing_edits(sign_in: Any, questionnaire: Questionnaire, role: str) -> None:
    reads = role in ("management", "customer_service")
    browser = sign_in(role)
    for path in READING:
        answer = browser.get(f"{BASE}/{path.format(id=questionnaire.id)}", follow_redirects=True)
        assert answer.status_code == (200 if reads else 403), path
    if reads:
        before = content_of(questionnaire)
        for path in ACTIONS:
            answer = post(browser, f"{BASE}/{path.format(id=questionnaire.id)}", {"type": "nps"})
            assert answer.status_code == 403, path
        assert content_of(questionnaire) == before


def test_every_action_is_in_the_list(app: Any) -> None:
    rules = {
        re.sub(r"<int:[^>]+>", "{id}", re.sub(r"<(?:question|page)_id>", "x", rule.rule)).removeprefix(
            f"{BASE}/"
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("questionnaires.") and "POST" in rule.methods
    }
    assert rules == set(ACTIONS)


def test_visitors_are_sent_to_the_sign_in_page(client: FlaskClient, questionnaire: Questionnaire) -> None:
    assert client.get(f"{BASE}/").status_code == 302


# ---- hostile input ----

NASTY = [
    "\0",
    "a\0b",
    "\ud800",
    "<script>alert(1)</script>",
    "9" * 5000,
    "-1",
    "𝒳" * 3000,
    "%s%n",
    "../..",
    "[]",
    "１",
]
FIELDS = [
    "text-en", "text-zh", "hint-en", "code", "points", "max_length", "max_choices", "indicator", "option", "row",
    "if-join", "check", "if-0-question", "if-0-op", "if-0-value", "if-new", "do", "seen", "label-0-en", "low-en",
    "more-options", "main-language", "row-x-code", "option-x-en", "required", "allow_na",
]  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_fields_are_refused_or_stored_never_an_error(
    marketing: FlaskClient, questionnaire: Questionnaire, nasty: str
) -> None:
    sent = nasty.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    headers = {"X-CSRFToken": token(marketing)}
    for kind in ("single", "matrix"):
        question = of_type(questionnaire, kind)
        url = f"{BASE}/{questionnaire.id}/questions/{question['id']}"
        db.session.rollback()
        for field in FIELDS:
            data = {
                "row": ["x"],
                "option": ["x"],
                "if-join": "all",
                "check": ["0"],
                "if-0-op": "in",
                field: sent,
            }
            answer = marketing.post(url, data=data, headers=headers)
            assert answer.status_code < 500, field
        data = dict.fromkeys(FIELDS, sent) | {"do": f"add:option{sent}"}
        assert marketing.post(url, data=data, headers=headers).status_code < 500
    for path in ACTIONS:
        target = f"{BASE}/{path.format(id=questionnaire.id)}"
        db.session.rollback()
        data = dict.fromkeys(("title", "text", "system", "after", "page", "position", "type", "version", "item",
                              "title-en", "languages", "default_language", "do", "template", "language", "direction"), sent)  # fmt: skip
        assert marketing.post(target, data=data, headers=headers).status_code < 500, path
    parse(content_of(questionnaire))


@pytest.mark.parametrize(
    "path",
    ["999999", "99999999999999999999/edit", "1/edit/nobody", "1/versions/77", "templates/none", "1/compare?old=x&new=-3",
     "1/edit/%00", "1/questions/none", "1/indicators?x=%ff"],
)  # fmt: skip
def test_addresses_that_lead_nowhere(marketing: FlaskClient, questionnaire: Questionnaire, path: str) -> None:
    assert marketing.get(f"{BASE}/{path}", check_html=False).status_code < 500


def test_the_saved_time_is_that_of_the_firm(
    marketing: FlaskClient, questionnaire: Questionnaire, now: Any
) -> None:
    version = db.session.get(QuestionnaireVersion, questionnaire.versions[0].id)
    version.edited_at = now + timedelta(hours=2, minutes=3)
    db.session.commit()
    assert "Saved 12:03" in marketing.get(f"{BASE}/{questionnaire.id}/edit").get_data(as_text=True)
