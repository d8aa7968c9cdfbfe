"""The audit page and its export."""

import ast
import csv
import io
import re
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.blueprints.audit.words import ACTIONS
from app.extensions import db
from app.models import AuditEntry
from app.rules import library
from app.rules.complaints import Step
from app.services import audit
from tests.architecture.project import calls, python_files
from tests.blueprints.forms import send
from tests.factories import Factory


def fill(now: datetime, count: int = 3, **detail: Any) -> None:
    for number in range(count):
        audit.record("unit.added", kind="unit", object_id=number, by=None, now=now, **detail)
    db.session.commit()


def test_entries_are_shown_in_words_with_filters(sign_in: Any, make: Factory, now: datetime) -> None:
    client = sign_in("management")
    fill(now)
    audit.record("firm.changed", kind="firm", object_id=1, by=None, now=now, changed={"name": ["<b>", "x"]})
    db.session.commit()
    page = client.get("/audit/").get_data(as_text=True)
    assert "Unit added" in page
    assert "name: &lt;b&gt; → x" in page
    only = client.get("/audit/?action=firm.changed&since=2026-10-12&until=2026-10-12").get_data(as_text=True)
    assert "1 entries" in only or "one entry" in only
    assert "No entry fits" in client.get("/audit/?until=2026-10-11").get_data(as_text=True)


def test_details_name_the_template_and_leave_out_what_is_empty(sign_in: Any, now: datetime) -> None:
    client = sign_in("administrator")
    for template in ("touchpoints", "of another version", None):
        audit.record(
            "questionnaire.created", kind="questionnaire", object_id=1, by=None, now=now, template=template
        )
    audit.record("user.created", kind="user", object_id=1, by=None, now=now, name="Lin", units=[])
    db.session.commit()
    page = client.get("/audit/").get_data(as_text=True)
    name = library.template("touchpoints").name["en"]
    assert re.findall(r'<td class="details">(.*?)</td>', page)[:4] == [
        "name: Lin",
        "",
        "template: of another version",
        f"template: {name}",
    ]


def test_pages_of_fifty(sign_in: Any, now: datetime) -> None:
    client = sign_in("administrator")
    fill(now, 120)
    assert "page=3" in client.get("/audit/").get_data(as_text=True)
    for number in ("3", "99", "-5", "x", "9" * 30):
        assert client.get(f"/audit/?page={number}").status_code == 200


def test_odd_filters_are_no_error(sign_in: Any) -> None:
    client = sign_in("administrator")
    for query in ("since=0001-01-01", "until=9999-12-31", "since=x", "actor=%00", "action=%ED%A0%80"):
        assert client.get(f"/audit/?{query}").status_code == 200


def test_chain_is_checked_on_the_page(sign_in: Any, now: datetime) -> None:
    client = sign_in("administrator")
    fill(now)
    assert "The chain is whole" in client.get("/audit/verify").get_data(as_text=True)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor_name = 'somebody' WHERE id = 2"))
    page = client.get("/audit/verify").get_data(as_text=True)
    assert "Entry 2 does not fit the chain" in page


def test_export_is_safe_for_spreadsheets_and_recorded(sign_in: Any, make: Factory, now: datetime) -> None:
    client = sign_in("management")
    evil = make.user(roles=("viewer",), name="=HYPERLINK(1)")
    audit.record("unit.added", kind="unit", object_id=1, by=evil, now=now)
    db.session.commit()
    response = send(client, "/audit/export", page="/audit/")
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0][2] == "who"
    assert rows[1][2] == "'=HYPERLINK(1)"
    assert not any(re.match(r"[=+\-@]", cell) for row in rows[1:] for cell in row)
    db.session.rollback()
    last = select(AuditEntry.action).order_by(AuditEntry.id.desc())
    assert db.session.scalars(last).first() == "audit.exported"


def test_export_of_thousands(sign_in: Any, now: datetime) -> None:
    client = sign_in("management")
    fill(now, 1100)
    response = send(client, "/audit/export", page="/audit/", action="unit.added")
    assert len(response.get_data(as_text=True).splitlines()) == 1101


def test_every_code_that_is_recorded_has_its_words() -> None:
    recorded = {
        call.args[0].value
        for path in python_files("app")
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "record"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    recorded |= {f"complaint.{step.value}" for step in Step}
    assert len(recorded) > 20
    assert recorded <= set(ACTIONS)


def test_entries_name_what_they_are_about_as_far_as_the_reader_sees_it(make: Factory, sign_in: Any) -> None:
    customer = make.customer(name="滨江写字楼")
    colleague = make.user(name="Colleague Li")
    for kind, row in (("customer", customer), ("user", colleague)):
        audit.record(
            f"{kind}.changed", kind=kind, object_id=row.id, by=None, now=make.now, fields=["quiet_from"]
        )
    audit.record(
        "contact.opted_out", kind="contact", object_id=1, by=None, now=make.now, way="unsubscribe link"
    )
    db.session.commit()
    pages = {role: sign_in(role).get("/audit/").text for role in ("administrator", "management", "marketing")}
    assert f'<a href="/customers/{customer.id}">滨江写字楼</a>' in pages["management"]
    assert "滨江写字楼" not in pages["administrator"]
    assert f'<a href="/settings/users/{colleague.id}">Colleague Li</a>' in pages["administrator"]
    assert "Colleague Li" in pages["marketing"]
    assert "/settings/users/" not in pages["marketing"]
    assert "No mails from" in pages["marketing"]
    assert "by the link in a mail" in pages["marketing"]
