"""Surveys: states, steps, guards, and what has to be ready before asking begins."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.errors import Refused
from app.rules.permissions import Permission, allows


class State(StrEnum):
    """Where a survey stands."""

    DRAFT = "draft"
    READY = "ready"
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"


class Step(StrEnum):
    """What can be done with a survey."""

    EDIT = "edit"
    PREPARE = "prepare"
    REWORK = "rework"
    LAUNCH = "launch"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    REMIND = "remind"
    CLOSE = "close"
    RELEASE = "release"


@dataclass(frozen=True)
class Move:
    """From which states a step starts, where it leads, and who may take it."""

    sources: frozenset[State]
    to: State | None  # None: the state stays
    permission: Permission = Permission.SURVEYS_RUN


S = State
RUNNING = frozenset({S.LIVE, S.PAUSED})
STEPS: dict[Step, Move] = {
    Step.EDIT: Move(frozenset({S.DRAFT}), None),
    Step.PREPARE: Move(frozenset({S.DRAFT}), S.READY),
    Step.REWORK: Move(frozenset({S.READY}), S.DRAFT),
    Step.LAUNCH: Move(frozenset({S.READY}), S.LIVE),
    Step.PAUSE: Move(frozenset({S.LIVE}), S.PAUSED),
    Step.RESUME: Move(frozenset({S.PAUSED}), S.LIVE),
    Step.EXTEND: Move(RUNNING, None),
    Step.REMIND: Move(frozenset({S.LIVE}), None),
    Step.CLOSE: Move(RUNNING, S.CLOSED),
    Step.RELEASE: Move(frozenset({S.CLOSED}), None, Permission.SURVEYS_RELEASE),
}

PACE_LIMITS = (1, 6000)
SHORTEST_RUN = timedelta(hours=1)


OFFICE_OPENS, OFFICE_CLOSES = 9, 18
USUAL_RUN = timedelta(days=14)
SATURDAY = 5


def sensible_start(now: datetime) -> datetime:
    """When a new survey may well open: the next weekday at nine, after today. In the time of `now`."""
    day = now.replace(hour=OFFICE_OPENS, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day


def sensible_end(start: datetime) -> datetime:
    """Two weeks later, at the end of the working day."""
    return (start + USUAL_RUN).replace(hour=OFFICE_CLOSES)


def check_step(state: str, step: Step, roles: Iterable[str] | None) -> State:
    """Return the state the step leads to. `roles` None stands for the timetable.

    Raises `Refused`: `not_allowed` (role) or `not_now` (state).
    """
    move = STEPS[step]
    if roles is not None and not allows(roles, move.permission):
        raise Refused("not_allowed", step=step.value)
    if State(state) not in move.sources:
        raise Refused("not_now", step=step.value, state=state)
    return move.to or State(state)


def open_steps(state: str, roles: Iterable[str]) -> frozenset[Step]:
    """The steps these roles may take in this state."""
    held = frozenset(roles)
    return frozenset(
        step for step, move in STEPS.items() if State(state) in move.sources and allows(held, move.permission)
    )


@dataclass(frozen=True)
class Readiness:
    """What the checklist looks at."""

    name_languages: frozenset[str]
    version_published: bool
    opens_at: datetime
    closes_at: datetime
    recipients: int
    open_links: int
    text_problems: int
    reminder_problems: int
    reminder_limit: int
    sender_set: bool
    mail_server_set: bool
    links_open_everywhere: bool


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `blocking` lines must be done before the survey can be ready."""

    code: str
    done: bool
    blocking: bool = True


def checklist(state: Readiness, *, now: datetime) -> list[Item]:
    """What is done and what is missing, in the order of the pages."""
    # Without a mail server nothing leaves, so a trial on one machine is not warned; an open link is for others.
    links_leave = state.open_links > 0 or (state.recipients > 0 and state.mail_server_set)
    items = [
        Item("name", bool(state.name_languages)),
        Item("questionnaire", state.version_published),
        Item("times", state.closes_at - max(state.opens_at, now) >= SHORTEST_RUN),
        Item("recipients", state.recipients > 0 or state.open_links > 0),
        Item("texts", state.recipients == 0 or state.text_problems == 0),
        Item(
            "reminders",
            state.recipients == 0 or state.reminder_limit == 0 or state.reminder_problems == 0,
        ),
        Item("sender", state.recipients == 0 or state.sender_set),
        Item("mail_server", state.recipients == 0 or state.mail_server_set, blocking=False),
    ]
    if links_leave or state.links_open_everywhere:
        items.append(Item("address", state.links_open_everywhere, blocking=False))
    return items


def missing(items: Iterable[Item]) -> list[str]:
    """Codes of the lines that still block."""
    return [item.code for item in items if item.blocking and not item.done]


def seal(rows: Iterable[tuple[int, int, str | None, dict[str, Any]]]) -> tuple[int, str]:
    """Count and SHA-256 over complete responses `(id, version id, submitted at in ISO, answers)`.

    The rows must come ordered by id. Keys are sorted, so that the storage order of a document
    does not matter; any changed, added or missing answer gives another hash.
    """
    digest, count = hashlib.sha256(), 0
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
        count += 1
    return count, digest.hexdigest()
