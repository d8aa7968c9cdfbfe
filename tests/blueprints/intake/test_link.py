"""Links and files of cases: what guessing finds, and who gets which file."""

import io
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.blueprints.intake import site
from app.extensions import db
from app.models import (
    Attachment,
    FeedbackLink,
)
from app.queries.links import link_key
from app.rules.complaints import Kind, State
from app.rules.links import Purpose
from app.rules.links import token as make_token
from app.services import attachments
from tests.blueprints.intake.people import Opens
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories import sent_files as sent
from tests.factories.complaints import Staff

LATE: dict[str, Any] = {"seen": None, "key": ""}


def test_unknown_damaged_and_foreign_links_get_the_same_page(opens: Opens, client: FlaskClient) -> None:
    """T04, T29: the number is no secret and opens nothing."""
    holder = opens(State.RESOLVED)
    complaint = holder.case()
    link = db.session.get_one(FeedbackLink, complaint.feedback_id)
    wrong = [
        complaint.number,
        complaint.number.replace("-", ""),
        str(complaint.id),
        "x" * 36,
        holder.token[:-1],
        holder.token + "A",
        holder.token[:-1] + ("A" if holder.token[-1] != "A" else "B"),
        make_token(link_key(), Purpose.ANSWER, link.feedback_id, link.nonce),
        make_token(link_key(), Purpose.FOLLOW, link.feedback_id + 1, link.nonce),
        make_token(b"another key", Purpose.FOLLOW, link.feedback_id, link.nonce),
        "%00",
        "%ED%A0%80",
    ]
    db.session.rollback()
    answers = [client.get(f"/c/{one}", headers={"Accept-Language": "en"}) for one in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'nonce="[^"]+"', "", answer.text) for answer in answers}) == 1
    for one in wrong:
        for what in ("add", "answer"):
            assert client.post(f"/c/{one}/{what}", data={"solved": "yes", "text": "x"}).status_code in (
                404,
                429,
            )
    assert holder.case().state == "resolved"


def test_a_link_carries_enough_secret_bits(opens: Opens) -> None:
    """T29: 144, and the database holds none of them."""
    holder = opens(State.RECEIVED)
    nonce = db.session.get_one(FeedbackLink, holder.case().feedback_id).nonce
    assert len(holder.token) * 6 - len(nonce) * 8 == 144


def test_guessing_links_is_slowed_down_while_good_ones_go_on(opens: Opens, client: FlaskClient) -> None:
    """T29."""
    holder = opens(State.RECEIVED)
    codes = [client.get(f"/c/{'g' * 30}{n:06}").status_code for n in range(site.WRONG_LINKS.amount + 20)]
    assert codes == [404] * site.WRONG_LINKS.amount + [429] * 20
    assert holder.look().status_code == 200


def test_files_of_other_cases_are_not_found(opens: Opens, client: FlaskClient) -> None:
    """T30: by row and link, never by number alone."""
    mine, other = opens(State.IN_PROGRESS), opens(State.IN_PROGRESS)
    mine.send("add", ("mine.pdf", sent.pdf()))
    unsent = other.send("add", ("unsent.png", sent.png()), ("x.exe", b"MZ"))
    assert unsent.status_code == 422
    db.session.rollback()
    numbers = list(db.session.scalars(select(Attachment.id).order_by(Attachment.id)))
    db.session.rollback()
    with client.get(f"{mine.path}/files/{numbers[0]}") as given:
        assert given.status_code == 200
    for number in (*numbers, 0, 10**30, numbers[0] + 1000):
        assert client.get(f"{other.path}/files/{number}").status_code == 404
        assert client.get(f"/attachments/{number}").status_code == 302
    assert client.get(f"/c/{'x' * 36}/files/{numbers[0]}").status_code == 404


def test_files_are_handed_out_sealed(opens: Opens, client: FlaskClient) -> None:
    """T31: to be saved, under its own type, and powerless should a browser show it."""
    holder = opens(State.IN_PROGRESS)
    holder.send("add", ("投诉材料.pdf", sent.pdf()))
    with client.get(f"{holder.path}/files/1") as given:
        headers = given.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E6%8A%95%E8%AF%89%E6%9D%90%E6%96%99.pdf" in headers["Content-Disposition"]
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Cache-Control"] == "no-store"


def test_staff_get_the_files_of_cases_they_see(opens: Opens, staff: Staff, sign_in: Any) -> None:
    """T46, T30."""
    holder = opens(State.IN_PROGRESS)
    holder.send("add", ("a.pdf", sent.pdf()))
    secret = opens(State.RECEIVED, about_user_id=staff.colleague.id)
    secret.send("add", ("b.pdf", sent.pdf()))
    codes = {}
    for who in ("service", "colleague", "handler", "stranger", "manager"):
        browser = sign_in(user=getattr(staff, who))
        for number in (1, 2):
            with browser.get(f"/attachments/{number}", check_html=False) as answer:
                codes[who, number] = answer.status_code
    assert codes == {
        ("service", 1): 200, ("service", 2): 200,
        ("colleague", 1): 200, ("colleague", 2): 404,
        ("handler", 1): 200, ("handler", 2): 404,
        ("stranger", 1): 404, ("stranger", 2): 404,
        ("manager", 1): 200, ("manager", 2): 200,
    }  # fmt: skip


def test_files_of_other_feedback_are_for_those_who_read_feedback(
    make: Factory, staff: Staff, sign_in: Any
) -> None:
    """T46."""
    feedback = made.record(make, kind=Kind.PRAISE)
    stored, _ = attachments.store(
        [attachments.Offered("a.png", io.BytesIO(sent.png()))], before=0, bytes_before=0, room=5
    )
    attachments.add(stored, form_key="k", now=NOW)
    attachments.join("k", feedback, None)
    db.session.commit()
    for who, code in (("service", 200), ("handler", 404)):
        with sign_in(user=getattr(staff, who)).get("/attachments/1", check_html=False) as answer:
            assert answer.status_code == code


def test_a_file_that_is_gone_is_said_so(
    opens: Opens, client: FlaskClient, staff: Staff, sign_in: Any
) -> None:
    """T35."""
    holder = opens(State.IN_PROGRESS)
    holder.send("add", ("a.pdf", sent.pdf()))
    db.session.rollback()
    (attachments.folder() / db.session.scalars(select(Attachment.stored)).one()).unlink()
    db.session.rollback()
    answer = client.get(f"{holder.path}/files/1", headers={"Accept-Language": "en"})
    assert (answer.status_code, "no longer there" in answer.text) == (410, True)
    answer = sign_in(user=staff.handler).get("/attachments/1")
    assert (answer.status_code, "no longer there" in answer.text) == (410, True)
