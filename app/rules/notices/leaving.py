"""When a notice may leave the house: while it is open, and at once when it is critical."""

from datetime import date, datetime

from app.rules.worktime import Calendar, next_opening


def leaves_at(calendar: Calendar, now: datetime, *, urgent: bool) -> datetime:
    """Now while the calendar is open or when it is urgent, else when it next opens; now when it never does."""
    return now if urgent else next_opening(calendar, now) or now


def digest_is_due(calendar: Calendar, now: datetime) -> date | None:
    """The local day whose mail of the morning may leave now: from its first opening to its last closing, else None.

    A worker that was away over the opening still sends it, but not at night.
    """
    local = now.astimezone(calendar.zone)
    spans = calendar.day(local.date()).spans
    minute = local.hour * 60 + local.minute
    if not spans or not spans[0].opens <= minute < spans[-1].closes:
        return None
    return local.date()
