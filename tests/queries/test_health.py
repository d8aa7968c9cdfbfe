"""What the health page says of a worker that is silent, frozen or from the future (T24, T75)."""

from datetime import datetime, timedelta

import pytest

from app.extensions import db
from app.models import WorkerBeat
from app.queries.health import check
from tests.factories import Factory


@pytest.mark.parametrize(
    ("age", "good"),
    [
        pytest.param(5, True, id="alive"),
        pytest.param(-5, True, id="a little ahead"),
        pytest.param(100, False, id="frozen for less than two minutes"),
        pytest.param(-7200, False, id="left over from before the clock was set back"),
    ],
)
def test_a_worker_is_judged_by_its_last_beat(make: Factory, now: datetime, age: int, good: bool) -> None:
    make.firm()
    db.session.add(WorkerBeat(name="w1", at=now - timedelta(seconds=age)))
    db.session.commit()
    assert check(now).good is good


def test_without_any_beat_nobody_works(make: Factory, now: datetime) -> None:
    make.firm()
    assert not check(now).good
