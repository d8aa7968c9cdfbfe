"""Deadlines a second: what a desk, the scheduler and a summary of 100,000 cases ask of the working calendar.

Twenty calendars with a lunch break and the Chinese holidays of four years; half of the deadlines have one to three
pauses and a cap; limits are in working days, working hours and real hours. Rates are per second of processor time of
one process, which another user of the machine does not change. *Laying out* is what a calendar costs that has not
been asked about that year before.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.adapters.holidays import chinese_year
from app.rules.clocks import Calendars, Case, Event, Kind, Policies, read
from app.rules.worktime import Calendar, Limit, Pause, Span, deadline, explain
from app.rules.worktime.years import year_table
from bench._report import Figure, report

CALENDARS = 20
QUESTIONS = 20_000
CASES = 2_000
ROUNDS = 3
SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
DAYS = 1000

Question = tuple[Calendar, datetime, Limit, tuple[Pause, ...], Limit | None]


def main() -> None:
    """Measure and print."""
    rng = random.Random(11)
    calendars = _calendars()
    layout = _seconds(lambda: [year_table(calendar, 2030) for calendar in calendars]) / CALENDARS
    questions = [_question(rng, calendars) for _ in range(QUESTIONS)]
    plain = [(calendar, start, limit, (), None) for calendar, start, limit, _, _ in questions]
    cases = [_case(rng, calendars[0]) for _ in range(CASES)]
    now = START + timedelta(days=DAYS + 100)
    report(
        "deadline",
        [
            Figure("deadlines, half with pauses", _rate(deadline, questions), "1/s", 20_000),
            Figure("deadlines without pauses", _rate(deadline, plain), "1/s"),
            Figure("explanations", _rate(explain, questions[: QUESTIONS // 10]), "1/s"),
            Figure(
                "cases with all clocks", CASES / _best(lambda: [read(case, now=now) for case in cases]), "1/s"
            ),
            Figure("laying out a year", 1000 * layout, "ms"),
        ],
    )


def _calendars() -> list[Calendar]:
    holidays = tuple(day for year in range(2024, 2028) for day in chinese_year(year).special_days("zh"))
    found = []
    for number in range(CALENDARS):
        hours = (Span(480 + number, 720), Span(780, 1080))
        week = tuple(hours if weekday < 5 else () for weekday in range(7))
        found.append(Calendar(SHANGHAI, week, holidays, frozenset({2027})))
    return found


def _question(rng: random.Random, calendars: Sequence[Calendar]) -> Question:
    start = START + timedelta(minutes=rng.randrange(DAYS * 1440))
    limit, cap = rng.choice(
        [
            (Limit.working_days(3), Limit.working_days(10)),
            (Limit.working_days(5), Limit.working_days(2)),
            (Limit.working_hours(16), Limit.working_hours(40)),
            (Limit.hours(24), Limit.hours(72)),
        ]
    )
    pauses = tuple(_pause(rng, start) for _ in range(rng.randint(1, 3))) if rng.random() < 0.5 else ()
    return rng.choice(calendars), start, limit, pauses, cap if pauses else None


def _pause(rng: random.Random, start: datetime) -> Pause:
    begin = start + timedelta(minutes=rng.randrange(5000))
    return Pause(begin, begin + timedelta(minutes=rng.randrange(1, 6000)))


def _case(rng: random.Random, calendar: Calendar) -> Case:
    start = START + timedelta(minutes=rng.randrange(DAYS * 1440))
    severity = rng.choice(["general", "major", "urgent"])
    steps = [(Kind.RECEIVED, {"severity": severity}), (Kind.ACKNOWLEDGED, {}), (Kind.ASSIGNED, {"unit": 1}),
             (Kind.WAITING, {"party": "customer"}), (Kind.CONTINUED, {}), (Kind.RESOLVED, {}),
             (Kind.CUSTOMER_TOLD, {}), (Kind.CALLED_BACK, {"reached": True}), (Kind.CLOSED, {})]  # fmt: skip
    hours = sorted(rng.randrange(0, 200) for _ in steps[1:])
    events = tuple(
        Event(kind, start + timedelta(hours=hour), data)
        for (kind, data), hour in zip(steps, [0, *hours], strict=True)
    )
    return Case(events, Policies(1), Calendars(1, calendar))


def _rate(function: Callable[..., object], questions: Sequence[Question]) -> float:
    return len(questions) / _best(lambda: [function(*question) for question in questions])


def _best(work: Callable[[], object]) -> float:
    return min(_seconds(work) for _ in range(ROUNDS))


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
