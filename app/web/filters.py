"""How numbers and times are written. Rounding happens here and nowhere else."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from flask import Flask
from flask_babel import format_date, format_datetime
from flask_babel import gettext as _

from app.rules.letters import masked

MINUS = "\u2212"
DASH = "–"


def number(value: float | int | None, digits: int = 1) -> str:
    """A number rounded half up, with a true minus and thousands separators; "–" for None."""
    if value is None:
        return DASH
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,}".replace("-", MINUS)


def signed(value: float | None, digits: int = 1) -> str:
    """A difference, with its sign."""
    text = number(value, digits)
    return (
        text if value is None or text.startswith(MINUS) or Decimal(text.replace(",", "")) == 0 else "+" + text
    )


def percent(value: float | None, digits: int = 1) -> str:
    """A percentage given as 0–100."""
    return DASH if value is None else number(value, digits) + "%"


def span(low: float | None, high: float | None, digits: int = 1) -> str:
    """An interval: an en dash, or "to" where a bound is negative."""
    if low is None or high is None:
        return DASH
    if low < 0 or high < 0:
        return _("%(low)s to %(high)s", low=number(low, digits), high=number(high, digits))
    return f"{number(low, digits)}–{number(high, digits)}"


def probability(p: float | None) -> str:
    """A p-value: three digits, never a bare zero."""
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else number(p, 3)


def moment(value: datetime | None) -> str:
    """An instant in the firm's zone, to the minute."""
    return DASH if value is None else format_datetime(value, _("MMM d, y HH:mm"))


def day(value: date | datetime | None) -> str:
    """A date in the page's language; an instant is taken in the firm's zone."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        return format_datetime(value, _("MMM d, y"))
    return format_date(value, _("MMM d, y"))


def init_app(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        number=number,
        signed=signed,
        percent=percent,
        span=span,
        probability=probability,
        moment=moment,
        day=day,
        masked=masked,
    )
