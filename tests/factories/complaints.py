"""Complaints for tests: recorded by the services, so that a case in any state is one that can really be."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, Feedback, FeedbackCategory, Unit, User, UserUnit
from app.rules.clocks import Party, Severity
from app.rules.complaints import Channel, Kind, Resolution, Satisfaction, State
from app.services import complaints as services
from app.services.complaints import basics
from tests.factories import Factory

RESOLUTION = Resolution(
    "换了排水泵。", "您好，水泵已经更换。", "免费维修", None, "零件老化", "每季度检查", ""
)


def category(code: str = "category.repair.repeat") -> FeedbackCategory:
    """One of the categories every firm begins with."""
    return db.session.scalars(select(FeedbackCategory).where(FeedbackCategory.code == code)).one()


def record(make: Factory, *, by: User | None = None, at: datetime | None = None, **fields: Any) -> Feedback:
    """Any feedback; committed."""
    make.firm()
    basics.ensure(now=make.now)
    values = {
        "kind": Kind.COMPLAINT,
        "content": f"空调第{make.number()}次漏水。请尽快上门。",
        "channel": Channel.PHONE,
        "category_id": category().id,
        "received_at": at or make.now,
        "language": "zh",
    } | fields
    feedback, _case = services.record(
        services.Told(**values), key=f"key-{make.number()}", by=by, now=at or make.now
    )
    db.session.commit()
    return feedback


def case(make: Factory, **fields: Any) -> Complaint:
    """A complaint that has just been received."""
    feedback = record(make, **fields)
    return db.session.scalars(select(Complaint).where(Complaint.feedback_id == feedback.id)).one()


class Staff:
    """A unit with a member and its head, and two of customer service."""

    def __init__(self, make: Factory, *, language: str = "en") -> None:
        self.unit: Unit = make.unit(name="城西店", name_en="Chengxi branch")
        self.other: Unit = make.unit(name="城东店", name_en="Chengdong branch")
        self.service: User = make.user(roles=("customer_service",), name="林晓雯", language=language)
        self.colleague: User = make.user(roles=("customer_service",), name="许佳", language=language)
        self.handler = self._member(make, self.unit, "沈一凡", language)
        self.second = self._member(make, self.unit, "顾明", language)
        self.stranger = self._member(make, self.other, "周启明", language)
        self.head = self._member(make, self.unit, "何一诺", language, head=True)
        self.manager: User = make.user(roles=("management",), name="沈国栋", language=language)

    def _member(self, make: Factory, unit: Unit, name: str, language: str, *, head: bool = False) -> User:
        user = make.user(roles=("department",), name=name, language=language)
        user.unit_links = [UserUnit(unit_id=unit.id, is_head=head)]
        return make.save(user)  # type: ignore[no-any-return]


def brought_to(make: Factory, staff: Staff, state: State, **fields: Any) -> Complaint:
    """A complaint of the unit in a state, handled by `staff.handler`."""
    found = case(make, **fields)
    late: dict[str, Any] = {"seen": None, "key": "", "now": make.now}
    if state is not State.RECEIVED:
        services.assign(found, unit=staff.unit, handler=None, reason="", by=staff.service, **late)
    if state not in (State.RECEIVED, State.ASSIGNED):
        services.accept(found, by=staff.handler, **late)
    if state is State.WAITING:
        until = make.now.replace(day=make.now.day + 7)
        services.wait(found, party=Party.CUSTOMER, what="约时间", until=until, by=staff.handler, **late)
    if state in (State.RESOLVED, State.CLOSED):
        services.resolve(found, resolution=RESOLUTION, told=Channel.PHONE, by=staff.handler, **late)
    if state is State.CLOSED:
        answer = services.Answer(Satisfaction.SATISFIED, "", 5, 5)
        services.call_back(found, channel=Channel.PHONE, answer=answer, by=staff.service, **late)
    db.session.commit()
    return found


__all__ = ["RESOLUTION", "Severity", "Staff", "brought_to", "case", "category", "record"]
