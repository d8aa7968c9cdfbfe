"""What the clocks of a case show at a moment: a pure function of its log, one version of policies, and calendars."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.rules.clocks.events import Event, Kind, classification, up_to
from app.rules.clocks.policies import Calendars, Clock, Policies, Policy
from app.rules.clocks.runs import Run, pauses, runs
from app.rules.worktime import (
    Calendar,
    Course,
    Deadline,
    Explanation,
    Limit,
    Pause,
    Unit,
    WorktimeError,
    course_of,
    explain,
    summed_up,
)
from app.rules.worktime.instants import instant, length, micros

BREACH = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A log, and the versions of policies and calendars that were in force when the case was taken in.

    `later` are the versions of calendars that the log says the case has followed since, by number.
    """

    events: tuple[Event, ...]
    policies: Policies
    calendars: Calendars
    later: Mapping[int, Calendars] = field(default_factory=dict)

    def followed(self, until: datetime | None) -> tuple[Calendars, datetime | None]:
        """The calendars of what stopped at `until` or (None) runs still, and since when; None: since the intake."""
        changes = [event for event in self.events if event.kind == Kind.CALENDAR_CHANGED]
        for event in sorted(changes, key=lambda one: one.at, reverse=True):
            if until is None or event.at < until:
                return self.later[event.data["to"]], event.at
        return self.calendars, None


@dataclass(frozen=True, slots=True)
class Reached:
    """So many percent of the limit were used up at a moment (UTC)."""

    percent: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What one run of a clock shows. Times are in UTC; `used` and `paused` are working time where the limit is.

    `due_at` is where it would be if a pause that `is_paused` now ended now; None: never, for lack of working time.
    `used` of `budget` has counted; it goes on growing after the deadline. `warnings` are those reached while it ran.
    `is_late` says what happened: stopped after `due_at`, or still running at it. `breached_at` is when; a breach that
    stands in the log stays, also when an answer that was typed in later shows that it was in time.
    """

    run: Run
    limit: Limit
    due_at: datetime | None
    budget: timedelta
    used: timedelta
    paused: timedelta
    is_paused: bool
    warnings: tuple[Reached, ...]
    is_late: bool
    breached_at: datetime | None
    provisional: tuple[int, ...]
    warns_at: tuple[int, ...]
    calendar_version: int

    @property
    def is_running(self) -> bool:
        """Whether the clock has not been stopped; it may be paused."""
        return self.run.stopped_at is None


@dataclass(frozen=True, slots=True)
class Readings:
    """All runs of all clocks, and what they were computed with."""

    all: tuple[Reading, ...]
    policy_version: int
    calendar_version: int

    def latest(self, clock: Clock) -> Reading | None:
        """The last run of a clock, None when it has not begun."""
        return next((reading for reading in reversed(self.all) if reading.run.clock is clock), None)

    def of_round(self, number: int) -> tuple[Reading, ...]:
        """The figures of one round."""
        return tuple(reading for reading in self.all if reading.run.round == number)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one run: policy, limit and calendar, when they came to hold, and the waits."""

    run: Run
    policy: Policy
    limit: Limit
    calendar: Calendar
    calendar_version: int
    since: datetime
    pauses: tuple[Pause, ...]

    def course(self, now: datetime | None) -> Course | None:
        """How its time runs off. Without `now`, a wait that has not ended never does."""
        return course_of(self.calendar, self.run.started_at, self.limit, self.pauses, self.cap, now=now)

    @property
    def cap(self) -> Limit | None:
        """The cap on waiting, for a clock that waits."""
        return self.policy.pause_cap if self.pauses else None

    def reached_at(self, course: Course, percent: int) -> datetime | None:
        """When so much of the limit is used up, but not before the limit came to hold; None: never."""
        found = course.reached(course.budget * percent // BREACH)
        return None if found is None else max(instant(found[0]), self.since)


def read(case: Case, *, now: datetime) -> Readings:
    """What all clocks show at `now`, from what had happened by then. Raises `LogError` and `PolicyError`."""
    events = up_to(case.events, now)
    readings = tuple(_reading(terms, events, now) for terms in terms_of(case, events, now))
    return Readings(readings, case.policies.version, case.calendars.version)


def why(case: Case, run: Run, *, now: datetime) -> Explanation | None:
    """Why a run is due when it is, as `Reading.due_at` says; None when it never is."""
    events = up_to(case.events, now)
    for terms in terms_of(case, events, now):
        if terms.run == run:
            try:
                return explain(
                    terms.calendar,
                    run.started_at,
                    terms.limit,
                    terms.pauses,
                    terms.cap,
                    now=run.stopped_at or now,
                )
            except WorktimeError:
                return None
    return None


def terms_of(case: Case, events: Sequence[Event], now: datetime) -> Iterator[Terms]:
    """Every run that has a limit, with all that is needed to compute it."""
    for run in runs(events):
        classed = classification(events, run.stopped_at or now)
        policy = case.policies.of(classed.categories, classed.severity)
        limit = policy.limit(run.clock)
        if limit:
            calendars, since = case.followed(run.stopped_at)
            counts = limit.unit is not Unit.MINUTES
            yield Terms(
                run=run,
                policy=policy,
                limit=limit,
                calendar=calendars.of(run.clock, run.unit),
                calendar_version=calendars.version,
                # A corrected calendar may put a deadline into the past; nothing was late before it was known.
                since=max(classed.since, since or classed.since) if counts else classed.since,
                pauses=pauses(events, run.clock),
            )


def logged(events: Sequence[Event], run: Run, percent: int) -> Event | None:
    """The warning or breach of a run, if it stands in the log."""
    kind = Kind.BREACHED if percent == BREACH else Kind.WARNED
    for event in events:
        if event.kind == kind and event.data.get("percent", BREACH) == percent:
            key = (event.data.get("clock"), event.data.get("round"), event.data.get("turn", 1))
            if key == (run.clock, run.round, run.turn):
                return event
    return None


def _reading(terms: Terms, events: Sequence[Event], now: datetime) -> Reading:
    run, end = terms.run, terms.run.stopped_at or now
    course = terms.course(end)
    deadline = _deadline(terms, course)
    breach = logged(events, run, BREACH)
    late_at = None if course is None else _passed(terms, course, BREACH, now)
    return Reading(
        run=run,
        limit=terms.limit,
        due_at=deadline.at if deadline else None,
        budget=length(course.budget if course else 0),
        used=length(course.counted(micros(end)) if course else 0),
        paused=length(course.stood_still(micros(end)) if course else 0),
        is_paused=run.stopped_at is None and deadline is not None and deadline.running,
        warnings=tuple(_warnings(terms, course, now)) if course else (),
        is_late=late_at is not None,
        breached_at=breach.at if breach else late_at,
        provisional=deadline.provisional if deadline else (),
        warns_at=terms.policy.warnings,
        calendar_version=terms.calendar_version,
    )


def _deadline(terms: Terms, course: Course | None) -> Deadline | None:
    try:
        return summed_up(course, terms.calendar, terms.run.started_at) if course else None
    except WorktimeError:
        return None


def _warnings(terms: Terms, course: Course, now: datetime) -> Iterator[Reached]:
    for percent in terms.policy.warnings:
        at = _passed(terms, course, percent, now)
        if at:
            yield Reached(percent, at)


def _passed(terms: Terms, course: Course, percent: int, now: datetime) -> datetime | None:
    """When so much was used up, if that was while the clock ran. Who is ready at the last moment is in time."""
    at, stopped = terms.reached_at(course, percent), terms.run.stopped_at
    if at is None or at > now or (stopped is not None and at >= stopped):
        return None
    return at
