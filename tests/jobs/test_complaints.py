"""The clocks of complaints by the timetable: one case's trouble is not everybody's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.jobs import complaints as jobs
from app.jobs import letters
from app.models import ComplaintEvent
from app.services import follow_ups
from app.services.complaints import alarms, following, lapsing
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


@pytest.mark.parametrize(
    ("task", "module", "ids", "step"),
    [
        (jobs.follow_calendar, following, "behind_ids", "pass_on"),
        (jobs.prompt_customers, lapsing, "due_ids", "take_due"),
        (letters.open_follow_ups, follow_ups, "low_scores", "open_by_itself"),
    ],
    ids=["calendar", "waiting", "follow-ups"],
)
def test_one_that_fails_keeps_no_other_waiting(
    make: Factory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    task: Callable[[], None],
    module: ModuleType,
    ids: str,
    step: str,
) -> None:
    make.firm()
    taken: list[int] = []
    words = "机房空调反复停机"

    def stumbling(ident: int, *, now: datetime) -> None:
        if ident == 1:
            raise ValueError(words)
        taken.append(ident)

    reads = letters.queries if module is follow_ups else module
    monkeypatch.setattr(reads, ids, lambda **_now: [1, 2])
    monkeypatch.setattr(module, step, stumbling)
    task()
    assert taken == [2]
    assert " 1 failed" in caplog.text
    assert words not in caplog.text
