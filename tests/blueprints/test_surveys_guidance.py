"""What the survey pages say so that nobody goes on in error."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Delivery, Job, OpenLink, Segment, Survey
from app.services.mail_contents.surveys import survey_test as contents_of
from config import MailServer
from tests.factories import Factory, surveys
from tests.posting import with_token


@pytest.fixture
def sign_in(sign_in: Any) -> Any:
    """Signs in, and sends the token with every form."""
    return lambda *roles, **fields: with_token(sign_in(*roles, **fields))


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def segment(make: Factory) -> Segment:
    return make.save(Segment(name="All", filters={}, created_at=make.now))


def draft(make: Factory, **fields: Any) -> Survey:
    return surveys.survey(make, **({"state": "draft", "opens_at": make.now} | fields))


def open_link(make: Factory, survey: Survey) -> OpenLink:
    return make.save(
        OpenLink(
            survey_id=survey.id, nonce=b"123456789", label="Poster", channel="poster", created_at=make.now
        )
    )


NOWHERE = "Nobody outside this machine can open these links"


def set_address(monkeypatch: pytest.MonkeyPatch, app: Flask, address: str, *, mail: bool = True) -> None:
    server = MailServer("smtp.example.com", 587, "starttls") if mail else None
    monkeypatch.setitem(app.config, "HEED", replace(app.config["HEED"], base_url=address, mail=server))


def test_links_that_only_this_machine_can_open_are_told_before_the_launch(
    app: Flask, monkeypatch: pytest.MonkeyPatch, make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing")
    make.customer()
    at = f"/surveys/{draft(make, segment_id=segment(make).id).id}"
    set_address(monkeypatch, app, "http://localhost", mail=False)
    assert NOWHERE not in client.get(at).text, "without a mail server nothing leaves"
    set_address(monkeypatch, app, "http://localhost")
    page = client.get(at).text
    assert NOWHERE in page
    assert "They begin with http://localhost." in page
    assert "make it ready" in page, "a warning, not a block"


def test_posters_and_open_links_warn_as_well(
    app: Flask, monkeypatch: pytest.MonkeyPatch, make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing", "administrator")
    survey = surveys.survey(make)
    link = open_link(make, survey)
    pages = [
        f"/surveys/{survey.id}/links",
        f"/surveys/{survey.id}/links/{link.id}/poster",
        "/settings/public-forms",
    ]
    for page in pages:
        assert NOWHERE in client.get(page).text
    monkeypatch.setitem(
        app.config, "HEED", replace(app.config["HEED"], base_url="https://survey.example.com")
    )
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", None)
    for page in pages:
        assert "can open these links" not in client.get(page).text


def test_going_on_saves_the_segment_that_was_chosen(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey, chosen = draft(make), segment(make)
    at = f"/surveys/{survey.id}/recipients"
    button = html.fromstring(client.get(at).text).xpath('//button[@name="then"]')[0]
    assert (button.get("form"), button.get("value")) == ("edit-form", "on")
    answer = client.post(at, data={"segment": str(chosen.id), "version": survey.row_version, "then": "on"})
    assert answer.headers["Location"] == f"/surveys/{survey.id}/texts"
    db.session.expire_all()
    assert survey.segment_id == chosen.id


TEXT = {"subject": "New words {name}", "body": "Please\n\n{link}"}


@pytest.mark.parametrize("door", ["test", "on"])
def test_what_was_typed_is_saved_before_the_test_mail_and_before_going_on(
    make: Factory, sign_in: Any, door: str
) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    at = f"/surveys/{survey.id}/texts/invitation/en"
    data = TEXT | {"version": survey.row_version}
    if door == "test":
        answer = client.post(f"{at}/test", data=data)
    else:
        answer = client.post(at, data=data | {"then": "on"})
    assert answer.status_code == 302
    db.session.expire_all()
    assert survey.mail_texts["en"] == TEXT
    if door == "test":
        mail = db.session.scalars(select(Delivery)).one()
        assert contents_of(mail)["subject"].startswith("New words")


def test_a_test_mail_of_a_wrong_text_is_refused_and_the_text_kept(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    at = f"/surveys/{survey.id}/texts/invitation/en"
    data = TEXT | {"subject": "Hi {nmae}", "version": survey.row_version}
    answer = client.post(f"{at}/test", data=data)
    assert answer.status_code == 422
    assert "Hi {nmae}" in answer.text
    form = html.fromstring(answer.text).xpath('//form[@id="edit-form"]')[0]
    assert form.get("action") == at, "saving from here must not send a mail"
    stale = client.post(f"{at}/test", data=TEXT | {"version": "99"})
    assert stale.status_code == 409
    assert "New words {name}" in stale.text
    assert not db.session.scalar(select(func.count(Delivery.id)))


def test_a_text_that_nobody_needs_may_stay_empty_on_the_way(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make, mail_texts={})
    at = f"/surveys/{survey.id}/texts/invitation/en"
    empty = {"subject": "", "body": "", "version": survey.row_version}
    assert client.post(at, data=empty | {"then": "on"}).status_code == 302
    assert client.post(at, data=empty).status_code == 422


def test_the_response_rate_has_one_base_everywhere(make: Factory, sign_in: Any) -> None:
    client = sign_in("management")
    survey = surveys.survey(make)
    for state, finished in (("sent", True), ("failed", False), ("failed", False), ("sent", False)):
        to = surveys.invitation(make, survey, finished=finished)
        surveys.queued(make, survey, to, state=state, finished_at=make.now)
    page = client.get(f"/surveys/{survey.id}").text
    assert "Of 2 people reached by mail, 50.0% have finished." in page
    assert '<td class="n" data-label="Response rate">25.0%</td>' in page
    assert '<td class="n" data-label="Response rate">25.0%</td>' in client.get("/surveys/").text


def invited(make: Factory, survey: Survey, *, state: str = "sent", hours: int = 72) -> None:
    to = surveys.invitation(make, survey)
    sent_at = make.now - timedelta(hours=hours) if state == "sent" else None
    surveys.queued(make, survey, to, state=state, finished_at=sent_at)


def count_of_reminders() -> int:
    return db.session.scalar(select(func.count()).where(Delivery.kind == "reminder")) or 0


def test_who_has_just_had_a_mail_is_reminded_only_when_asked_for_knowingly(
    make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    invited(make, survey)
    invited(make, survey, hours=1)
    at = f"/surveys/{survey.id}"
    page = client.get(at).text
    assert "One person has not finished and can be reminded." in page
    assert "Remind one more person, who had a mail less than two days ago" in page
    assert "Reminders queued: 1." in client.post(f"{at}/remind", follow_redirects=True).text
    page = client.get(at).text
    assert "Too early for a reminder: everybody has had a mail within two days" in page
    refused = client.post(f"{at}/remind", follow_redirects=True).text
    assert "Everybody who could be reminded has had a mail within the last two days." in refused
    assert count_of_reminders() == 1
    client.post(f"{at}/remind", data={"knowingly": "y"})
    assert count_of_reminders() == 2


def test_no_reminder_is_offered_while_invitations_leave(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    invited(make, survey)
    invited(make, survey, state="queued")
    at = f"/surveys/{survey.id}"
    page = client.get(at).text
    assert "One invitation has not left yet." in page
    assert "Too early for a reminder: invitations are still leaving" in page
    assert "Invitations are still going out." in client.post(f"{at}/remind", follow_redirects=True).text
    assert count_of_reminders() == 0


def test_the_last_reminder_and_the_limit_reached_are_told(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make, reminder_limit=1)
    to = surveys.invitation(make, survey)
    for kind, occurrence, days in (("invitation", 0, 9), ("reminder", 1, 5)):
        sent_at = make.now - timedelta(days=days)
        surveys.queued(make, survey, to, kind=kind, occurrence=occurrence, state="sent", finished_at=sent_at)
    page = client.get(f"/surveys/{survey.id}").text
    assert "Last reminders sent:" in page
    assert "One person has had as many reminders as this survey plans (1)." in page


def test_a_closed_survey_shows_its_links_as_ended_and_makes_no_more(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make, state="closed")
    link = open_link(make, survey)
    at = f"/surveys/{survey.id}/links"
    page = client.get(at).text
    assert "Link ended" in page
    assert not any(words in page for words in ("New link", "Print a poster", "Switch off", NOWHERE))
    data = {"label": "Late", "channel": "web", "unit": "0"}
    for address in (at, f"{at}/{link.id}/off"):
        refused = client.post(address, data=data, follow_redirects=True).text
        assert "This survey is closed. Its links take no more answers." in refused
    db.session.expire_all()
    assert [one.active for one in db.session.scalars(select(OpenLink))] == [True]


def test_a_published_questionnaire_leads_to_its_survey(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    wanted, latest = surveys.version(make), surveys.version(make)
    page = client.get(f"/questionnaires/{wanted.questionnaire_id}/versions").text
    assert f'<a class="btn primary" href="/surveys/new?version={wanted.id}">' in page
    form = html.fromstring(client.get(f"/surveys/new?version={wanted.id}").text)
    assert form.xpath('//select[@id="version_id"]/option[@selected]/@value') == [str(wanted.id)]
    assert form.xpath('//input[@id="opens_at"]/@value') == ["2026-10-13T09:00"]
    for odd in ("x", "-1", "99999"):
        assert client.get(f"/surveys/new?version={odd}").status_code == 200
    assert latest.id != wanted.id
    viewer = sign_in("viewer").get(f"/questionnaires/{wanted.questionnaire_id}/versions").text
    assert "/surveys/new" not in viewer


def facts_of(page: str) -> dict[str, str]:
    found = html.fromstring(page)
    names, values = found.xpath('//dl[@class="facts"]/dt'), found.xpath('//dl[@class="facts"]/dd')
    return {one.text_content(): two.text_content() for one, two in zip(names, values, strict=True)}


def test_the_launch_says_beforehand_what_it_will_do(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    make.customer()
    survey = draft(make, segment_id=segment(make).id, state="ready", quiet_from=60, quiet_until=30)
    at = f"/surveys/{survey.id}"
    said = facts_of(client.get(at).text)
    assert said["First mail leaves"] == "Oct 13, 2026 00:30", "10:00 lies in the quiet hours"
    assert said["Pace"] == "60 a minute · about one minute in all"
    assert said["Quiet hours"] == "01:00 – 00:30"
    assert said["Reminders"] == "At most 2, each 3 days after the mail before"
    assert "@" in said["Sender"]
    survey.quiet_from = survey.quiet_until = survey.reminder_limit = 0
    db.session.commit()
    said = facts_of(client.get(at).text)
    assert said["First mail leaves"] == "at once"
    assert said["Quiet hours"] == "None: mails leave at any hour"
    assert said["Reminders"] == "None by themselves"


def test_until_the_worker_has_written_them_invitations_are_being_prepared(
    make: Factory, sign_in: Any
) -> None:
    client = sign_in("marketing")
    make.customer()
    survey = draft(make, segment_id=segment(make).id, state="ready")
    at = f"/surveys/{survey.id}"
    page = client.post(f"{at}/launch", data={"version": survey.row_version}, follow_redirects=True).text
    assert "The invitations are being prepared." in page
    job = db.session.scalars(select(Job).where(Job.kind == "survey.invite")).one()
    job.state = "done"
    db.session.commit()
    assert "The invitations are being prepared." not in client.get(at).text


def test_a_step_that_lacks_something_is_not_ticked_off(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)

    def ticked() -> list[str]:
        page = html.fromstring(client.get(f"/surveys/{survey.id}").text)
        return [one.text_content().strip() for one in page.xpath('//ol[@class="steps"]/li[@class="done"]')]

    assert ticked() == ["Survey", "Mail texts", "Pace and reminders"]
    make.customer()
    survey.segment_id = segment(make).id
    db.session.commit()
    assert "Recipients" in ticked()


def test_who_rests_is_told_until_when_and_where_that_is_set(make: Factory, sign_in: Any) -> None:
    for days in (10, 1):
        make.customer().contacts[0].last_invited_at = make.now - timedelta(days=days)
    db.session.commit()
    survey = draft(make, segment_id=segment(make).id)
    at = f"/surveys/{survey.id}/recipients"
    page = sign_in("marketing").get(at).text
    assert "After an invitation people rest for 30 days." in page
    assert "can be asked again from Nov 1, 2026 on, all of them from Nov 10, 2026." in page
    assert "Asked only recently; can be asked again from Nov 1, 2026" in page
    assert "An administrator can change the days of rest in the settings." in page
    assert "/settings/#fatigue_days" in sign_in("marketing", "administrator").get(at).text


def test_who_has_unsubscribed_is_shown_so(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    gone, begun = surveys.invitation(make, survey), surveys.invitation(make, survey, started=True)
    for one in (gone, begun):
        one.contact.opted_out_at = make.now
    surveys.invitation(make, survey)
    db.session.commit()
    at = f"/surveys/{survey.id}/people"
    badges = html.fromstring(client.get(at).text).xpath('//td[@data-label="State"]')
    assert [one.text_content().strip() for one in badges] == ["Unsubscribed", "Started", "Not started"]
    for state in ("opted_out", "started", "waiting"):
        assert "one person" in client.get(f"{at}?state={state}").text
