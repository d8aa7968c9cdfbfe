"""Instants as whole microseconds since 1970 in UTC: what all sums of working time are made with."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
EPOCH_ORDINAL = EPOCH.toordinal()
FIRST_YEAR, LAST_YEAR = 1971, 2199
END = (datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND


class WorktimeError(ValueError):
    """A question that has no answer.

    `code`: `no_zone` (a time without a zone), `out_of_range` (outside the years 1971 to 2199), `ends_before_start`,
    `negative_amount`, `limit_not_positive`, `cap_unit` (a pause cap that is not measured like its limit),
    `now_missing` (an open pause, but no present), `not_reached` (not before 2200: mostly a calendar without hours).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    if moment.tzinfo is None:
        raise WorktimeError("no_zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise WorktimeError("out_of_range")
    return (moment - EPOCH) // MICROSECOND


def instant(value: int) -> datetime:
    """The moment in UTC."""
    return EPOCH + timedelta(microseconds=value)


def length(value: int) -> timedelta:
    """A length of time."""
    return timedelta(microseconds=value)
