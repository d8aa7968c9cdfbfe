"""Writing down who is told, in the transaction of the step itself: a step and its notices are stored together or not at all.

Nobody is told what he has done himself. `queries.notices.players` says who can be told: never the person a case is
about, nobody who may not see it, nobody who is switched off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.extensions import db
from app.models import Complaint, ComplaintEvent, Notice, User
from app.queries import notices as queries
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.trees import tree
from app.rules import clocks
from app.rules import notices as rules
from app.rules.clocks import Clock, Occurrence, Severity
from app.rules.complaints import Part, State
from app.rules.notices import Held, Mail, Told
from app.services import messengers

Players = list[tuple[User, frozenset[Part]]]


@dataclass(frozen=True)
class Saying:
    """One entry and what it tells, the weightiest first."""

    event: ComplaintEvent
    told: Sequence[Told]


def tell(complaint: Complaint, events: Iterable[ComplaintEvent], *, by: User | None, now: datetime) -> None:
    """Tell what the entries of a step say. Whoever takes a step has read all notices of the case."""
    if by is not None:
        _has_read(by, complaint, now)
    written = list(events)
    if not any(rules.told_by_step(one.kind, one.data, _MOST) for one in written) and not any(
        one.kind == clocks.Kind.CLASSIFIED for one in written
    ):
        return
    players = queries.players(complaint)
    held, critical = _held(complaint, players), is_critical(complaint)
    sayings = []
    for event in written:
        became = critical and event.kind == clocks.Kind.CLASSIFIED and not _was_critical(complaint, event)
        sayings.append(
            Saying(event, rules.told_by_step(event.kind, event.data, held, became_critical=became))
        )
    _write(complaint, sayings, players, by=by, critical=critical, now=now)


def tell_on_opening(complaint: Complaint, *, by: User | None, now: datetime) -> None:
    """Tell that a complaint has come, after rules have been asked to whom it goes."""
    received = complaint.events[0]
    players, critical = queries.players(complaint), is_critical(complaint)
    told = rules.told_on_opening(_held(complaint, players), critical=critical)
    _write(complaint, [Saying(received, told)], players, by=by, critical=critical, now=now)


def tell_by_clock(
    complaint: Complaint, written: Sequence[tuple[Occurrence, ComplaintEvent]], *, now: datetime
) -> None:
    """Tell the warnings and breaches that have just been written; of each clock only how far it has come."""
    furthest = {found.run: (found, event) for found, event in written}
    players, critical = queries.players(complaint), is_critical(complaint)
    held = _held(complaint, players)
    for found, event in furthest.values():
        told = rules.told_by_clock(found.run.clock.value, found.percent, held)
        unit_id = found.run.unit if found.run.clock is Clock.DEPARTMENT else None
        _write(
            complaint, [Saying(event, told)], players, by=None, critical=critical, now=now, unit_id=unit_id
        )


def is_critical(complaint: Complaint) -> bool:
    """Whether notices of the case wait for nothing: its policy says so, or somebody's safety is at stake."""
    return _critical(complaint, complaint.severity, complaint.category_id)


def _was_critical(complaint: Complaint, event: ComplaintEvent) -> bool:
    before = event.data["before"]
    return _critical(complaint, before["severity"], before["category"])


def _critical(complaint: Complaint, severity: str, category_id: int) -> bool:
    categories = tree()
    chain = categories.chain(category_id)
    policy = clock_reads.policies(complaint.policy_version).of(chain, Severity(severity))
    return rules.is_critical(policy.critical, [categories.by_id[one].code for one in chain])


# Of whoever holds it, somebody is told: only for asking whether an entry tells anything at all.
_MOST = Held(State.IN_PROGRESS, handler=True, unit=True, head=True)


def _held(complaint: Complaint, players: Players) -> Held:
    parts = frozenset[Part]().union(*(played for _user, played in players))
    unit = complaint.unit_id is not None and bool(parts & {Part.MEMBER, Part.HEAD, Part.HANDLER})
    return Held(State(complaint.state), handler=Part.HANDLER in parts, unit=unit, head=Part.HEAD in parts)


def _write(
    complaint: Complaint,
    sayings: Sequence[Saying],
    players: Players,
    *,
    by: User | None,
    critical: bool,
    now: datetime,
    unit_id: int | None = None,
) -> None:
    """Add a notice for everybody who plays one of the parts, and what groups in messengers are told.

    `unit_id`: whose working calendar counts for all; else people of the unit wait for theirs, others for the firm's.
    """
    if not any(saying.told for saying in sayings):
        return
    calendars = clock_reads.calendars(complaint.calendar_version)
    choices = queries.choices_of([user.id for user, _parts in players])
    for saying in sayings:
        for user, parts in players:
            one = next((one for one in saying.told if one.parts & parts), None)
            if one is None or (by is not None and user.id == by.id):
                continue
            of_firm = unit_id is None and bool(parts & {Part.SERVICE, Part.MANAGEMENT})
            calendar = calendars.of(Clock.DEPARTMENT, None if of_firm else unit_id or complaint.unit_id)
            mail = rules.mail_of(one.kind, urgent=critical, chosen=choices[user.id])
            db.session.add(
                Notice(
                    user_id=user.id,
                    complaint_id=complaint.id,
                    event_id=saying.event.id,
                    kind=one.kind.value,
                    urgent=critical,
                    created_at=now,
                    due_at=rules.leaves_at(calendar, now, urgent=critical),
                    mail=_STORED[mail],
                )
            )
        if saying.told:
            calendar = calendars.of(Clock.DEPARTMENT, unit_id or complaint.unit_id)
            due_at = rules.leaves_at(calendar, now, urgent=critical)
            messengers.queue(
                complaint, saying.event, saying.told[0].kind, critical=critical, due_at=due_at, now=now
            )
    db.session.flush()


_STORED = {Mail.AT_ONCE: "waiting", Mail.DIGEST: "digest", Mail.NEVER: ""}


def _has_read(user: User, complaint: Complaint, now: datetime) -> None:
    db.session.execute(
        update(Notice)
        .where(Notice.user_id == user.id, Notice.complaint_id == complaint.id, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
