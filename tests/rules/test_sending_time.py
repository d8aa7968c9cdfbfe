"""Pace and quiet hours, also where the clock jumps."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from app.rules.sending_time import PaceMeter, is_quiet, next_allowed, slots

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
EVENING, MORNING = 21 * 60, 8 * 60


def at(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(20, 59, False), (21, 0, True), (3, 0, True), (7, 59, True), (8, 0, False)]
)
def test_quiet_over_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert is_quiet(at(SHANGHAI, 2026, 10, 12, hour, minute), EVENING, MORNING, SHANGHAI) is quiet


def test_quiet_within_a_day_and_none_at_all() -> None:
    noon = at(SHANGHAI, 2026, 10, 12, 12, 30)
    assert is_quiet(noon, 12 * 60, 13 * 60, SHANGHAI)
    assert not is_quiet(noon, 600, 600, SHANGHAI)
    assert next_allowed(noon, 600, 600, SHANGHAI) == noon


def test_the_next_allowed_moment_is_the_morning() -> None:
    expected = at(SHANGHAI, 2026, 10, 13, 8, 0)
    assert next_allowed(at(SHANGHAI, 2026, 10, 12, 22, 10), EVENING, MORNING, SHANGHAI) == expected
    assert next_allowed(at(SHANGHAI, 2026, 10, 13, 7, 59), EVENING, MORNING, SHANGHAI) == expected


def test_quiet_hours_that_end_in_the_skipped_hour_end_with_the_jump() -> None:
    # In Berlin 02:00 to 03:00 does not exist on 28 March 2027.
    start = at(BERLIN, 2027, 3, 28, 1, 59)
    allowed = next_allowed(start, 23 * 60, 2 * 60 + 30, BERLIN)
    assert allowed == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert allowed.astimezone(BERLIN).hour == 3


def test_quiet_hours_that_end_in_the_doubled_hour_end_once() -> None:
    # 02:00 to 03:00 comes twice on 31 October 2027; the first 02:30 is 00:30 UTC.
    allowed = next_allowed(at(BERLIN, 2027, 10, 31, 1, 0), 23 * 60, 2 * 60 + 30, BERLIN)
    assert allowed == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_slots_keep_the_pace_and_skip_the_night() -> None:
    start = at(SHANGHAI, 2026, 10, 12, 20, 59)
    found = list(islice(slots(start, pace=2, quiet_from=EVENING, quiet_until=MORNING, zone=SHANGHAI), 4))
    assert found == [
        start,
        start + timedelta(seconds=30),
        at(SHANGHAI, 2026, 10, 13, 8, 0),
        at(SHANGHAI, 2026, 10, 13, 8, 0) + timedelta(seconds=30),
    ]


def test_a_standstill_is_not_followed_by_a_burst() -> None:
    meter = PaceMeter(0.0)
    assert meter.available(60, 0.0) == 0
    assert meter.available(60, 3600.0) == 10
    meter.take(10)
    assert meter.available(60, 3600.5) == 0
    assert meter.available(60, 3602.0) == 2


def test_the_slowest_pace_still_sends() -> None:
    meter = PaceMeter(0.0)
    assert meter.available(1, 59.0) == 0
    assert meter.available(1, 60.0) == 1
