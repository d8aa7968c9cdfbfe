"""Working on the case: sorting it, notes, replies, what the customer adds, waiting, and the result."""

from dataclasses import asdict
from datetime import datetime

from app.errors import Refused
from app.models import Complaint, ComplaintEvent, User
from app.queries.complaints import cases
from app.queries.complaints.trees import tree
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.clocks import Party, Severity
from app.rules.complaints import Channel, Part, Resolution, State, Step
from app.services.complaints import log


def classify(
    complaint: Complaint,
    *,
    category_id: int,
    severity: Severity,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """Correct what it is about and how bad it is; the clocks follow. Raises `Refused`: `no_category`."""
    taken = log.begin(complaint, Step.CLASSIFY, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    categories = tree()
    category = categories.by_id.get(category_id)
    if category is None or category.kind != "category":
        raise Refused("no_category")
    before = {"severity": complaint.severity, "category": complaint.category_id}
    if before == {"severity": severity.value, "category": category_id}:
        return
    complaint.severity, complaint.category_id = severity.value, category_id
    data = {"severity": severity.value, "categories": list(categories.chain(category_id)), "before": before}
    log.finish(complaint, taken, log.Entry(clocks.Kind.CLASSIFIED, data=data))


def note(complaint: Complaint, *, text: str, seen: int | None, key: str, by: User, now: datetime) -> None:
    """Something among ourselves; the customer never sees it, and nothing reopens by it.

    Never `Stale`: a note stands beside whatever else was done. Raises `Refused`: `text_missing`.
    """
    taken = log.begin(complaint, Step.NOTE, seen=None, key=key, by=by, now=now)
    if taken is None:
        return
    _need(text)
    log.finish(complaint, taken, log.Entry(rules.Entry.NOTED, text=text))


def reply(
    complaint: Complaint,
    *,
    text: str,
    channel: Channel,
    at: datetime | None,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """What was told to the customer, by phone or otherwise; `at` when it was, if it is entered later.

    Once the case is resolved this tells the result. Raises `Refused`: `text_missing`, `in_the_future`,
    `before_receipt`.
    """
    taken = log.begin(complaint, Step.REPLY, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    _need(text)
    _check_time(complaint, at, now)
    kind = _kind_of_reply(complaint)
    if kind == clocks.Kind.CUSTOMER_TOLD:
        complaint.present_round.told_at = at or now
    log.finish(complaint, taken, log.Entry(kind, text=text, data={"channel": channel.value}, at=at))


def add(
    complaint: Complaint,
    *,
    text: str,
    channel: Channel,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
) -> ComplaintEvent | None:
    """What the customer has told since. If the case waits for him, it goes on; a closed one stays closed, and what he
    tells in one that was merged, by whatever way, is written into the one that goes on as well.

    `by` None: he wrote it himself, by his secret link or by mail. Returns the entry; None: it was sent before.
    Never `Stale`. Raises `Refused`: `text_missing`.
    """
    taken = log.begin(complaint, Step.ADD, seen=None, key=key, by=by, now=now, part=Part.CUSTOMER)
    if taken is None:
        return None
    _need(text)
    log.finish(complaint, taken, log.Entry(rules.Entry.ADDED, text=text, data={"channel": channel.value}))
    added = complaint.events[-1]
    if complaint.merged_into_id is not None:
        _carry(complaint, added, by, now)
    _has_answered(complaint, now)
    return added


def _carry(complaint: Complaint, added: ComplaintEvent, by: User | None, now: datetime) -> None:
    """He tells it where he knows us from; whoever works on the case that goes on has to read it.

    The entry names the case it was told in: the customer of the other one may be somebody else, and never reads it.
    """
    onward = cases.goes_on(complaint)
    data = dict(added.data) | {"case": complaint.id}
    told = log.Entry(rules.Entry.ADDED, text=added.text, data=data)
    log.finish(onward, log.beside(onward, Step.ADD.value, by=by, now=now), told, told_in=complaint.number)
    _has_answered(onward, now)


def _has_answered(complaint: Complaint, now: datetime) -> None:
    if complaint.state == State.WAITING and waits_for(complaint) == Party.CUSTOMER:
        _go_on(complaint, log.begin(complaint, Step.RESUME, seen=None, key="", by=None, now=now), "")


def wait(
    complaint: Complaint,
    *,
    party: str,
    what: str,
    until: datetime,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """Wait for the customer or a third party. Raises `Refused` as `rules.guard_waiting`."""
    taken = log.begin(complaint, Step.WAIT, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    rules.guard_waiting(party, what, until, now)
    complaint.waiting_until = until
    data = {"party": str(party), "until": until.isoformat()}
    log.finish(complaint, taken, log.Entry(clocks.Kind.WAITING, text=what, data=data), party=str(party))


def resume(complaint: Complaint, *, reason: str, seen: int | None, key: str, by: User, now: datetime) -> None:
    """What was waited for has come, or is waited for no longer. Raises `Refused`: `reason_missing`."""
    taken = log.begin(complaint, Step.RESUME, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    if not reason.strip():
        raise Refused("reason_missing")
    _go_on(complaint, taken, reason)


def resolve(
    complaint: Complaint,
    *,
    resolution: Resolution,
    told: Channel | None,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """The handler has done his part. `told`: how the customer already knows the result, None: not yet.

    Raises `Refused`: `resolution_incomplete`, `no_cause`.
    """
    taken = log.begin(complaint, Step.RESOLVE, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    rules.guard_resolving(resolution)
    cause = tree().by_id.get(resolution.cause_id) if resolution.cause_id is not None else None
    if resolution.cause_id is not None and (cause is None or cause.kind != "cause"):
        raise Refused("no_cause")
    present = complaint.present_round
    for name, value in asdict(resolution).items():
        setattr(present, name, value)
    present.resolved_at, present.told_at = now, now if told else None
    entries = [log.Entry(clocks.Kind.RESOLVED, text=resolution.result)]
    if told:
        entries.append(
            log.Entry(clocks.Kind.CUSTOMER_TOLD, text=resolution.reply, data={"channel": told.value})
        )
    log.finish(complaint, taken, *entries)


def _go_on(complaint: Complaint, taken: log.Taken | None, reason: str) -> None:
    assert taken is not None, "only a form that was sent twice has nothing left to do"
    complaint.waiting_until = None
    log.finish(complaint, taken, log.Entry(clocks.Kind.CONTINUED, text=reason))


def waits_for(complaint: Complaint) -> str:
    """The party that is waited for, "" if none ever was."""
    waits = [event for event in complaint.events if event.kind == clocks.Kind.WAITING]
    return str(waits[-1].data.get("party", "")) if waits else ""


def _kind_of_reply(complaint: Complaint) -> str:
    """What a reply means to the clocks: the result, the first sign of life, or an interim reply."""
    if complaint.state == State.RESOLVED and complaint.present_round.told_at is None:
        return clocks.Kind.CUSTOMER_TOLD
    if complaint.state == State.CLOSED:
        return rules.Entry.REPLIED
    told = {clocks.Kind.ACKNOWLEDGED, clocks.Kind.INTERIM_REPLIED, clocks.Kind.CUSTOMER_TOLD}
    known = any(event.kind in told for event in complaint.events)
    return clocks.Kind.INTERIM_REPLIED if known else clocks.Kind.ACKNOWLEDGED


def _need(text: str) -> None:
    if not text.strip():
        raise Refused("text_missing")


def _check_time(complaint: Complaint, at: datetime | None, now: datetime) -> None:
    if at is not None and at > now:
        raise Refused("in_the_future")
    if at is not None and at < complaint.received_at:
        raise Refused("before_receipt")
