"""When survey mail may leave: pace per minute and quiet hours in the firm's zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60


def is_quiet(moment: datetime, quiet_from: int, quiet_until: int, zone: ZoneInfo) -> bool:
    """Whether `moment` lies in the quiet hours, given as local minutes of the day; equal = none."""
    if quiet_from == quiet_until:
        return False
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet_from < quiet_until:
        return quiet_from <= minute < quiet_until
    return minute >= quiet_from or minute < quiet_until


def next_allowed(moment: datetime, quiet_from: int, quiet_until: int, zone: ZoneInfo) -> datetime:
    """The first instant from `moment` on that is not in the quiet hours, in UTC.

    When the clock jumps over the end of the quiet hours, sending begins right after the jump; when an
    hour comes twice, the quiet hours end with its first coming.
    """
    if not is_quiet(moment, quiet_from, quiet_until, zone):
        return moment.astimezone(UTC)
    local = moment.astimezone(zone)
    end = _at(local, quiet_until, zone)
    if end <= moment:
        end = _at(local + timedelta(days=1), quiet_until, zone)
    return end.astimezone(UTC)


def slots(
    start: datetime, *, pace: int, quiet_from: int, quiet_until: int, zone: ZoneInfo
) -> Iterator[datetime]:
    """Endless instants, `pace` a minute, evenly apart, none in the quiet hours."""
    step = timedelta(minutes=1) / max(pace, 1)
    moment = start.astimezone(UTC)
    while True:
        moment = next_allowed(moment, quiet_from, quiet_until, zone)
        yield moment
        moment += step


class PaceMeter:
    """How many mails may leave now, given what has left; guards against a burst after a standstill.

    Starts empty, fills at `pace` a minute, and never holds more than ten seconds' worth (at least one).
    Times are seconds of a monotonic clock.
    """

    def __init__(self, started: float) -> None:
        self._last = started
        self._saved = 0.0

    def available(self, pace: int, moment: float) -> int:
        """Mails that may leave at `moment`."""
        fresh = max(moment - self._last, 0.0) * pace / 60
        self._saved = min(self._saved + fresh, max(pace / 6, 1.0))
        self._last = moment
        return int(self._saved)

    def take(self, count: int) -> None:
        """Note that `count` mails were taken."""
        self._saved -= count


def _at(local: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The instant at which the wall clock of that day first shows the minute, or has jumped past it."""
    wall = datetime.combine(local.date(), time(minute % DAY_MINUTES // 60, minute % 60), zone)
    instant = wall.astimezone(UTC)
    back = instant.astimezone(zone)
    if back.replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # The minute does not exist on that day: with fold=1 the same wall time lies just before the jump.
    before = wall.replace(fold=1).astimezone(UTC)
    return _end_of_gap(min(before, instant), max(before, instant), zone)


def _end_of_gap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the jump between two instants with different offsets, to the minute."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)
