"""The end of a case: calling back, closing, opening it again; and what ends it before it is handled."""

from dataclasses import dataclass
from datetime import datetime

from app.errors import Refused
from app.models import CallbackTry, Complaint, ComplaintRound, User
from app.queries.complaints import cases
from app.queries.complaints import clocks as clock_reads
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Channel, Outcome, Part, Satisfaction, State, Step
from app.services.complaints import assigning, log

SCORES = range(1, 6)


@dataclass(frozen=True)
class Answer:
    """What the customer says when he is reached; scores from 1 to 5, None where he gave none."""

    satisfaction: Satisfaction
    words: str = ""
    solution_score: int | None = None
    handling_score: int | None = None


def call_back(
    complaint: Complaint,
    *,
    channel: Channel,
    answer: Answer | None,
    handler: User | None = None,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
) -> None:
    """One attempt; `answer` None: nobody was reached. Satisfied closes the case, not satisfied opens it again.

    `handler` is who takes over then. `by` None: the customer says it himself, by his secret link. Raises `Refused`:
    `own_case`, `no_such_score`, `reason_missing` (not satisfied, but no word why), and as `reopen`.
    """
    taken = log.begin(complaint, Step.CALLBACK, seen=seen, key=key, by=by, now=now, part=Part.CUSTOMER)
    if taken is None:
        return
    _guard_own_case(complaint, taken)
    complaint.tries.append(
        CallbackTry(
            round=complaint.round,
            at=now,
            channel=channel.value,
            reached=answer is not None,
            by_id=by.id if by else None,
        )
    )
    if answer is None:
        data = {"reached": False, "channel": channel.value}
        log.finish(complaint, taken, log.Entry(clocks.Kind.CALLED_BACK, data=data))
        return
    _keep_answer(complaint, answer, now)
    log.finish(complaint, taken, *_entries_of(complaint, answer, channel, now))
    if answer.satisfaction is Satisfaction.SATISFIED:
        close(complaint, outcome=Outcome.SATISFIED, reason="", seen=None, key="", by=by, now=now)
    elif answer.satisfaction is Satisfaction.NOT:
        reopen(complaint, reason=answer.words, handler=handler, seen=None, key="", by=by, now=now)


def _keep_answer(complaint: Complaint, answer: Answer, now: datetime) -> None:
    for score in (answer.solution_score, answer.handling_score):
        if score is not None and score not in SCORES:
            raise Refused("no_such_score")
    present = complaint.present_round
    present.satisfaction = answer.satisfaction.value
    present.solution_score, present.handling_score = answer.solution_score, answer.handling_score
    present.called_back_at = now


def _entries_of(complaint: Complaint, answer: Answer, channel: Channel, now: datetime) -> list[log.Entry]:
    data: dict[str, object] = {
        "reached": True,
        "channel": channel.value,
        "satisfaction": answer.satisfaction.value,
    }
    data |= {"solution": answer.solution_score, "handling": answer.handling_score}
    called = log.Entry(clocks.Kind.CALLED_BACK, text=answer.words, data=data)
    present = complaint.present_round
    if present.told_at is not None:
        return [called]
    # Nobody is asked about a result without hearing it.
    present.told_at = now
    told = log.Entry(clocks.Kind.CUSTOMER_TOLD, text=present.reply, data={"channel": channel.value})
    return [told, called]


def close(
    complaint: Complaint,
    *,
    outcome: Outcome,
    reason: str,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
) -> None:
    """End it after the callback; `by` None: the customer. Raises `Refused`: `own_case`, as `rules.guard_closing`."""
    taken = log.begin(complaint, Step.CLOSE, seen=seen, key=key, by=by, now=now, part=Part.CUSTOMER)
    if taken is None:
        return
    _guard_own_case(complaint, taken)
    said = complaint.present_round.satisfaction
    rules.guard_closing(
        outcome,
        _tries_of(complaint),
        satisfied=said == Satisfaction.SATISFIED if said else None,
        reason=reason,
        by_customer=by is None,
    )
    _end(complaint, taken, outcome, reason)


def _guard_own_case(complaint: Complaint, taken: log.Taken) -> None:
    handled = taken.by is not None and cases.was_handler(taken.by, complaint)
    rules.guard_own_case(taken.case, taken.parts, was_handler=handled)


def reopen(
    complaint: Complaint,
    *,
    reason: str,
    handler: User | None,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
) -> None:
    """Begin the next round, with this handler, or as it was; `by` None: the customer. Raises `Refused`: as `rules.guard_reopening` and
    `assigning.check_handler`.
    """
    taken = log.begin(complaint, Step.REOPEN, seen=seen, key=key, by=by, now=now, part=Part.CUSTOMER)
    if taken is None:
        return
    outcome = Outcome(complaint.outcome) if complaint.outcome else None
    rules.guard_reopening(taken.case, outcome, complaint.closed_at, reason, now)
    if handler is not None:
        assigning.check_handler(complaint, handler, complaint.unit_id)
        complaint.handler_id = handler.id
    complaint.round += 1
    complaint.rounds.append(ComplaintRound(number=complaint.round, started_at=now))
    complaint.outcome, complaint.closed_at = "", None
    data = {"handler": complaint.handler_id} | ({"name": handler.name} if handler else {})
    log.finish(complaint, taken, log.Entry(clocks.Kind.REOPENED, text=reason, data=data))


def reject(complaint: Complaint, *, reason: str, seen: int | None, key: str, by: User, now: datetime) -> None:
    """Not a complaint, or not ours. Raises `Refused`: `reason_missing`."""
    _end_early(complaint, Step.REJECT, Outcome.REJECTED, reason, seen=seen, key=key, by=by, now=now)


def withdraw(
    complaint: Complaint, *, reason: str, seen: int | None, key: str, by: User, now: datetime
) -> None:
    """The customer takes it back. Raises `Refused`: `reason_missing`."""
    _end_early(complaint, Step.WITHDRAW, Outcome.WITHDRAWN, reason, seen=seen, key=key, by=by, now=now)


def _end_early(
    complaint: Complaint,
    step: Step,
    outcome: Outcome,
    reason: str,
    *,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    taken = log.begin(complaint, step, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    if not reason.strip():
        raise Refused("reason_missing")
    _end(complaint, taken, outcome, reason)


def _end(complaint: Complaint, taken: log.Taken, outcome: Outcome, reason: str) -> None:
    complaint.outcome, complaint.closed_at, complaint.waiting_until = outcome.value, taken.now, None
    entry = log.Entry(clocks.Kind.CLOSED, text=reason, data={"outcome": outcome.value})
    log.finish(complaint, taken, entry, outcome=outcome.value)


def _tries_of(complaint: Complaint) -> list[rules.Try]:
    zone = clock_reads.zone()
    return [
        rules.Try(one.at.astimezone(zone).date(), one.reached)
        for one in complaint.tries
        if one.round == complaint.round
    ]


def may_reopen(complaint: Complaint, *, now: datetime) -> bool:
    """Whether the grace window of a closed case is still open."""
    if complaint.state != State.CLOSED:
        return True
    try:
        outcome = Outcome(complaint.outcome) if complaint.outcome else None
        rules.guard_reopening(cases.as_ruled(complaint), outcome, complaint.closed_at, "-", now)
    except Refused:
        return False
    return True
