"""What the clocks will have to say, and when: warnings and breaches that do not stand in the log yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.clocks.events import Event, Kind, up_to
from app.rules.clocks.readings import BREACH, Case, Terms, logged, terms_of
from app.rules.clocks.runs import Run
from app.rules.worktime import next_opening


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A warning or breach of one run, in UTC. It happens at `at`; people are told at `notice_at`.

    That is when the unit, or else the firm, next opens; at once when the case is critical, or when it never opens.
    """

    run: Run
    percent: int
    at: datetime
    notice_at: datetime
    critical: bool

    @property
    def event(self) -> Event:
        """The entry that the log is to get: with it there, the occurrence is no longer found."""
        kind = Kind.BREACHED if self.percent == BREACH else Kind.WARNED
        data = {"clock": self.run.clock.value, "round": self.run.round, "turn": self.run.turn}
        return Event(kind, self.at, data if kind is Kind.BREACHED else data | {"percent": self.percent})


def next_event(case: Case, *, now: datetime) -> Occurrence | None:
    """The next warning or breach, which may already be due; None while nothing runs, or all that runs is paused.

    Looks only at what had happened by `now`: ask again after every step of the case. A pause that has no end yet is
    taken to last until the cap ends it.
    """
    return min(_open(case, now), key=lambda found: found.at, default=None)


def pending(case: Case, *, now: datetime) -> tuple[Occurrence, ...]:
    """The warnings and breaches that are due and not in the log, in order."""
    found = (one for one in _open(case, now) if one.at <= now)
    return tuple(sorted(found, key=lambda one: (one.at, one.percent)))


def upcoming(case: Case, *, now: datetime) -> tuple[Occurrence, ...]:
    """All warnings and breaches that are not in the log, due or not, as if nothing more happened."""
    return tuple(_open(case, now))


def _open(case: Case, now: datetime) -> Iterator[Occurrence]:
    events = up_to(case.events, now)
    for terms in terms_of(case, events, now):
        yield from _of_run(terms, events)


def _of_run(terms: Terms, events: Sequence[Event]) -> Iterator[Occurrence]:
    stopped = terms.run.stopped_at
    course = terms.course(stopped)
    if course is None:
        return
    # A clock that has stopped warns of nothing any more, but its breach has to be put on record.
    for percent in (BREACH,) if stopped else (*terms.policy.warnings, BREACH):
        at = terms.reached_at(course, percent)
        if at is None or (stopped and at >= stopped) or logged(events, terms.run, percent):
            continue
        notice_at = at if terms.policy.critical else next_opening(terms.calendar, at) or at
        yield Occurrence(terms.run, percent, at, notice_at, terms.policy.critical)
