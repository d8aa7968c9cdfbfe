"""The pages of the outbox."""

from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.adapters.mail import KEPT, KeptMail
from app.extensions import db
from app.jobs.deliveries import Sender
from app.models import AuditEntry, Delivery, Invitation, User
from app.queries import deliveries as queries
from app.services import outbox
from app.services.complaints import notices
from tests.factories import Factory, complaints, surveys
from tests.posting import with_token


@pytest.fixture
def sign_in(sign_in: Any) -> Any:
    """Signs in, and sends the token with every form."""
    return lambda *roles, **fields: with_token(sign_in(*roles, **fields))


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def mail(make: Factory, **fields: Any) -> Delivery:
    survey = surveys.survey(make)
    to = surveys.invitation(make, survey, email=fields.pop("email", "li@customer.example"))
    return surveys.queued(make, survey, to, **fields)


def account_mail(make: Factory) -> Delivery:
    row = outbox.enqueue(
        "reset",
        to="someone@firm.example",
        language="en",
        template="reset_password",
        due_at=make.now,
        now=make.now,
        params={"user_id": 1},
    )
    db.session.commit()
    return row


def test_the_list_filters_and_counts(make: Factory, sign_in: Any) -> None:
    client = sign_in("marketing")
    row = mail(make, state="failed", reason="unknown_user", finished_at=make.now)
    page = client.get("/mail/?state=failed&q=li@").text
    assert "li@customer.example" in page
    assert "The mail server does not know this address" in page
    assert "No mail fits these filters" in client.get("/mail/?state=sent").text
    assert client.get(f"/mail/?survey={row.survey_id}&kind=invitation&page=9").status_code == 200


def test_one_mail_shows_its_history(make: Factory, sign_in: Any) -> None:
    row = mail(make)
    assert "Queued" in sign_in("management").get(f"/mail/{row.id}").text


def test_account_mail_is_invisible_to_marketing(make: Factory, sign_in: Any) -> None:
    client, row = sign_in("marketing"), account_mail(make)
    assert "someone@firm.example" not in client.get("/mail/").text
    assert client.get(f"/mail/{row.id}").status_code == 404
    assert client.get(f"/mail/kept/{row.id}").status_code == 404
    both = sign_in("marketing", "administrator")
    assert both.get(f"/mail/{row.id}").status_code == 200


@pytest.mark.parametrize(
    ("decision", "state", "copies"), [("sent", "sent", 1), ("again", "failed", 2), ("give_up", "failed", 1)]
)
def test_an_uncertain_mail_is_decided_once(
    make: Factory, sign_in: Any, decision: str, state: str, copies: int
) -> None:
    client = sign_in("marketing")
    row = mail(make, state="unknown", reason="no_reply", finished_at=make.now)
    assert "Did this mail arrive?" in client.get(f"/mail/{row.id}").text
    for _ in range(2):
        client.post(f"/mail/{row.id}/decide", data={"decision": decision})
    db.session.expire_all()
    assert (row.state, row.reason) == (state, f"decided_{decision}")
    rows = db.session.scalars(select(Delivery)).all()
    assert len(rows) == copies
    assert db.session.scalars(select(AuditEntry.action)).all().count("delivery.decided") == 1
    if decision == "again":
        assert rows[-1].state == "queued"
        assert rows[-1].occurrence == 100
        assert rows[-1].message_id != row.message_id


def test_management_sees_but_does_not_decide(make: Factory, sign_in: Any) -> None:
    client = sign_in("management")
    row = mail(make, state="unknown")
    assert client.get(f"/mail/{row.id}").status_code == 200
    assert client.post(f"/mail/{row.id}/decide", data={"decision": "sent"}).status_code == 403
    assert client.get("/mail/kept").status_code == 403


def test_a_nonsense_decision_is_refused(make: Factory, sign_in: Any) -> None:
    row = mail(make, state="unknown")
    assert sign_in("marketing").post(f"/mail/{row.id}/decide", data={"decision": "x"}).status_code == 400


def test_kept_mail_is_listed_and_read(make: Factory, sign_in: Any, app: Any) -> None:
    client = sign_in("marketing")
    row = mail(make)
    Sender(KeptMail(app.config["HEED"].data / "mail"), worker="w", paced=False).round()
    db.session.expire_all()
    assert row.state == "sent"
    assert "想听听您的意见" in client.get("/mail/kept").text
    page = client.get(f"/mail/kept/{row.id}").text
    assert '<a href="http://localhost:8000/s/' in page
    frame = client.get(f"/mail/kept/{row.id}/html", check_html=False)
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert sign_in("administrator").get(f"/mail/kept/{row.id}").status_code == 404


def test_what_was_only_kept_is_not_called_sent(make: Factory, sign_in: Any, app: Any) -> None:
    client = sign_in("marketing")
    row = mail(make)
    Sender(KeptMail(app.config["HEED"].data / "mail"), worker="w", paced=False).round()
    page = client.get(f"/mail/{row.id}").text
    assert "Kept, not sent" in page
    assert "Nobody has received it" in page
    assert ">Sent<" not in page
    assert "li@customer.example" in client.get("/mail/?state=kept").text
    assert "No mail fits these filters" in client.get("/mail/?state=sent").text
    assert "Kept, not sent (1)" in client.get("/mail/").text
    row.reply = "250 OK"
    db.session.commit()
    assert ">Sent<" in client.get(f"/mail/{row.id}").text


def test_a_mail_shows_whom_it_is_for_and_what_it_says_but_not_its_link(make: Factory, sign_in: Any) -> None:
    row = mail(make)
    customer = db.session.get_one(Invitation, row.invitation_id).customer.name
    for role in ("management", "marketing"):
        client = sign_in(role)
        for page in (client.get("/mail/").text, client.get(f"/mail/{row.id}").text):
            assert customer in page
            assert "想听听您的意见" in page
        assert "[link]" in page
        assert "/s/" not in page
        assert "/u/" not in page


def test_an_account_mail_keeps_its_link_and_a_notice_its_words(make: Factory, sign_in: Any) -> None:
    client = sign_in("administrator", "marketing", email="someone@firm.example")
    row = account_mail(make)
    row.params = {"user_id": db.session.scalars(select(User.id)).one()}
    notice = outbox.enqueue(
        "notice", to="other@firm.example", language="en", template="notice", due_at=make.now, now=make.now,
        params={"user_id": row.params["user_id"], "notices": []},
    )  # fmt: skip
    db.session.commit()
    page = client.get(f"/mail/{row.id}").text
    assert "[link]" in page
    assert "/reset-password/" not in page
    assert "What it says" not in client.get(f"/mail/{notice.id}").text


def test_mail_about_a_complaint_is_not_there_for_whom_it_is_about(make: Factory, sign_in: Any) -> None:
    """The mail holds the customer's secret link: with it he could read the complaint, and answer as the customer."""
    person = make.user(roles=("marketing",), language="en")
    told = complaints.record(make, about_user_id=person.id, contact_email="li@customer.example")
    notices.acknowledge(told, now=make.now)
    db.session.commit()
    row = db.session.scalars(select(Delivery).where(Delivery.feedback_id == told.id)).one()
    row.state, row.reply, row.finished_at = "sent", KEPT, make.now
    db.session.commit()
    him, other = sign_in(user=person), sign_in("marketing")
    assert other.get(f"/mail/{row.id}").status_code == 200
    for path in (f"/mail/{row.id}", f"/mail/kept/{row.id}", f"/mail/kept/{row.id}/html"):
        assert him.get(path).status_code == 404, path
    assert "li@customer.example" in other.get("/mail/").text
    assert "li@customer.example" not in him.get("/mail/").text
    assert [one.id for one in queries.kept(person, q="", page=1).rows] == []
    assert him.post(f"/mail/{row.id}/decide", data={"decision": "again"}).status_code == 404
