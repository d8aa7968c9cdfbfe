"""The mails of a case on its page: words, strangers, what did not arrive, and what is written after the end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Attachment, Delivery
from app.rules.complaints import State
from app.services.complaints import basics
from tests.blueprints.cases import case_page, stored, take
from tests.blueprints.forms import send
from tests.blueprints.mails import fresh, press, put, replied
from tests.factories import Factory, complaints, letters


@pytest.fixture
def staff(make: Factory) -> complaints.Staff:
    make.firm(sorts_mail=True)
    basics.ensure(now=make.now)
    return complaints.Staff(make)


def test_a_case_shows_its_mails(make: Factory, staff: complaints.Staff, sign_in: Any) -> None:
    case, answers = replied(make, staff)
    put(make, letters.mail("周三在家" + letters.QQ_QUOTE, answers=answers, files=letters.MIXED))
    put(make, letters.mail(answers=answers, **{k: v for k, v in letters.AUTOMATIC["qq"].items()}))
    page = case_page(sign_in(user=staff.handler), case.id)
    for words in ("周三在家", "l•••@customer.example", "The earlier mail below it", "程序.exe", "of a kind that is not taken",
                  "Automatic reply from l•••@customer.example"):  # fmt: skip
        assert words in page, words


def test_a_reply_that_did_not_arrive_is_said_on_the_case(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case, _ = replied(make, staff)
    row = db.session.scalars(select(Delivery).where(Delivery.feedback_id == case.feedback_id)).first()
    assert row is not None
    row.state, row.reason, row.finished_at = "bounced", "no_mailbox", make.now + timedelta(hours=1)
    db.session.commit()
    page = case_page(sign_in(user=staff.handler), case.id)
    assert "Our mail did not reach l•••@customer.example" in page
    assert "there is nobody at this address" in page


def test_a_stranger_in_the_thread_waits_for_a_decision(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case, answers = replied(make, staff)
    letter = put(
        make, letters.mail("我是同事", answers=answers, sender="wang@elsewhere.example", files=letters.MIXED)
    )
    client = sign_in(user=staff.handler)
    page = case_page(client, case.id)
    assert "A mail about this case waits for a decision" in page
    file = db.session.scalars(select(Attachment)).one()
    with client.get(f"/attachments/{file.id}") as found:
        assert found.status_code == 200
    stranger = sign_in(user=staff.stranger)
    path = f"/complaints/{case.id}/mails/{letter.id}/take"
    assert stranger.get(f"/attachments/{file.id}").status_code == 404
    assert send(stranger, path, page="/account").status_code == 404
    other = complaints.brought_to(make, staff, State.IN_PROGRESS)
    assert send(client, f"/complaints/{other.id}/mails/{letter.id}/take", page="/account").status_code == 404
    for _ in range(2):
        assert send(client, path, page="/account").status_code == 302
    case = stored(case.id)
    assert [event.text for event in case.events if event.kind == "added"] == ["我是同事"]
    assert fresh(letter).state == "added"


def test_a_stranger_in_the_thread_can_be_set_aside(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case, answers = replied(make, staff)
    letter = put(make, letters.mail("广告", answers=answers, sender="wang@elsewhere.example"))
    client = sign_in(user=staff.handler)
    send(client, f"/complaints/{case.id}/mails/{letter.id}/aside", page="/account")
    assert fresh(letter).state == "discarded"
    assert "广告" not in case_page(client, case.id)
    service = sign_in(user=staff.service)
    send(service, f"/feedback/mails/{letter.id}/back", page="/account")
    assert fresh(letter).state == "shown"


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_thanks_suggests_and_still_broken_reopens_on_a_click(
    make: Factory, staff: complaints.Staff, sign_in: Any, state: State
) -> None:
    """Case 10 of the workflows."""
    case, answers = replied(make, staff, state)
    case.closed_at = clock.now() if state is State.CLOSED else None
    db.session.commit()
    client = sign_in(user=staff.service)
    put(make, letters.mail("谢谢!", answers=answers))
    page = case_page(client, case.id)
    assert "It reads like a thank-you." in page
    answer = press(client, page, case, "note")
    assert answer.status_code == 302
    assert "It reads like" not in case_page(client, case.id)
    put(make, letters.mail("还是不行", answers=answers))
    page = case_page(client, case.id)
    assert "It reads as if it is not solved." in page
    assert stored(case.id).state == state.value
    assert press(client, page, case, "reopen").status_code == 302
    case = stored(case.id)
    assert (case.state, case.round) == ("in_progress", 2)
    assert case.events[-1].text == "还是不行"


def test_what_a_colleague_did_since_ends_the_suggestion(
    make: Factory, staff: complaints.Staff, sign_in: Any
) -> None:
    case, answers = replied(make, staff, State.CLOSED)
    put(make, letters.mail("还是不行", answers=answers))
    client = sign_in(user=staff.service)
    take(client, case.id, "reply", text="已经安排", channel="phone")
    assert "It reads as if" not in case_page(client, case.id)
