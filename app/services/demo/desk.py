"""What lies on the desk of the demonstration: canned replies, saved views, a draft, a merged case and a linked pair."""

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import CannedReply, Complaint, Feedback, User
from app.rules.complaints import Channel, Kind, State
from app.services import complaints as services
from app.services.complaints import canned, drafts, views

REPLIES = (
    canned.Texts(
        "请客户发照片",
        "Ask for a photograph",
        "{客户}您好，为了尽快处理您的投诉（编号 {编号}），请拍一张能看清问题的照片发给我们。谢谢！",
        "{customer}, to solve your case {number} quickly we would like to see the problem: please send us a photograph of"
        " it. Thank you!",
    ),
    canned.Texts(
        "预约上门",
        "Arrange a visit",
        "{客户}您好，{部门}将安排技术人员上门。请告诉我们您方便的日期和时间段。",
        "{customer}, {unit} will send somebody to you. Please tell us which day and time suit you.",
    ),
    canned.Texts(
        "说明延误并致歉",
        "Explain a delay",
        "{客户}您好，截至 {日期}，您的投诉 {编号} 还在处理中，比我们承诺的要慢，非常抱歉。一有结果我们马上告诉您。",
        "{customer}, on {date} we are still working on your case {number}, later than we promised. We are sorry, and tell"
        " you as soon as it is solved.",
    ),
)
VIEWS = (
    ("重大投诉", {"queue": "all", "severity": "major"}, True),
    ("今天要回访", {"queue": "callbacks"}, False),
)


def add_desk(users: dict[str, User], *, now: datetime) -> None:
    """Add it; the complaints are there."""
    service = users["service"]
    db.session.add_all(
        CannedReply(name=one.name, name_en=one.name_en, text=one.text, text_en=one.text_en) for one in REPLIES
    )
    for name, filters, shared in VIEWS:
        views.save(name, filters, shared=shared, first=False, by=service, now=now)
    first, second = _open(State.IN_PROGRESS)[:2]
    services.link(first, other=second, key="", by=service, now=now)
    _tell_twice(first, service, now)
    text = "您好，配件已到货，明天上午可以上门更换。"
    drafts.keep(
        second, "reply", {"text": text, "channel": "phone"}, texts=["text"], key="", by=service, now=now
    )


def _open(state: State) -> list[Complaint]:
    return list(
        db.session.scalars(
            select(Complaint).where(Complaint.state == state).order_by(Complaint.id.desc()).limit(2)
        )
    )


def _tell_twice(complaint: Complaint, by: User, now: datetime) -> None:
    """Somebody calls about what is known already; both go on as one. Without an address no mail leaves."""
    told: Feedback = complaint.feedback
    again = services.Told(
        kind=Kind.COMPLAINT,
        content="又打来电话：" + told.content,
        channel=Channel.PHONE,
        category_id=complaint.category_id,
        received_at=now,
        language=told.language,
        contact_name="前台值班员",
        contact_phone=told.contact_phone,
        acknowledged=True,
    )
    _feedback, case = services.record(again, key=f"demo-again-{complaint.id}", by=by, now=now)
    assert case is not None, "a complaint opens a case"
    services.merge(case, into=complaint, reason="同一件事。", sure=True, seen=None, key="", by=by, now=now)
