"""The hours of a day as people write them: “9:00–12:00, 13:00–18:00”, also 9-12 13-18 and in full-width characters."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from app.rules.worktime.calendar import DAY_MINUTES, CalendarError, Span, Spans

MOST_SPANS = 6
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|—|~|至|to)\s*(\d{1,2})(?::(\d{2}))?", re.ASCII)
_BETWEEN = re.compile(r"[\s,;、]*")


def read_spans(text: str) -> Spans:
    """The spans a text says, in order; nothing = closed.

    Raises `CalendarError` (place ""): `unreadable`, `too_many_spans`, `span_outside_day`, `span_empty` (also: across
    midnight), `spans_overlap`.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    spans, at = [], 0
    for match in _SPAN.finditer(plain):
        if not _BETWEEN.fullmatch(plain, at, match.start()):
            raise CalendarError("unreadable", "")
        spans.append(_span(*match.groups()))
        at = match.end()
    if not _BETWEEN.fullmatch(plain, at):
        raise CalendarError("unreadable", "")
    if len(spans) > MOST_SPANS:
        raise CalendarError("too_many_spans", "")
    ordered = tuple(sorted(spans))
    if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
        raise CalendarError("spans_overlap", "")
    return ordered


def _span(*parts: str | None) -> Span:
    opens_hour, opens_minute, closes_hour, closes_minute = (int(part or 0) for part in parts)
    if opens_minute > 59 or closes_minute > 59:
        raise CalendarError("unreadable", "")
    span = Span(opens_hour * 60 + opens_minute, closes_hour * 60 + closes_minute)
    if span.opens > DAY_MINUTES or span.closes > DAY_MINUTES:
        raise CalendarError("span_outside_day", "")
    if span.closes <= span.opens:
        raise CalendarError("span_empty", "")
    return span


def written(spans: Iterable[Span]) -> str:
    """Spans as `read_spans` reads them; "" for a day without hours."""
    return ", ".join(f"{_clock(span.opens)}–{_clock(span.closes)}" for span in sorted(spans))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
