"""The clocks of a case in words, and why each is due when it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from app.blueprints.complaints import words
from app.models import Complaint
from app.queries.complaints.clocks import calendar_made_at, case_of
from app.rules import clocks
from app.rules.clocks import Clock, Reading, Severity
from app.rules.worktime import CountedDay, DayKind, Explanation, PauseEffect, SkippedDay, SkipReason, Unit
from app.web.filters import moment
from app.web.i18n import page_language

SHOWN = (Clock.ACKNOWLEDGE, Clock.INTERIM, Clock.CUSTOMER, Clock.DEPARTMENT, Clock.CALLBACK)


@dataclass(frozen=True)
class Row:
    """One line of a reason: a day or a stretch of days, what it was, and how much of it counted."""

    when: str
    what: str
    counted: str


@dataclass(frozen=True)
class Card:
    """One clock. `mark` is the state of `ui.clock`; `why` and `rows` give the reasons."""

    code: str
    name: str
    left: str
    share: float
    mark: str
    due: str
    why: list[str]
    rows: list[Row]
    end: str


def cards(complaint: Complaint, now: datetime) -> list[Card]:
    """The clocks of the present round, and whether the first answer came in time."""
    case = case_of(complaint, lang=page_language())
    readings = clocks.read(case, now=now)
    found = []
    for clock in SHOWN:
        reading = readings.latest(clock)
        if reading is not None and reading.run.round in (complaint.round, 1):
            if clock is not Clock.ACKNOWLEDGE and reading.run.round != complaint.round:
                continue
            explanation = clocks.why(case, reading.run, now=now)
            found.append(_card(reading, explanation, Severity(complaint.severity), now))
    return found


def _card(reading: Reading, explanation: Explanation | None, severity: Severity, now: datetime) -> Card:
    share = reading.used / reading.budget if reading.budget else 0.0
    return Card(
        code=reading.run.clock.value,
        name=str(words.CLOCKS[reading.run.clock]),
        left=_left(reading, now),
        share=min(share, 1.0),
        mark=_mark(reading, share),
        due=_due(reading),
        why=list(_why(reading, severity)),
        rows=list(_rows(explanation)) if explanation else [],
        end=words.when(reading.due_at) if reading.due_at else "",
    )


def _mark(reading: Reading, share: float) -> str:
    if reading.is_late:
        return "late"
    if not reading.is_running:
        return "good"
    if reading.is_paused:
        return "rest"
    return "soon" if share * clocks.BREACH >= reading.warns_at[-1] else "now"


def _left(reading: Reading, now: datetime) -> str:
    if not reading.is_running:
        return _("Too late") if reading.is_late else _("In time")
    if reading.due_at is None:
        return _("Never due")
    if reading.is_late:
        return _("%(time)s late", time=words.duration(now - reading.due_at))
    if reading.is_paused:
        return _("Paused")
    return _("%(time)s left", time=words.duration(reading.due_at - now))


def _due(reading: Reading) -> str:
    if reading.due_at is None:
        return ""
    if reading.run.stopped_at is not None:
        return _(
            "Due %(due)s, done %(done)s",
            due=words.when(reading.due_at),
            done=words.when(reading.run.stopped_at),
        )
    if reading.is_paused:
        return _("Due %(due)s if it goes on now", due=words.when(reading.due_at))
    return _("Due %(due)s", due=words.when(reading.due_at))


def _why(reading: Reading, severity: Severity) -> Iterator[str]:
    yield _(
        "Limit for severity “%(severity)s”: %(limit)s, from %(start)s.",
        severity=words.SEVERITIES[severity],
        limit=words.limit_text(reading.limit),
        start=words.when(reading.run.started_at),
    )
    if reading.limit.unit is Unit.WORKING_DAYS:
        yield _("The day on which it begins never counts; the limit ends when the last day closes.")
    if reading.limit.unit is not Unit.MINUTES:
        made = calendar_made_at(reading.calendar_version)
        yield _(
            "Counted by version %(version)s of the working calendar, of %(day)s.",
            version=reading.calendar_version,
            day=moment(made),
        )
    for year in reading.provisional:
        yield _(
            "The official holidays of %(year)s are not published yet, so this deadline may still move.",
            year=str(year),
        )


def _rows(explanation: Explanation) -> Iterator[Row]:
    yield from _days(explanation)
    for pause in explanation.pauses:
        yield _pause(pause)


def _days(explanation: Explanation) -> Iterator[Row]:
    stretch: list[SkippedDay] = []
    for day in explanation.days:
        if isinstance(day, SkippedDay):
            if stretch and (day.reason, day.name) != (stretch[-1].reason, stretch[-1].name):
                yield _skipped(stretch)
                stretch = []
            stretch.append(day)
            continue
        if stretch:
            yield _skipped(stretch)
            stretch = []
        yield _counted(day)
    if stretch:
        yield _skipped(stretch)


def _skipped(stretch: list[SkippedDay]) -> Row:
    first, last = stretch[0], stretch[-1]
    when = (
        _on(first.on) if first is last else _("%(first)s – %(last)s", first=_on(first.on), last=_on(last.on))
    )
    what = {
        SkipReason.REST_DAY: _("not a working day"),
        SkipReason.HOLIDAY: _("%(name)s, closed", name=first.name),
        SkipReason.DAY_OF_RECEIPT: _("the day it began"),
        SkipReason.AFTER_HOURS: _("after working hours"),
    }[first.reason]
    return Row(when, what, "0")


def _counted(day: CountedDay) -> Row:
    what = {
        DayKind.MAKE_UP: _("make-up working day (%(name)s)", name=day.name),
        DayKind.OWN_HOURS: day.name or _("own hours"),
    }.get(day.kind, _("working day"))
    if day.paused:
        what = _("%(day)s, %(time)s of it paused", day=what, time=words.working_length(day.paused))
    return Row(_on(day.on), what, words.working_length(day.counted))


def _pause(pause: PauseEffect) -> Row:
    end = _("still lasting") if pause.end is None else words.when(pause.end)
    what = _("paused; moved the deadline by %(time)s", time=_length(pause.moved))
    if pause.cut:
        what += " " + _("(%(time)s more fell behind the cap)", time=_length(pause.cut))
    return Row(_("%(first)s – %(last)s", first=words.when(pause.start), last=end), what, "")


def _length(length: timedelta) -> str:
    return words.working_length(length) if length else _("nothing")


def _on(day: date) -> str:
    return str(format_date(day, _("EEE, MMM d")))
