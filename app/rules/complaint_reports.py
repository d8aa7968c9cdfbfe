"""Reports on complaints: their states, who takes which step, and the fingerprint of what was frozen."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.errors import Refused
from app.rules.permissions import Permission, allows

LONGEST = 40_000
SECTIONS = ("situation", "causes", "measures", "suggestions")
LANGUAGES = ("zh", "en")


class State(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    RETURNED = "returned"


class Step(StrEnum):
    """What can be done with a report."""

    EDIT = "edit"
    REFRESH = "refresh"
    SUBMIT = "submit"
    REVIEW = "review"
    RETURN = "return"


@dataclass(frozen=True)
class Move:
    """From which states a step starts, where it leads, and who may take it."""

    sources: frozenset[State]
    to: State | None  # None: the state stays
    permission: Permission


OPEN = frozenset({State.DRAFT, State.RETURNED})
STEPS: dict[Step, Move] = {
    Step.EDIT: Move(OPEN, None, Permission.REPORTS_WRITE),
    Step.REFRESH: Move(OPEN, None, Permission.REPORTS_WRITE),
    Step.SUBMIT: Move(OPEN, State.SUBMITTED, Permission.REPORTS_WRITE),
    Step.REVIEW: Move(frozenset({State.SUBMITTED}), State.REVIEWED, Permission.REPORTS_DECIDE),
    Step.RETURN: Move(frozenset({State.SUBMITTED}), State.RETURNED, Permission.REPORTS_DECIDE),
}


@dataclass(frozen=True)
class Standing:
    """How a person stands to a report. `own`: he has written in it. `alone`: the firm is one person."""

    roles: frozenset[str]
    own: bool
    alone: bool


def check_step(state: str, step: Step, who: Standing) -> State:
    """The state the step leads to. Raises `Refused`: `not_allowed` (role), `not_now` (state), `own_report`."""
    move = STEPS[step]
    if not allows(who.roles, move.permission):
        raise Refused("not_allowed", step=step.value)
    if State(state) not in move.sources:
        raise Refused("not_now", step=step.value, state=state)
    if step is Step.REVIEW and who.own and not who.alone:
        raise Refused("own_report")
    return move.to or State(state)


def open_steps(state: str, who: Standing) -> frozenset[Step]:
    """The steps this person may take in this state."""

    def is_open(step: Step) -> bool:
        try:
            check_step(state, step, who)
        except Refused:
            return False
        return True

    return frozenset(filter(is_open, Step))


def check_reason(reason: str) -> str:
    """Whoever returns a report says why. Raises `Refused("no_reason")`."""
    if not reason.strip():
        raise Refused("no_reason")
    return reason.strip()


def check_sections(sections: Mapping[str, str]) -> None:
    """A report that says nothing is not submitted. Raises `Refused("empty_report")`."""
    if not any(text.strip() for text in sections.values()):
        raise Refused("empty_report")


def digest(figures: Mapping[str, Any], texts: Iterable[str]) -> str:
    """SHA-256 (hex) over figures and texts: the same report has the same one, whatever the order of its keys."""
    content = json.dumps([figures, list(texts)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()
