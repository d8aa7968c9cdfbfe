"""The clocks of complaints by the timetable: one case's trouble is not everybody's."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import complaints as jobs
from app.models import ComplaintEvent
from app.services.complaints import alarms
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made


def test_a_case_that_cannot_be_read_keeps_no_other_from_being_warned(
    make: Factory, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = made.case(make).id, made.case(make).id
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=13))
    write_due, words = alarms.write_due, "机房空调反复停机"

    def stumbling(complaint_id: int, *, now: datetime) -> Any:
        if complaint_id == broken:
            raise ValueError(words)
        return write_due(complaint_id, now=now)

    monkeypatch.setattr(alarms, "write_due", stumbling)
    jobs.write_alarms()
    warned = db.session.scalars(select(ComplaintEvent.complaint_id).where(ComplaintEvent.kind == "warned"))
    assert list(warned) == [good]
    assert f"alarms of case {broken} failed" in caplog.text
    assert words not in caplog.text
