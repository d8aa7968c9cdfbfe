"""Warnings and breaches are written when they fall due, once, and disturb nobody who is typing."""

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import Complaint
from app.queries.complaints.clocks import case_of
from app.rules import clocks
from app.rules.complaints import Channel, State
from app.services import complaints as services
from app.services.complaints import alarms
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories.complaints import Staff, brought_to


def alarmed(complaint: Complaint) -> list[tuple[str, Any]]:
    db.session.expire_all()
    kinds = ("warned", "breached")
    return [(one.kind, one.data.get("percent")) for one in complaint.events if one.kind in kinds]


def run(now: Any) -> int:
    written = sum(alarms.write_due(ident, now=now) for ident in alarms.due_ids(now=now))
    db.session.commit()
    return written


def test_each_is_written_once_when_it_falls_due(make: Factory) -> None:
    complaint = made.case(make)  # 24 hours until the first answer
    ident, version = complaint.id, complaint.version
    assert run(NOW + timedelta(hours=11)) == 0
    assert run(NOW + timedelta(hours=13)) == 1
    assert run(NOW + timedelta(hours=25)) == 2
    assert run(NOW + timedelta(hours=25)) == 0, "running twice writes nothing twice"
    complaint = db.session.get_one(Complaint, ident)
    assert alarmed(complaint) == [("warned", 50), ("warned", 80), ("breached", None)]
    assert complaint.version == version, "no open form becomes stale by the passing of time"
    times = [event.at for event in complaint.events if event.kind == "breached"]
    assert times == [NOW + timedelta(hours=24)], "it happened then, whenever it is written"
    assert complaint.next_alarm_at is not None, "the other clocks go on"


def test_a_form_that_was_open_meanwhile_is_taken(make: Factory) -> None:
    staff = Staff(make)
    complaint = brought_to(make, staff, State.IN_PROGRESS)
    seen = complaint.version
    run(NOW + timedelta(hours=25))
    services.reply(
        complaint,
        text="您好",
        channel=Channel.PHONE,
        at=None,
        seen=seen,
        key="",
        by=staff.handler,
        now=NOW + timedelta(hours=26),
    )
    breached = [
        reading
        for reading in clocks.read(case_of(complaint), now=NOW + timedelta(hours=27)).all
        if reading.is_late
    ]
    assert [reading.run.clock for reading in breached] == ["acknowledge"]


@pytest.mark.parametrize("state", [State.CLOSED])
def test_a_closed_case_says_nothing_more(make: Factory, state: State) -> None:
    staff = Staff(make)
    brought_to(make, staff, state)
    assert alarms.due_ids(now=NOW + timedelta(days=900)) == []


def test_a_waiting_case_is_late_when_its_pause_has_used_up_the_cap(make: Factory) -> None:
    staff = Staff(make)
    complaint = brought_to(make, staff, State.WAITING, acknowledged=True)
    ident = complaint.id
    assert run(NOW + timedelta(days=9)) == 0
    later = NOW + timedelta(days=30)
    assert run(later) > 0
    found = db.session.get_one(Complaint, ident)
    assert ("breached", None) in alarmed(found)
    assert found.due_at is not None
    assert found.due_at < later
