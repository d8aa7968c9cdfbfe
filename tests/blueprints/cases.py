"""Taking the steps of a case through its page, as a person does."""

from typing import Any

from flask.testing import FlaskClient

from app.extensions import db
from app.models import Complaint
from tests.blueprints.forms import fields_of
from tests.factories.complaints import Staff


def case_page(browser: FlaskClient, complaint_id: int, do: str = "") -> str:
    return browser.get(f"/complaints/{complaint_id}?do={do}").get_data(as_text=True)


def take(browser: FlaskClient, complaint_id: int, name: str, **typed: Any) -> Any:
    """Open the form of a step as a person does, type, and send it."""
    fields = fields_of(case_page(browser, complaint_id, name), f"{name}-form")
    sent = fields | {key: [str(value)] for key, value in typed.items()}
    return browser.post(f"/complaints/{complaint_id}/{name}", data=sent)


def stored(complaint_id: int) -> Complaint:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Complaint, complaint_id)


def anything(staff: Staff) -> dict[str, Any]:
    """Whatever any form could ask for."""
    text = dict.fromkeys(
        ("text", "reason", "what", "result", "remedy", "reply", "cause_text", "prevention"), "x"
    )
    chosen = {"unit": staff.other.id, "party": "customer", "until": "2099-01-01", "answer": "partly"}
    return text | chosen | {"outcome": "unreachable", "channel": "phone", "severity": "major", "version": "1"}
