"""What the tests of the builder share: sending forms as a browser would, reading the draft back."""

import re
from typing import Any

from flask.testing import FlaskClient

from app.extensions import db
from app.models import Questionnaire
from tests.html import parse as parse_html

BASE = "/questionnaires"
HX = {"HX-Request": "true"}


def token(browser: FlaskClient) -> str:
    page = browser.get(f"{BASE}/", check_html=False).get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return found.group(1)


def post(browser: FlaskClient, url: str, data: Any = None, *, hx: bool = False) -> Any:
    headers = {"X-CSRFToken": token(browser), **(HX if hx else {})}
    db.session.rollback()  # let go of the database
    return browser.post(url, data=data or {}, headers=headers)


def content_of(questionnaire: Questionnaire) -> dict[str, Any]:
    db.session.expire_all()
    return db.session.get(Questionnaire, questionnaire.id).versions[-1].content


def questions_of(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    return [one for page in content_of(questionnaire)["pages"] for one in page["questions"]]


def of_type(questionnaire: Questionnaire, kind: str) -> dict[str, Any]:
    return next(one for one in questions_of(questionnaire) if one["type"] == kind)


def fields_of(browser: FlaskClient, questionnaire: Questionnaire, question_id: str) -> dict[str, Any]:
    """What a browser would send with the editor form as it stands."""
    body = browser.get(f"{BASE}/{questionnaire.id}/edit/{question_id}").get_data(as_text=True)
    root = parse_html(body)
    form = next(one for one in root.iter("form") if one.get("id") == "question-form")
    inside = [
        *form.iter(),
        *(one for one in root.iter("input") if one.get("form") == "question-form"),
    ]
    hidden = {id(one) for template in form.iter("template") for one in template.iter()}
    data: dict[str, Any] = {}
    for element in inside:
        name = element.get("name")
        if not name or id(element) in hidden or element.tag == "button" or name == "csrf_token":
            continue
        if element.get("type") == "checkbox" and element.get("checked") is None:
            continue
        value: str | None = element.get("value", "")
        if element.tag == "textarea":
            value = element.text or ""
        if element.tag == "select":
            options = list(element.iter("option"))
            chosen = [one.get("value") for one in options if one.get("selected") is not None]
            value = (chosen or [options[0].get("value")])[0] if options else None
        if value is not None:
            data.setdefault(name, []).append(value)
    return data
