"""Notices by mail: one mail about all that is due, the mail of the morning once a day, and what stands in them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.models import Complaint, Delivery, MorningMail, Notice
from app.queries import notices as queries
from app.rules.clocks import Severity
from app.rules.complaints import State
from app.rules.notices import Group
from app.services import complaints as services
from app.services import notices, sending
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to

MONDAY = date(2026, 10, 12)
SECRET_WORDS = "客户王五说水管爆了"


@pytest.fixture
def staff(make: Factory) -> Staff:
    return Staff(make)


def mails(kind: str) -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id)))


def text_of(delivery: Delivery, now: datetime = NOW) -> tuple[str, str]:
    """Subject and plain text as they leave."""
    from email import policy
    from email.parser import BytesParser

    (outgoing,) = sending.prepare([delivery.id], now=now)
    assert not outgoing.problem, outgoing.problem
    parsed = BytesParser(policy=policy.default).parsebytes(outgoing.message)
    body = parsed.get_body(("plain",))
    assert body is not None
    return str(parsed["Subject"]), body.get_content().replace("\r\n", "\n")


def problem_of(delivery: Delivery) -> str:
    return sending.prepare([delivery.id], now=NOW)[0].problem


def mail_all(now: datetime) -> int:
    found = [notices.mail_due(ident, now=now) for ident in queries.users_to_be_mailed(now=now)]
    db.session.commit()
    return sum(1 for one in found if one is not None)


def test_a_notice_becomes_one_mail_without_a_word_of_the_customer(make: Factory, staff: Staff) -> None:
    customer = make.customer(name="王五商贸")
    complaint = brought_to(
        make, staff, State.ASSIGNED, content=SECRET_WORDS, customer_id=customer.id, contact_name="王五"
    )
    db.session.execute(Notice.__table__.update().where(Notice.kind == "new").values(mail=""))
    assert mail_all(NOW) == 3
    assert mail_all(NOW) == 0, "a second run finds nothing"
    (mail,) = (one for one in mails("notice") if one.to_address == staff.second.email)
    subject, text = text_of(mail)
    assert subject == f"Complaint {complaint.number} was given to your unit"
    assert complaint.number in text
    assert "Repeat fault" in text
    assert "General" in text
    assert "Due Oct" in text
    assert f"http://localhost:8000/complaints/{complaint.id}\n" in text
    assert "http://localhost:8000/account/notices" in text
    for word in ("王五", SECRET_WORDS, "水管"):
        assert word not in text
        assert word not in sending.prepare([mail.id], now=NOW)[0].message.decode("utf-8", "replace")


def test_what_waited_for_the_morning_comes_as_one_mail(make: Factory, staff: Staff) -> None:
    night = NOW + timedelta(hours=12)
    numbers = []
    for _ in range(3):
        complaint = made.case(make, at=night)
        services.assign(
            complaint, unit=staff.unit, handler=staff.handler, reason="", seen=None, key="",
            by=staff.service, now=night,
        )  # fmt: skip
        numbers.append(complaint.number)
    db.session.commit()
    assert mail_all(night) == 0
    opening = NOW + timedelta(hours=23)
    mail_all(opening)
    (mail,) = (one for one in mails("notice") if one.to_address == staff.handler.email)
    subject, text = text_of(mail)
    assert subject == f"Complaint {numbers[0]} was given to you, and 2 more notices"
    assert all(number in text for number in numbers)
    assert "http://localhost:8000/notices/" in text


def test_in_chinese(make: Factory) -> None:
    staff = Staff(make, language="zh")
    complaint = brought_to(make, staff, State.ASSIGNED, severity=Severity.MAJOR)
    mail_all(NOW)
    (mail,) = (one for one in mails("notice") if one.to_address == staff.second.email)
    subject, text = text_of(mail)
    assert subject == f"投诉 {complaint.number} 已分派给本部门"
    assert "重大" in text
    assert "到期" in text


def test_what_was_read_in_time_is_not_mailed(make: Factory, staff: Staff) -> None:
    brought_to(make, staff, State.ASSIGNED)
    notices.read_all(staff.second, up_to=10_000, now=NOW)
    mail_all(NOW)
    assert staff.second.email not in {one.to_address for one in mails("notice")}


@pytest.mark.parametrize("what", ["read", "moved", "switched_off", "address"])
def test_a_mail_says_nothing_that_is_not_to_be_told_any_more(make: Factory, staff: Staff, what: str) -> None:
    """Between queueing and sending, days may pass while the mail server is away."""
    brought_to(make, staff, State.ASSIGNED)
    mail_all(NOW)
    (mail,) = (one for one in mails("notice") if one.to_address == staff.second.email)
    if what == "read":
        notices.read_all(staff.second, up_to=10_000, now=NOW)
    elif what == "moved":
        staff.second.unit_links = []
    elif what == "switched_off":
        staff.second.active = False
    else:
        staff.second.email = "somebody.else@firm.example"
    db.session.commit()
    assert problem_of(mail) == "not_wanted"


def look(user_id: int, now: datetime = NOW) -> Delivery | None:
    mail = notices.send_morning_mail(user_id, MONDAY, now=now)
    db.session.commit()
    return mail


def test_the_morning_mail_says_what_waits_and_comes_once_a_day(make: Factory, staff: Staff) -> None:
    complaint = brought_to(make, staff, State.IN_PROGRESS, content=SECRET_WORDS)
    made.case(make)
    mail = look(staff.handler.id)
    assert mail is not None
    assert look(staff.handler.id) is None, "the timetable fires twice"
    assert look(staff.handler.id, NOW + timedelta(hours=3)) is None
    assert len(mails("digest")) == 1
    subject, text = text_of(mail)
    assert subject == "This morning: You are working on one complaint."
    assert complaint.number in text
    assert SECRET_WORDS not in text
    assert "no unit yet" not in text, "what others share out is theirs"
    service = look(staff.service.id)
    assert service is not None
    assert "One complaint has no unit yet." in text_of(service)[1]


def test_without_anything_to_say_there_is_no_mail_and_still_one_look(make: Factory, staff: Staff) -> None:
    assert look(staff.handler.id) is None
    brought_to(make, staff, State.IN_PROGRESS)
    assert look(staff.handler.id, NOW + timedelta(minutes=30)) is None, "it was the look of the morning"
    assert db.session.scalar(select(func.count()).select_from(MorningMail)) == 1
    assert staff.handler.id not in notices.without_morning_mail(MONDAY)
    assert staff.second.id in notices.without_morning_mail(MONDAY)


def test_what_was_kept_for_the_morning_comes_with_it(make: Factory, staff: Staff) -> None:
    notices.choose(staff.second, {Group.WORK: "digest"})
    complaint = brought_to(make, staff, State.ASSIGNED)
    assert staff.second.email not in {one.to_address for one in mails("notice")}
    mail = look(staff.second.id)
    assert mail is not None
    assert f"Complaint {complaint.number} was given to your unit" in text_of(mail)[1]
    kept = select(func.count(Notice.id)).where(Notice.mail == "digest", Notice.user_id == staff.second.id)
    assert db.session.scalar(kept) == 0


@pytest.mark.parametrize("why", ["chosen", "switched_off", "role"])
def test_who_wants_none_or_works_on_nothing_gets_none(make: Factory, staff: Staff, why: str) -> None:
    brought_to(make, staff, State.IN_PROGRESS)
    user: Any = staff.handler
    if why == "chosen":
        notices.choose(user, {Group.MORNING: "never"})
    elif why == "switched_off":
        user.active = False
    else:
        user = make.user(roles=("viewer", "marketing", "administrator"))
    db.session.commit()
    assert look(user.id) is None


def test_the_case_of_somebody_else_is_in_no_morning_mail(make: Factory, staff: Staff) -> None:
    about = brought_to(make, staff, State.IN_PROGRESS, about_user_id=staff.manager.id)
    ident = about.id
    late = NOW + timedelta(days=9)
    assert db.session.get_one(Complaint, ident).due_at < late
    mail = look(staff.manager.id, late)
    assert mail is None
    brought_to(make, staff, State.IN_PROGRESS)
    assert look(staff.stranger.id, late) is None
