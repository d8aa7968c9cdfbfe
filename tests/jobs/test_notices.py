"""The timetable of notices: twice is once, nothing at night, and one person's trouble is not everybody's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import notices as jobs
from app.models import Delivery
from app.rules.complaints import State
from app.services import notices
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.complaints import Staff, brought_to


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(NOW)
    return set_clock


@pytest.fixture
def staff(make: Factory, at: Any) -> Staff:
    staff = Staff(make)
    brought_to(make, staff, State.ASSIGNED)
    return staff


def addresses(kind: str) -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Delivery.to_address).where(Delivery.kind == kind)))


def everybody(*users: Any) -> list[str]:
    return sorted(user.email for user in users)


def test_a_timetable_that_fires_twice_sends_one_mail(staff: Staff) -> None:
    """Case 15 of the workflows, for mail."""
    # Who has assigned it has read that it had come.
    people = everybody(staff.handler, staff.second, staff.head, staff.colleague)
    for _ in range(2):
        jobs.mail_notices()
        assert addresses("notice") == people
    waiting = everybody(staff.handler, staff.second, staff.head)
    for _ in range(2):
        jobs.send_morning_mails()
        assert addresses("digest") == waiting, "for nobody else it is his turn"


@pytest.mark.parametrize("hours", [-5, 9, 24 * 5])
def test_no_morning_mail_at_night_or_on_a_sunday(staff: Staff, at: Any, hours: int) -> None:
    at(NOW + timedelta(hours=hours))
    jobs.send_morning_mails()
    assert addresses("digest") == []


def test_every_working_day_has_its_own(staff: Staff, at: Any) -> None:
    jobs.send_morning_mails()
    at(NOW + timedelta(days=1))
    jobs.send_morning_mails()
    assert addresses("digest").count(staff.second.email) == 2


def test_one_person_who_fails_keeps_no_other_from_being_told(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, broken, address = notices.mail_due, staff.handler.id, staff.handler.email
    typed = "".join(("水", "管"))

    def mail_due(user_id: int, *, now: datetime) -> Any:
        if user_id == broken:
            raise ValueError(typed)
        return real(user_id, now=now)

    monkeypatch.setattr(notices, "mail_due", mail_due)
    jobs.mail_notices()
    assert len(addresses("notice")) == 3
    assert address not in addresses("notice")
    assert typed not in caplog.text
    monkeypatch.setattr(notices, "mail_due", real)
    jobs.mail_notices()
    assert address in addresses("notice")
