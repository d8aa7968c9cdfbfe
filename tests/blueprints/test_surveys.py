"""The survey pages: from the first form to the seal."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.jobs import surveys as survey_jobs
from app.models import Delivery, Firm, Invitation, OpenLink, Segment, Survey
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


class NoProgress:
    """Stands in for the runner's progress."""

    def set(self, done: int, total: int) -> None:
        assert done <= total


def test_the_whole_way_from_the_form_to_the_seal(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    version, chosen = surveys.version(make), segment(make)
    make.customer()
    make.customer(email="")
    answer = client.post(
        "/surveys/new",
        data={
            "name_zh": "满意度调查",
            "name_en": "",
            "series": "0",
            "series_name": "年度调查",
            "version_id": str(version.id),
            "opens_at": "2026-10-12T10:00",
            "closes_at": "2026-10-26T18:00",
        },
    )
    assert answer.status_code == 302
    survey = db.session.scalars(select(Survey)).one()
    assert survey.closes_at.isoformat() == "2026-10-26T10:00:00+00:00"
    at = f"/surveys/{survey.id}"
    page = client.post(
        f"{at}/recipients", data={"segment": chosen.id, "version": survey.row_version}, follow_redirects=True
    )
    assert "One customer will be asked, 1 will not." in page.text
    assert "No e-mail address" in page.text
    for step in ("prepare", "launch"):
        db.session.expire_all()
        client.post(f"{at}/{step}", data={"version": survey.row_version})
    db.session.expire_all()
    assert survey.state == "live"
    assert survey_jobs.invite(NoProgress(), survey_id=survey.id) == {"invited": 1}
    assert survey_jobs.invite(NoProgress(), survey_id=survey.id) == {"invited": 1}
    assert db.session.scalar(select(func.count(Delivery.id))) == 1
    assert "1</a>" in client.get(at).text
    db.session.expire_all()
    client.post(f"{at}/close", data={"version": survey.row_version})
    db.session.expire_all()
    assert (survey.state, survey.sealed_count) == ("closed", 0)
    assert db.session.scalars(select(Delivery)).one().reason == "survey_closed"


def test_what_is_missing_stands_in_the_checklist(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    page = client.get(f"/surveys/{survey.id}").text
    assert "Not yet: one open item" in page
    client.post(f"/surveys/{survey.id}/prepare", data={"version": survey.row_version})
    db.session.expire_all()
    assert survey.state == "draft"


def test_a_stale_page_changes_nothing(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    page = client.post(f"/surveys/{survey.id}/pause", data={"version": "99"}, follow_redirects=True)
    assert "Somebody else has changed this survey meanwhile" in page.text
    db.session.expire_all()
    assert survey.state == "live"


@pytest.mark.parametrize(
    "path", ["", "/people", "/people?by=unit&part=", "/people?q=x&state=finished", "?by=unit", "?by=tenure"]
)
def test_the_pages_of_a_live_survey_open(make: Factory, sign_in: Any, path: str) -> None:
    client = sign_in("management")
    survey = surveys.survey(make)
    to = surveys.invitation(make, survey, finished=True, started=True)
    surveys.queued(make, survey, to, state="sent", finished_at=make.now)
    surveys.response(make, survey, to)
    assert client.get(f"/surveys/{survey.id}{path}").status_code == 200


def test_the_monitor_polls_its_own_block(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    part = client.get(f"/surveys/{survey.id}", headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div class="stack l" id="monitor"')
    assert "<html" not in part


@pytest.mark.parametrize("role", ["department", "viewer", "administrator", "interviewer"])
def test_departments_never_see_who_was_invited(make: Factory, sign_in: Any, role: str) -> None:
    client = sign_in(role)
    survey = surveys.survey(make)
    for path in ("", "/people", "/links"):
        assert client.get(f"/surveys/{survey.id}{path}").status_code == 403


def test_an_unknown_survey_is_not_there(sign_in: Any) -> None:
    assert sign_in("marketing").get("/surveys/999").status_code == 404


def test_customer_service_reads_but_changes_nothing(make: Factory, sign_in: Any) -> None:
    client = sign_in("customer_service")
    survey = surveys.survey(make)
    assert client.get(f"/surveys/{survey.id}").status_code == 200
    assert client.post(f"/surveys/{survey.id}/close").status_code == 403
    assert client.get(f"/surveys/{survey.id}/recipients").status_code == 403


def test_a_text_with_an_unknown_variable_is_refused_and_kept(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    answer = client.post(
        f"/surveys/{survey.id}/texts/invitation/zh",
        data={"version": survey.row_version, "subject": "您好 {nmae}", "body": "请填写"},
    )
    assert answer.status_code == 422
    assert "{nmae} is not a variable" in answer.text
    assert "Put {link} where the button shall stand" in answer.text
    assert "您好 {nmae}" in answer.text


def test_a_text_is_stored_and_shown_as_a_mail(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    at = f"/surveys/{survey.id}/texts/invitation/en"
    client.post(at, data={"version": survey.row_version, "subject": "Hi {name}", "body": "Please\n\n{link}"})
    assert "Hi Ms Wang" in client.get(at).text
    frame = client.get(f"{at}/preview", check_html=False)
    assert "Answer now" in frame.text
    assert "script-src" not in frame.headers["Content-Security-Policy"]


def test_all_customers_can_be_asked_without_making_a_segment_first(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey, other = draft(make), draft(make)
    make.customer()
    for chosen in (survey, other):
        at = f"/surveys/{chosen.id}/recipients"
        assert "All customers" in client.get(at).text
        every = "-1" if chosen is survey else str(db.session.scalars(select(Segment.id)).one())
        page = client.post(at, data={"segment": every, "version": chosen.row_version}, follow_redirects=True)
        assert "One customer will be asked, 0 will not." in page.text
    assert db.session.scalars(select(Segment.filters)).all() == [{}], "made once, then offered as a segment"


def test_the_monitor_says_how_long_quiet_hours_hold_the_mails_back(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make, state="live", quiet_from=1260, quiet_until=480)
    invitation = surveys.invitation(make, survey)
    surveys.queued(make, survey, invitation, due_at=make.now + timedelta(hours=9))
    assert "Between 21:00 and 08:00 no mails leave." in client.get(f"/surveys/{survey.id}").text
    survey.quiet_from = survey.quiet_until
    db.session.commit()
    page = client.get(f"/surveys/{survey.id}").text
    assert "The next invitation leaves on" in page
    assert "no mails leave" not in page


def test_no_test_mail_without_a_sender_address(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    db.session.scalars(select(Firm)).one().sender_address = ""
    db.session.commit()
    page = client.post(f"/surveys/{survey.id}/texts/invitation/en/test", follow_redirects=True)
    assert "The firm has no sender address yet" in page.text
    assert not db.session.scalar(select(func.count(Delivery.id)))


def test_a_test_mail_goes_to_the_one_who_asks(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing", email="me@firm.example")
    survey = draft(make)
    client.post(f"/surveys/{survey.id}/texts/reminder/zh/test")
    row = db.session.scalars(select(Delivery)).one()
    assert (row.kind, row.to_address, row.params["which"]) == ("test", "me@firm.example", "reminder")
    assert row.invitation_id is None


def test_pace_and_reminders_are_stored(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    data = {
        "version": survey.row_version,
        "pace_per_minute": "30",
        "quiet_from": "20:30",
        "quiet_until": "09:00",
        "reminder_after_days": "5",
        "reminder_limit": "1",
    }
    assert client.post(f"/surveys/{survey.id}/sending", data=data).status_code == 302
    db.session.expire_all()
    assert (survey.pace_per_minute, survey.quiet_from, survey.quiet_until) == (30, 1230, 540)
    assert (
        client.post(f"/surveys/{survey.id}/sending", data=data | {"pace_per_minute": "x"}).status_code == 422
    )


def test_the_list_of_recipients_can_be_taken_away_and_that_is_on_record(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make, segment_id=segment(make).id)
    make.customer(name="=cmd|' /C calc'!A0")
    table = client.post(f"/surveys/{survey.id}/recipients.csv")
    assert table.data.startswith(b"\xef\xbb\xbf")
    assert ",=cmd" not in table.text
    from app.models import AuditEntry

    assert "survey.recipients_exported" in db.session.scalars(select(AuditEntry.action)).all()


def test_open_links_are_made_shown_and_switched_off(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    at = f"/surveys/{survey.id}/links"
    client.post(at, data={"label": "海报 Binjiang", "channel": "poster", "unit": "0"})
    link = db.session.scalars(select(OpenLink)).one()
    page = client.get(at).text
    assert re.search(r"http://localhost:8000/o/[\w-]{36}", page)
    assert "<svg" in page
    assert client.get(f"{at}/{link.id}.png").data.startswith(b"\x89PNG")
    assert client.get(f"{at}/{link.id}/poster").status_code == 200
    client.post(f"{at}/{link.id}/off")
    db.session.expire_all()
    assert link.active is False
    assert client.post(at, data={"label": "", "channel": "poster", "unit": "0"}).status_code == 422


def test_remind_now_says_whom_it_reaches(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = surveys.survey(make)
    for finished in (True, False, False):
        to = surveys.invitation(make, survey, finished=finished)
        surveys.queued(make, survey, to, state="sent", finished_at=make.now - timedelta(days=2))
    at = f"/surveys/{survey.id}"
    assert "2 people have not finished and can be reminded." in client.get(at).text
    page = client.post(f"{at}/remind", follow_redirects=True).text
    assert "Reminders queued: 2." in page
    assert "Nobody to remind at present" in page


def test_only_management_releases(make: Factory, sign_in: Any) -> None:
    survey = surveys.survey(make, state="closed", closed_at=make.now)
    at = f"/surveys/{survey.id}/release"
    assert sign_in("marketing").post(at, data={"version": survey.row_version}).status_code == 403
    sign_in("management").post(at, data={"version": survey.row_version})
    db.session.expire_all()
    assert survey.released_at == make.now


def test_a_draft_is_edited_with_its_values_kept_on_errors(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    survey = draft(make)
    at = f"/surveys/{survey.id}/edit"
    assert "2026 满意度调查" in client.get(at).text
    answer = client.post(
        at,
        data={
            "version": survey.row_version,
            "name_zh": "新名字",
            "series": survey.series_id,
            "version_id": survey.version_id,
            "opens_at": "2026-10-20T10:00",
            "closes_at": "2026-10-19T10:00",
        },
    )
    assert answer.status_code == 422
    assert "The survey must close after it opens." in answer.text
    assert "新名字" in answer.text


def test_the_list_groups_by_series(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    assert "No survey yet" in client.get("/surveys/").text
    survey = surveys.survey(make)
    surveys.invitation(make, survey)
    page = client.get("/surveys/").text
    assert "Satisfaction survey 2026" in page
    assert "Yearly survey" in page


def test_invitations_keep_the_customer_as_he_was(make: Factory, sign_in: Any) -> None:
    unit = make.unit()
    survey = surveys.survey(make, segment_id=segment(make).id)
    make.firm()
    make.customer(region="杭州", kind="individual", unit_id=unit.id, key_account=True)
    survey_jobs.invite(NoProgress(), survey_id=survey.id)
    row = db.session.scalars(select(Invitation)).one()
    assert row.stratum == "杭州|individual"
    assert row.profile == {
        "kind": "individual",
        "region": "杭州",
        "size": "",
        "lines": [],
        "unit_id": unit.id,
        "key_account": True,
        "tenure": "old",
    }
    assert row.contact.last_invited_at == make.now
