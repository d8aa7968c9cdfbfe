"""What people see of mails that came back: on the monitor, the mail pages, the customer's page and in the settings."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Contact, Delivery, InboundMail, Mailbox, Segment, Survey, WorkerBeat
from app.queries import surveys as survey_queries
from app.queries.health import check
from app.rules.inbound import Bounce, Grade
from app.services import bounces
from config import MailboxServer
from tests.blueprints import importing
from tests.blueprints.forms import send
from tests.factories import Factory, surveys

HARD = Bounce(Grade.HARD, "no_mailbox", "5.1.1", "550 5.1.1 no <b>such</b> user")
SERVER = MailboxServer("mail.hengxin.example", 993, "tls", "survey@hengxin.example", "hunter2")


@pytest.fixture
def survey(make: Factory) -> Survey:
    make.firm()
    segment = make.save(Segment(name="all", filters={}, created_at=make.now))
    return surveys.survey(make, segment_id=segment.id)


def sent(make: Factory, survey: Survey, **fields: Any) -> Delivery:
    values = {"state": "sent", "finished_at": make.now - timedelta(days=4)} | fields
    return surveys.queued(make, survey, surveys.invitation(make, survey), **values)


@pytest.fixture
def bounced(make: Factory, survey: Survey, now: datetime) -> Delivery:
    row = sent(make, survey)
    bounces.came_back([row.message_id], HARD, now=now)
    db.session.commit()
    return row


@pytest.fixture
def with_mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "HEED", replace(app.config["HEED"], mailbox=SERVER))


def test_what_came_back_was_not_delivered(make: Factory, survey: Survey, bounced: Delivery) -> None:
    for _ in range(3):
        sent(make, survey)
    progress = survey_queries.progress_of_all_in(survey)
    assert (progress.invited, progress.reached) == (4, 3)
    assert survey_queries.progress_of_all()[survey.id].reached == 3
    assert sum(part.progress.reached for part in survey_queries.parts(survey, "region")) == 3


def test_the_monitor_and_the_lists_name_it(
    sign_in: Any, make: Factory, survey: Survey, bounced: Delivery
) -> None:
    sent(make, survey)
    client = sign_in("marketing")
    page = client.get(f"/surveys/{survey.id}").text
    assert f"/mail/?survey={survey.id}&amp;kind=invitation&amp;state=bounced" in page
    listed = client.get("/mail/?state=bounced").text
    assert listed.count("/mail/1") == 1
    assert "Came back (1)" in listed
    assert "Sent (1)" in listed
    people = client.get(f"/surveys/{survey.id}/people?state=undelivered").text
    assert bounced.to_address in people
    assert people.count("Mail did not arrive") > 1
    assert "One mail came back" in client.get("/").text


def test_the_mail_says_why_and_when(sign_in: Any, bounced: Delivery) -> None:
    page = sign_in("marketing").get(f"/mail/{bounced.id}").text
    assert "there is no such mailbox" in page
    assert "no &lt;b&gt;such&lt;/b&gt; user" in page


def test_the_customer_shows_it_until_somebody_clears_it(sign_in: Any, bounced: Delivery) -> None:
    contact = db.session.scalars(select(Contact)).one()
    client = sign_in("marketing")
    url = f"/customers/{contact.customer_id}"
    page = client.get(url).text
    assert re.search(
        r"Undeliverable since [^:]*2026[^:]*: a mail came back: there is no such mailbox\.", page
    )
    assert "no &lt;b&gt;such&lt;/b&gt; user" in page
    assert "came back" in page
    assert send(client, f"{url}/contacts/{contact.id}/trust", page=url).status_code == 302
    assert "Undeliverable" not in client.get(url).text


def test_a_dry_run_names_who_is_undeliverable_and_why(
    sign_in: Any, make: Factory, survey: Survey, bounced: Delivery
) -> None:
    later = surveys.survey(make, segment_id=survey.segment_id, state="draft")
    client = sign_in("marketing")
    page = client.get(f"/surveys/{later.id}/recipients").text
    assert "Undeliverable: earlier mails did not arrive" in page
    assert "Undeliverable: a mail came back: there is no such mailbox" in page
    table = send(
        client, f"/surveys/{later.id}/recipients.csv", page=f"/surveys/{later.id}/recipients"
    ).get_data(as_text=True)
    assert "No,Undeliverable: a mail came back" in table


def test_the_log_says_it_in_words(sign_in: Any, bounced: Delivery) -> None:
    page = sign_in("management").get("/audit/").text
    assert "Mail came back" in page
    assert "Address found undeliverable" in page
    assert "code of the server: 5.1.1" in page
    assert "no_mailbox" not in page


def test_without_a_mailbox_the_settings_say_what_it_is_good_for(sign_in: Any) -> None:
    page = sign_in("administrator").get("/settings/").text
    assert "No mailbox is read. Set MAILBOX_URL" in page


@pytest.mark.usefixtures("with_mailbox")
def test_the_settings_show_how_reading_stands(sign_in: Any, make: Factory) -> None:
    client = sign_in("administrator")
    page = client.get("/settings/").text
    assert "Not read yet" in page
    assert "hunter2" not in page
    now = clock.now()
    box = make.save(Mailbox(name=SERVER.name, read_at=now))
    for number, kind in enumerate(("bounce", "person", "person", "too_large")):
        outcome = "bounced" if kind == "bounce" else ""
        make.save(
            InboundMail(
                mailbox_id=box.id, validity=1, number=number, kind=kind, outcome=outcome, taken_at=now
            )
        )
    page = client.get("/settings/").text
    assert "Not read yet" not in page
    assert "survey@hengxin.example@mail.hengxin.example/INBOX" in page
    box.trouble, box.troubled_since = "refused", now
    db.session.commit()
    assert "the server refuses user or password" in client.get("/settings/").text


@pytest.mark.usefixtures("with_mailbox")
@pytest.mark.parametrize(("minutes", "good"), [(None, True), (30, True), (90, False)])
def test_a_mailbox_that_cannot_be_read_for_an_hour_turns_the_health_page_red(
    make: Factory, now: datetime, minutes: int | None, good: bool
) -> None:
    make.firm()
    make.save(WorkerBeat(name="w1", at=now))
    since = None if minutes is None else now - timedelta(minutes=minutes)
    make.save(Mailbox(name=SERVER.name, trouble="refused" if minutes else "", troubled_since=since))
    make.save(Mailbox(name="another", trouble="refused", troubled_since=now - timedelta(days=9)))
    health = check(now)
    assert health.good is good
    assert health.as_json()["mailbox_trouble_seconds"] == (minutes * 60 if minutes else None)


def test_a_mailbox_that_is_no_longer_set_troubles_nobody(make: Factory, now: datetime) -> None:
    make.firm()
    make.save(WorkerBeat(name="w1", at=now))
    make.save(Mailbox(name=SERVER.name, trouble="refused", troubled_since=now - timedelta(days=9)))
    assert check(now).good


@pytest.mark.parametrize("address", ["w1@a.example", "new@a.example"])
def test_an_import_and_its_undoing_keep_what_is_known_of_an_address(
    browser: FlaskClient, make: Factory, now: datetime, address: str
) -> None:
    customer = make.customer(email="w1@a.example", code="C0001")
    contact = customer.contacts[0]
    contact.name = "王1"
    contact.address_state, contact.address_reason, contact.address_since = "bad", "no_mailbox", now
    db.session.commit()
    known = ("address_state", "address_reason", "address_since")
    path = importing.upload(browser, importing.csv_of([importing.HEADER, importing.row(1, 电子邮箱=address)]))
    importing.check(browser, path)
    importing.bring_in(browser, path)
    db.session.expire_all()
    assert contact.email == address
    same = address == "w1@a.example"
    assert (contact.address_state, contact.address_reason) == (("bad", "no_mailbox") if same else ("ok", ""))
    assert (contact.address_since == now) is same
    assert browser.post(f"{path}/undo").status_code == 303
    importing.work_off()
    db.session.expire_all()
    assert contact.email == "w1@a.example"
    assert tuple(getattr(contact, name) for name in known) == ("bad", "no_mailbox", now)
