"""What a step must be given beside the right person and state. Each guard raises `Refused` with a code."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.errors import Refused
from app.rules.clocks import Party
from app.rules.complaints.states import Case, Outcome, Part, State

MOST_SEND_BACKS = 2
# Inside it a closed case is opened again; afterwards a new, linked complaint begins.
GRACE = timedelta(days=30)
CLOSING_TRIES = 3
CLOSING_TRIES_DAYS = 2
SCORES = range(1, 6)


@dataclass(frozen=True)
class Resolution:
    """What the handler has to say at the end: `prevention` or why there is none."""

    result: str
    reply: str
    remedy: str
    cause_id: int | None
    cause_text: str
    prevention: str
    no_prevention_because: str


@dataclass(frozen=True)
class Try:
    """One attempt to reach the customer for the callback."""

    day: date
    reached: bool


def guard_person(about_user_id: int | None, user_id: int | None) -> None:
    """A complaint about a person never goes to that person, whoever gives or takes it.

    For every step that makes somebody the handler. Raises `Refused("about_this_person")`.
    """
    if about_user_id is not None and user_id == about_user_id:
        raise Refused("about_this_person")


def guard_unit(about_user_id: int | None, unit_heads: Collection[int]) -> None:
    """Nor to a unit that only this person heads. Raises as `guard_person`."""
    if about_user_id is not None and set(unit_heads) == {about_user_id}:
        raise Refused("about_this_person")


def guard_sending_back(case: Case, reason: str) -> None:
    """With a reason, and twice at most; then customer service decides."""
    if not reason.strip():
        raise Refused("reason_missing")
    if case.sent_back >= MOST_SEND_BACKS:
        raise Refused("sent_back_twice")


def guard_waiting(waits_for: str, what: str, until: datetime, now: datetime) -> None:
    """For whom, what for, until when. Raises `Refused`: `waits_for_nobody`, `reason_missing`, `in_the_past`."""
    if waits_for not in frozenset(Party):
        raise Refused("waits_for_nobody")
    if not what.strip():
        raise Refused("reason_missing")
    if until <= now:
        raise Refused("in_the_past")


def guard_resolving(resolution: Resolution) -> None:
    """Raises `Refused("resolution_incomplete", missing=[…])` with the names of the empty fields."""
    missing = [name for name in ("result", "reply", "remedy") if not getattr(resolution, name).strip()]
    if resolution.cause_id is None and not resolution.cause_text.strip():
        missing.append("cause")
    if not resolution.prevention.strip() and not resolution.no_prevention_because.strip():
        missing.append("prevention")
    if missing:
        raise Refused("resolution_incomplete", missing=missing)


def guard_own_case(case: Case, parts: Collection[Part], *, was_handler: bool) -> None:
    """Nobody asks the customer about his own work or closes it, unless the firm is one person.

    For the callback and for closing. Raises `Refused("own_case")`.
    """
    if was_handler and Part.CUSTOMER not in parts and not case.alone:
        raise Refused("own_case")


def guard_closing(
    outcome: Outcome, tries: Iterable[Try], *, satisfied: bool | None, reason: str, by_customer: bool = False
) -> None:
    """What each outcome after a callback needs.

    `satisfied` is what the customer said in this round, None when he was not reached. Raises `Refused`:
    `not_satisfied`, `was_satisfied`, `not_asked`, `was_reached`, `too_few_tries`, `reason_missing`, `outcome_unknown`,
    `not_allowed` (a customer can only be satisfied).
    """
    if by_customer and outcome is not Outcome.SATISFIED:
        raise Refused("not_allowed")
    if outcome is Outcome.UNREACHABLE:
        _guard_unreachable(list(tries))
        return
    if outcome not in (Outcome.SATISFIED, Outcome.DISSATISFIED_ACCEPTED):
        raise Refused("outcome_unknown")
    if satisfied is None:
        raise Refused("not_asked")
    if satisfied is not (outcome is Outcome.SATISFIED):
        raise Refused("was_satisfied" if satisfied else "not_satisfied")
    if outcome is Outcome.DISSATISFIED_ACCEPTED and not reason.strip():
        raise Refused("reason_missing")


def _guard_unreachable(tries: list[Try]) -> None:
    if any(one.reached for one in tries):
        raise Refused("was_reached")
    if len(tries) < CLOSING_TRIES or len({one.day for one in tries}) < CLOSING_TRIES_DAYS:
        raise Refused("too_few_tries", tries=CLOSING_TRIES, days=CLOSING_TRIES_DAYS)


@dataclass(frozen=True)
class Complainant:
    """How somebody who complained can be told from others; whatever is not known is None or ""."""

    customer_id: int | None
    email: str
    phone: str

    def is_surely(self, other: "Complainant") -> bool:
        """Whether both are the same, as far as one can know."""
        return (
            (self.customer_id is not None and self.customer_id == other.customer_id)
            or (bool(self.email) and self.email.casefold() == other.email.casefold())
            or (bool(self.phone) and self.phone == other.phone)
        )


def guard_complainants(one: Complainant, other: Complainant, *, sure: bool) -> None:
    """Cases of different people are merged only if somebody says so: one of them gets no more answers.

    Raises `Refused`: `other_complainant`.
    """
    if not sure and not one.is_surely(other):
        raise Refused("other_complainant")


def guard_merging(
    case_id: int,
    about_user_id: int | None,
    *,
    into_id: int,
    into_state: State,
    into_about_user_id: int | None,
) -> None:
    """Into another case that is open, and that nobody sees whom the one that ends is about.

    A case that has gone into another is closed for good, so that a chain never comes back to where it began. Raises
    `Refused`: `merge_itself`, `target_closed`, `merge_about_person`.
    """
    if into_id == case_id:
        raise Refused("merge_itself")
    if into_state is State.CLOSED:
        raise Refused("target_closed")
    if about_user_id is not None and about_user_id != into_about_user_id:
        raise Refused("merge_about_person")


def guard_reopening(
    case: Case, outcome: Outcome | None, closed_at: datetime | None, reason: str, now: datetime
) -> None:
    """With a reason; a closed case only inside the grace window, a merged one never: the other goes on.

    Raises `Refused`: `reason_missing`, `merged`, `too_late`.
    """
    if not reason.strip():
        raise Refused("reason_missing")
    if outcome is Outcome.MERGED:
        raise Refused("merged")
    if case.state is State.CLOSED and (closed_at is None or now - closed_at > GRACE):
        raise Refused("too_late")
