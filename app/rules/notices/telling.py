"""Which entry of a case's log tells which parts of the case, and the ladder of its clocks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.rules import clocks
from app.rules.clocks import BREACH, Clock
from app.rules.complaints import Entry, Part, State

# Below it stands whatever can hurt somebody: management hears of it at once, however small it looks.
SAFETY = "category.safety"


class Kind(StrEnum):
    """What a notice says."""

    CRITICAL = "critical"  # a critical complaint, or one that has become critical
    NEW = "new"  # nobody has it yet: customer service shares it out
    ASSIGNED = "assigned"  # to the unit
    YOURS = "yours"  # to its handler by name
    SENT_BACK = "sent_back"
    ADDED = "added"  # the customer told more
    NOTED = "noted"  # a colleague wrote a note
    RESOLVED = "resolved"  # the customer is to be called back
    REOPENED = "reopened"
    CLOSED = "closed"
    WARNED = "warned"
    BREACHED = "breached"


@dataclass(frozen=True)
class Told:
    """One notice, and the parts it goes to. Whoever plays several of them is told once."""

    kind: Kind
    parts: frozenset[Part]


@dataclass(frozen=True)
class Held:
    """Who has the case now: whether there is a handler who can be told, a unit with people, somebody who heads it."""

    state: State
    handler: bool = False
    unit: bool = False
    head: bool = False


P = Part
UNIT = frozenset({P.MEMBER, P.HEAD})
SERVICE = frozenset({P.SERVICE})
NOBODY: tuple[Told, ...] = ()
# Warnings and the breach: how far up each is told, the rungs below it included.
LADDER: Mapping[int, tuple[Part, ...]] = {
    50: (),
    80: (P.HEAD,),
    BREACH: (P.HEAD, P.SERVICE, P.MANAGEMENT),
}


def is_critical(policy_says: bool, categories: Collection[str]) -> bool:
    """Whether a case does not wait for opening time; `categories` are the codes of its category and those above."""
    return policy_says or any(code == SAFETY or code.startswith(f"{SAFETY}.") for code in categories)


def told_by_step(
    kind: str, data: Mapping[str, Any], held: Held, *, became_critical: bool = False
) -> tuple[Told, ...]:
    """What an entry tells, the weightiest first. `became_critical`: by this entry.

    The receipt is not here: what follows from it is clear only when a rule has assigned the case or not
    (`told_on_opening`).
    """
    if kind in (clocks.Kind.ASSIGNED, clocks.Kind.TRANSFERRED):
        return _handed(held)
    if kind == clocks.Kind.CLASSIFIED:
        return (_critical(_holders(held)),) if became_critical else NOBODY
    if kind == clocks.Kind.REOPENED:
        return (Told(Kind.REOPENED, _holders(held) | ({P.HEAD} if held.unit else set())),)
    if kind == Entry.ADDED:
        # Once it is solved it is customer service who has to do with the customer.
        solved = held.state in (State.RESOLVED, State.CLOSED)
        return (Told(Kind.ADDED, SERVICE if solved else _holders(held)),)
    return _SIMPLE.get(kind, NOBODY)


def told_on_opening(held: Held, *, critical: bool) -> tuple[Told, ...]:
    """What the receipt of a complaint tells, once rules have been asked to whom it goes."""
    found = (_critical(frozenset()),) if critical else NOBODY
    return (*found, Told(Kind.NEW, SERVICE)) if held.state is State.RECEIVED else found


def told_by_clock(clock: str, percent: int, held: Held) -> tuple[Told, ...]:
    """What a warning (`percent` of the time used up) or a breach tells: the ladder."""
    if held.state is State.CLOSED:
        # What is put on record afterwards calls nobody any more.
        return NOBODY
    kind = Kind.BREACHED if percent == BREACH else Kind.WARNED
    rungs = LADDER.get(percent, ())
    of_service = clock == Clock.CALLBACK or not held.unit
    if of_service:
        above: frozenset[Part] = frozenset({P.MANAGEMENT} if P.MANAGEMENT in rungs else ())
        return (Told(kind, SERVICE | above),)
    parts = _holders(held) | frozenset(rungs)
    if P.HEAD in rungs and not held.head:
        # A rung that nobody stands on is passed over.
        parts |= SERVICE
    return (Told(kind, parts),)


def _handed(held: Held) -> tuple[Told, ...]:
    if held.handler:
        return (Told(Kind.YOURS, frozenset({P.HANDLER})),)
    return (Told(Kind.ASSIGNED, _holders(held)),)


def _holders(held: Held) -> frozenset[Part]:
    """Who has to do with it now: the handler, else his unit, else customer service."""
    if held.handler:
        return frozenset({P.HANDLER})
    return UNIT if held.unit else SERVICE


def _critical(also: frozenset[Part]) -> Told:
    return Told(Kind.CRITICAL, frozenset({P.MANAGEMENT}) | also)


_SIMPLE: Mapping[str, tuple[Told, ...]] = {
    clocks.Kind.SENT_BACK: (Told(Kind.SENT_BACK, SERVICE),),
    clocks.Kind.RESOLVED: (Told(Kind.RESOLVED, SERVICE),),
    clocks.Kind.CLOSED: (Told(Kind.CLOSED, frozenset({P.HANDLER})),),
    Entry.NOTED: (Told(Kind.NOTED, frozenset({P.HANDLER})),),
}
