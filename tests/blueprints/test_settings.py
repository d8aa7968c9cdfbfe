"""Settings of the firm."""

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Firm
from tests.blueprints.forms import send

FORM = {
    "version": "1",
    "name": "恒信服务集团",
    "name_en": "Hengxin",
    "language": "en",
    "timezone": "Europe/Berlin",
    "sender_address": "survey@hengxin.example",
    "reply_address": "",
    "contact_name": "Lin",
    "contact_phone": "1",
    "contact_email": "",
    "minimum_group": "7",
    "fatigue_days": "30",
}


def firm() -> Firm:
    db.session.expire_all()
    db.session.rollback()
    return db.session.scalars(select(Firm)).one()


def test_administrator_changes_and_the_log_says_what(sign_in: Any) -> None:
    client = sign_in("administrator")
    assert send(client, "/settings/", **FORM).status_code == 302
    assert (firm().timezone, firm().minimum_group, firm().version) == ("Europe/Berlin", 7, 2)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.detail["changed"]["minimum_group"] == [5, 7]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minimum_group", "4"),
        ("minimum_group", "9" * 30),
        ("minimum_group", "ten"),
        ("fatigue_days", "-1"),
        ("timezone", "Nowhere"),
        ("sender_address", "x"),
        ("name", ""),
    ],
)
def test_bad_values_are_refused(sign_in: Any, field: str, value: str) -> None:
    client = sign_in("administrator")
    response = send(client, "/settings/", **(FORM | {field: value}))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.get_data(as_text=True)


def test_forged_fields_change_nothing(sign_in: Any) -> None:
    client = sign_in("administrator")
    send(client, "/settings/", **FORM, mail_paused="y", id="9", created_at="2001-01-01")
    assert (firm().id, firm().mail_paused, firm().created_at.year) == (1, False, 2026)


def test_mail_can_be_stopped_and_started(sign_in: Any) -> None:
    client = sign_in("administrator")
    assert send(client, "/settings/mail/pause", page="/settings/").status_code == 302
    assert firm().mail_paused
    assert "Send what is due" in client.get("/settings/").get_data(as_text=True)
    assert send(client, "/settings/mail/resume", page="/settings/").status_code == 302
    assert not firm().mail_paused
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["mail.paused", "mail.resumed"]


def test_management_reads_without_buttons(sign_in: Any) -> None:
    page = sign_in("management").get("/settings/").get_data(as_text=True).partition("<main")[2]
    assert "Only administrators change these." in page
    assert 'type="submit"' not in page
