"""The machine of a complaint: its states, its steps, and which part a person must play to take one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.errors import Refused


class Kind(StrEnum):
    """What a customer tells. Only a complaint opens a case."""

    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    QUESTION = "question"


class Channel(StrEnum):
    """How it reached the firm."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    EMAIL = "email"
    WEB = "web"
    SHOP = "shop"
    SOCIAL = "social"
    SURVEY = "survey"


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Step(StrEnum):
    """What can be done with a case."""

    CLASSIFY = "classify"
    NOTE = "note"
    REPLY = "reply"
    ADD = "add"  # what the customer has told since
    ASSIGN = "assign"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    TRANSFER = "transfer"
    WAIT = "wait"
    RESUME = "resume"
    RESOLVE = "resolve"
    REMIND = "remind"  # the customer who is waited for
    LAPSE = "lapse"  # the customer was waited for in vain
    CALLBACK = "callback"
    CLOSE = "close"
    REOPEN = "reopen"
    REJECT = "reject"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    LINK = "link"  # say that two cases belong together, or that they do not


class Outcome(StrEnum):
    """How a case ended."""

    SATISFIED = "satisfied"
    DISSATISFIED_ACCEPTED = "dissatisfied_accepted"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


# Not ours, or told in another case: such cases are in no figure.
LEFT_OUT = (Outcome.REJECTED, Outcome.MERGED)
# Another complaint of the same customer within this time is a repeat.
REPEAT_DAYS = 90
# Cases of the same category and unit this far apart may be about the same thing.
SIMILAR_DAYS = 30


class Entry(StrEnum):
    """Kinds of entry in a case's log that no clock looks at; the others are `rules.clocks.Kind`."""

    ACCEPTED = "accepted"  # data: handler
    NOTED = "noted"  # among ourselves
    ADDED = "added"  # the customer told more
    REPLIED = "replied"  # more was told to the customer than any clock waits for
    REMINDED = (
        "reminded"  # of what we wait for; data: number, question (its entry), lapses_at in the last one
    )
    MERGED_IN = "merged_in"  # another case goes on in this one, with its content; data: case
    LINKED = "linked"  # data: case
    UNLINKED = "unlinked"  # data: case


class Satisfaction(StrEnum):
    """What the customer says when he is called back."""

    SATISFIED = "satisfied"
    PARTLY = "partly"
    NOT = "not"


class Part(StrEnum):
    """The part somebody plays in one case; a person may play several, the same person none in another."""

    SERVICE = "service"  # customer service
    MEMBER = "member"  # belongs to the responsible unit
    HEAD = "head"  # heads it
    HANDLER = "handler"
    MANAGEMENT = "management"
    CUSTOMER = "customer"  # by his secret link, or by mail
    SYSTEM = "system"  # the timetable, and rules that assign


@dataclass(frozen=True)
class Move:
    """From which states a step starts, where it leads (None: the state stays), and whose step it is."""

    sources: frozenset[State]
    to: State | None
    parts: frozenset[Part]


@dataclass(frozen=True)
class Case:
    """What the rules look at.

    `assigned`: some unit has had it. `alone`: the firm is one person, so nobody else could take the step.
    """

    state: State
    assigned: bool = True
    sent_back: int = 0
    alone: bool = False


S, P = State, Part
OPEN = frozenset(S) - {S.CLOSED}
UNIT = frozenset({P.MEMBER, P.HEAD})
WORKERS = frozenset({P.HANDLER, P.HEAD, P.SERVICE})
STEPS: dict[Step, Move] = {
    Step.CLASSIFY: Move(OPEN, None, frozenset({P.SERVICE})),
    Step.NOTE: Move(frozenset(S), None, WORKERS | UNIT | {P.MANAGEMENT}),
    Step.REPLY: Move(frozenset(S), None, WORKERS),
    Step.ADD: Move(frozenset(S), None, WORKERS | {P.CUSTOMER}),
    Step.ASSIGN: Move(frozenset({S.RECEIVED, S.ASSIGNED}), S.ASSIGNED, frozenset({P.SERVICE, P.SYSTEM})),
    Step.ACCEPT: Move(frozenset({S.ASSIGNED}), S.IN_PROGRESS, UNIT),
    Step.SEND_BACK: Move(frozenset({S.ASSIGNED}), S.RECEIVED, UNIT),
    Step.TRANSFER: Move(frozenset({S.IN_PROGRESS}), S.ASSIGNED, WORKERS),
    Step.WAIT: Move(frozenset({S.IN_PROGRESS}), S.WAITING, WORKERS),
    Step.RESUME: Move(frozenset({S.WAITING}), S.IN_PROGRESS, WORKERS | {P.CUSTOMER, P.SYSTEM}),
    Step.RESOLVE: Move(frozenset({S.IN_PROGRESS}), S.RESOLVED, WORKERS),
    Step.REMIND: Move(frozenset({S.WAITING}), None, frozenset({P.SYSTEM})),
    Step.LAPSE: Move(frozenset({S.WAITING}), S.RESOLVED, frozenset({P.SYSTEM})),
    Step.CALLBACK: Move(frozenset({S.RESOLVED}), None, frozenset({P.SERVICE, P.CUSTOMER})),
    Step.CLOSE: Move(frozenset({S.RESOLVED}), S.CLOSED, frozenset({P.SERVICE, P.CUSTOMER})),
    Step.REOPEN: Move(
        frozenset({S.RESOLVED, S.CLOSED}), S.IN_PROGRESS, frozenset({P.SERVICE, P.CUSTOMER, P.MANAGEMENT})
    ),
    Step.REJECT: Move(frozenset({S.RECEIVED}), S.CLOSED, frozenset({P.SERVICE})),
    Step.MERGE: Move(OPEN, S.CLOSED, frozenset({P.SERVICE})),
    Step.WITHDRAW: Move(OPEN, S.CLOSED, frozenset({P.SERVICE, P.CUSTOMER})),
    Step.LINK: Move(frozenset(S), None, WORKERS),
}


def check_step(case: Case, step: Step, parts: Iterable[Part]) -> State:
    """Return the state the step leads to. Raises `Refused`: `not_allowed` (part) or `not_now` (state)."""
    move = STEPS[step]
    if not move.parts & frozenset(parts):
        raise Refused("not_allowed", step=step.value)
    if case.state not in move.sources:
        raise Refused("not_now", step=step.value, state=case.state.value)
    if step is Step.REOPEN and not case.assigned:
        return S.RECEIVED
    return move.to or case.state


def open_steps(case: Case, parts: Iterable[Part]) -> frozenset[Step]:
    """The steps somebody with these parts may take in this state."""
    held = frozenset(parts)
    return frozenset(step for step, move in STEPS.items() if case.state in move.sources and move.parts & held)
