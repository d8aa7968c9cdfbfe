"""Which function does which kind of work, and what happens by the clock.

A job function takes `Progress` and the job's params; it does its work in steps, each in a
transaction of its own (`runner.transaction()`), so that a killed worker loses one step at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

JobFunction = Callable[..., dict[str, Any] | None]
TickFunction = Callable[[], None]


@dataclass(frozen=True)
class Periodic:
    """Something done once in every slot of `every`."""

    name: str
    every: timedelta
    run: TickFunction


JOBS: dict[str, JobFunction] = {}
TIMETABLE: list[Periodic] = []


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register the function for a kind of job."""

    def decorate(function: JobFunction) -> JobFunction:
        JOBS[kind] = function
        return function

    return decorate


def every(interval: timedelta) -> Callable[[TickFunction], TickFunction]:
    """Register a function for the timetable."""

    def decorate(function: TickFunction) -> TickFunction:
        TIMETABLE.append(Periodic(function.__name__, interval, function))
        return function

    return decorate
