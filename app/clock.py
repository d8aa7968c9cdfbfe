"""The only place that reads the clock. Everything below the edge is handed `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant as an aware datetime in UTC."""
    return datetime.now(UTC)
