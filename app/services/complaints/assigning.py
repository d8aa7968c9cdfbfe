"""Who has the case: assigning, accepting, sending back, transferring."""

from datetime import datetime

from sqlalchemy import select

from app.errors import Refused
from app.extensions import db
from app.models import Complaint, ComplaintUnit, Unit, User, UserUnit
from app.queries.complaints import cases
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Step
from app.services.complaints import log


def assign(
    complaint: Complaint,
    *,
    unit: Unit,
    handler: User | None,
    reason: str,
    seen: int | None,
    key: str,
    by: User | None,
    now: datetime,
) -> None:
    """Give it to a unit, and to somebody there if a handler is named. `by` None: a rule does.

    Raises `Refused`: as `log.begin`; `unit_inactive`, `handler_elsewhere`, `about_this_person`.
    """
    taken = log.begin(complaint, Step.ASSIGN, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    _hand_over(complaint, unit, handler, now)
    entry = log.Entry(clocks.Kind.ASSIGNED, text=reason, data=_whereto(unit, handler))
    log.finish(complaint, taken, entry, unit=unit.id)


def accept(complaint: Complaint, *, seen: int | None, key: str, by: User, now: datetime) -> None:
    """Take it on as its handler. Raises `Refused`: as `log.begin`; `about_this_person`."""
    taken = log.begin(complaint, Step.ACCEPT, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    rules.guard_person(complaint.about_user_id, by.id)
    complaint.handler_id = by.id
    log.finish(complaint, taken, log.Entry(rules.Entry.ACCEPTED, data={"handler": by.id, "name": by.name}))


def send_back(
    complaint: Complaint, *, reason: str, seen: int | None, key: str, by: User, now: datetime
) -> None:
    """Back to customer service: it is not ours. Raises `Refused`: as `log.begin`; `reason_missing`,
    `sent_back_twice`.
    """
    taken = log.begin(complaint, Step.SEND_BACK, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    rules.guard_sending_back(taken.case, reason)
    data = {"unit": complaint.unit_id}
    complaint.sent_back += 1
    complaint.unit_id = complaint.handler_id = None
    log.finish(complaint, taken, log.Entry(clocks.Kind.SENT_BACK, text=reason, data=data))


def transfer(
    complaint: Complaint,
    *,
    unit: Unit,
    handler: User | None,
    reason: str,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """On to another unit, which gets time of its own; the present one keeps sight.

    Raises `Refused`: as `assign`; `reason_missing`, `same_unit`.
    """
    taken = log.begin(complaint, Step.TRANSFER, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    if not reason.strip():
        raise Refused("reason_missing")
    if unit.id == complaint.unit_id:
        raise Refused("same_unit")
    before = complaint.unit_id
    _hand_over(complaint, unit, handler, now)
    entry = log.Entry(clocks.Kind.TRANSFERRED, text=reason, data=_whereto(unit, handler) | {"from": before})
    log.finish(complaint, taken, entry, unit=unit.id, unit_before=before)


def check_handler(complaint: Complaint, handler: User, unit_id: int | None) -> None:
    """Whether somebody may be the handler. Raises `Refused`: `handler_elsewhere`, `about_this_person`."""
    rules.guard_person(complaint.about_user_id, handler.id)
    works_there = unit_id in handler.unit_ids and bool(handler.role_names & cases.WORKS)
    if not (handler.active and works_there):
        raise Refused("handler_elsewhere")


def _hand_over(complaint: Complaint, unit: Unit, handler: User | None, now: datetime) -> None:
    if not unit.active:
        raise Refused("unit_inactive")
    heads = db.session.scalars(
        select(UserUnit.user_id).where(UserUnit.unit_id == unit.id, UserUnit.is_head)
    ).all()
    rules.guard_unit(complaint.about_user_id, heads)
    if handler is not None:
        check_handler(complaint, handler, unit.id)
    complaint.unit_id = unit.id
    complaint.handler_id = handler.id if handler else None
    if all(one.unit_id != unit.id for one in complaint.units):
        complaint.units.append(ComplaintUnit(unit_id=unit.id, since=now))


def _whereto(unit: Unit, handler: User | None) -> dict[str, object]:
    named = {"handler": handler.id, "name": handler.name} if handler else {}
    return {"unit": unit.id, **named}
