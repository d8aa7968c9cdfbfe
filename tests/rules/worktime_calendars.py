"""Calendars that several tests of working time use, written the way a person would."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.rules.worktime import Calendar, DayKind, Span, SpecialDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_FIVE = (Span(9 * 60, 17 * 60),)
WITH_LUNCH = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
FRIDAY = 4

# What a firm in China has in its calendar for the spring of 2026.
SPRING = (
    SpecialDay(date(2026, 2, 14), DayKind.MAKE_UP, "春节", like=FRIDAY),
    *(SpecialDay(date(2026, 2, day), DayKind.HOLIDAY, "春节") for day in range(15, 24)),
    SpecialDay(date(2026, 2, 28), DayKind.MAKE_UP, "春节", like=FRIDAY),
)


def week(*hours: Span, days: int = 5) -> tuple[tuple[Span, ...], ...]:
    """The same hours from Monday on, for so many days."""
    return tuple(hours if weekday < days else () for weekday in range(7))


def firm(*special: SpecialDay, zone: ZoneInfo = SHANGHAI, hours: tuple[Span, ...] = NINE_TO_FIVE) -> Calendar:
    """Monday to Friday."""
    return Calendar(zone, week(*hours), special)


def local(*parts: int, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A moment by the firm's clock."""
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type, misc]
