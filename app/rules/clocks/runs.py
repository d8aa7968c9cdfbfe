"""When each clock of a case ran, read from its log. Nothing is computed here; limits and calendars come later."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.rules.clocks.events import Event, Kind, Party, received
from app.rules.clocks.policies import Clock
from app.rules.worktime import Pause


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock. A reopened case starts a new `round`; within it, each unit that gets the case has its own
    `turn` of the department's clock. `stopped_at` None: it is running; `stopped_by` is the kind of event.
    """

    clock: Clock
    round: int
    turn: int
    unit: int | None
    started_at: datetime
    stopped_at: datetime | None
    stopped_by: str


@dataclass(frozen=True, slots=True)
class Round:
    """What belongs to one round, with the reopening that began it; `ended_by` is the one that began the next."""

    number: int
    started_at: datetime
    events: tuple[Event, ...]
    ended_by: Event | None

    def first(self, kinds: frozenset[Kind], events: Sequence[Event] | None = None) -> Event | None:
        """The first event of these kinds, or the end of the round."""
        within = self.events if events is None else events
        return next((event for event in within if _is(event, kinds)), self.ended_by)


ANSWERED = frozenset({Kind.CUSTOMER_TOLD, Kind.CLOSED})
STOPPED_BY: Mapping[Clock, frozenset[Kind]] = {
    # Whatever reaches the customer tells him that we know of it.
    Clock.ACKNOWLEDGE: ANSWERED | {Kind.ACKNOWLEDGED, Kind.INTERIM_REPLIED},
    Clock.CUSTOMER: ANSWERED,
    Clock.INTERIM: ANSWERED | {Kind.INTERIM_REPLIED},
    Clock.DEPARTMENT: frozenset({Kind.RESOLVED, Kind.SENT_BACK, Kind.CLOSED}),
    Clock.CALLBACK: frozenset({Kind.CALLED_BACK, Kind.CLOSED}),
}
HANDED_OVER = frozenset({Kind.ASSIGNED, Kind.TRANSFERRED})
PAUSED_BY: Mapping[Clock, frozenset[Party]] = {
    Clock.ACKNOWLEDGE: frozenset(),
    Clock.CUSTOMER: frozenset({Party.CUSTOMER}),
    Clock.INTERIM: frozenset({Party.CUSTOMER}),
    Clock.DEPARTMENT: frozenset(Party),
    Clock.CALLBACK: frozenset(),
}
ENDS_WAITING = HANDED_OVER | {
    Kind.WAITING, Kind.CONTINUED, Kind.SENT_BACK, Kind.RESOLVED, Kind.CUSTOMER_TOLD, Kind.REOPENED, Kind.CLOSED,
}  # fmt: skip


def runs(events: Sequence[Event]) -> Iterator[Run]:
    """Every run of every clock. `events` are in order. Raises `LogError` `not_received`."""
    acknowledged = next((event for event in events if _is(event, STOPPED_BY[Clock.ACKNOWLEDGE])), None)
    yield _run(Clock.ACKNOWLEDGE, 1, received(events).at, acknowledged)
    unit = None
    for one in _rounds(events):
        for clock in (Clock.CUSTOMER, Clock.INTERIM):
            yield _run(clock, one.number, one.started_at, one.first(STOPPED_BY[clock]))
        for run in _department(one, unit):
            unit = run.unit
            yield run
        yield from _callback(one)


def pauses(events: Iterable[Event], clock: Clock) -> tuple[Pause, ...]:
    """The waits that stop a clock. `events` are in order; the last wait may be open."""
    found: list[Pause] = []
    since: datetime | None = None
    for event in events:
        if event.kind not in ENDS_WAITING:
            continue
        if since is not None:
            found.append(Pause(since, event.at))
        waits = event.kind == Kind.WAITING and event.data.get("party") in PAUSED_BY[clock]
        since = event.at if waits else None
    if since is not None:
        found.append(Pause(since, None))
    return tuple(found)


def _rounds(events: Sequence[Event]) -> Iterator[Round]:
    starts = [number for number, event in enumerate(events) if event.kind == Kind.REOPENED]
    started_at = received(events).at
    for number, (begin, end) in enumerate(zip([0, *starts], [*starts, None], strict=True), start=1):
        within = tuple(events[begin:end])
        ended_by = None if end is None else events[end]
        yield Round(number, started_at if number == 1 else within[0].at, within, ended_by)


def _department(one: Round, unit: int | None) -> Iterator[Run]:
    """One run for each time a unit gets the case. A reopened case stays with the last unit unless another is named."""
    turn = 0
    for number, event in enumerate(one.events):
        if event.kind not in HANDED_OVER and event.kind != Kind.REOPENED:
            continue
        unit = event.data.get("unit", unit)
        if event.kind == Kind.REOPENED and unit is None:
            continue  # no unit has had it yet
        turn += 1
        stop = one.first(STOPPED_BY[Clock.DEPARTMENT] | HANDED_OVER, one.events[number + 1 :])
        yield _run(Clock.DEPARTMENT, one.number, event.at, stop, turn=turn, unit=unit)


def _callback(one: Round) -> Iterator[Run]:
    """From the moment at which the customer knows the result."""
    for number, event in enumerate(one.events):
        if event.kind == Kind.CUSTOMER_TOLD:
            stop = one.first(STOPPED_BY[Clock.CALLBACK], one.events[number + 1 :])
            yield _run(Clock.CALLBACK, one.number, event.at, stop)
            return


def _is(event: Event, kinds: frozenset[Kind]) -> bool:
    # An attempt to call back that reached nobody is no callback.
    return event.kind in kinds and not (event.kind == Kind.CALLED_BACK and not event.data.get("reached"))


def _run(
    clock: Clock,
    number: int,
    started_at: datetime,
    stop: Event | None,
    *,
    turn: int = 1,
    unit: int | None = None,
) -> Run:
    # What was typed in later may have happened before the case was.
    stopped_at = None if stop is None else max(stop.at, started_at)
    return Run(clock, number, turn, unit, started_at, stopped_at, "" if stop is None else str(stop.kind))
