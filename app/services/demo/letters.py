"""Mails of the demonstration's customers: some to be sorted, two in cases; and a respondent who asked to be called."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint, Customer, Firm, Letter, Response, Survey, User
from app.rules import complaints as rules
from app.rules.complaints import State
from app.rules.follow_ups import offered
from app.rules.letters import Match
from app.rules.letters import State as Sorted
from app.rules.questionnaire import parse
from app.rules.respondents import CALLBACK_KEY
from app.services.complaints import log

# Of whom (place in the register, None: nobody on record), subject, words, hours ago.
WAITING: tuple[tuple[int | None, str, str, str, int], ...] = (
    (4, "", "上门时间又改了", "约好周二上午，结果到下午四点才有人来，也没有人打电话说一声。已经是第二次了，请给个说法。", 3),
    (None, "emma.clark@northwind.example", "Invoice for September", "Hello,\n\nthe invoice shows four visits, we had three. Could you please check?\n\nEmma Clark", 26),
    (None, "promo@bulk.example", "限时优惠：企业发票代办", "专业代办各类业务，量大从优，欢迎来电咨询。", 31),
)  # fmt: skip
EARLIER = "------------------ 原始邮件 ------------------\n发件人: 恒信服务集团\n主题: 恒信服务集团已答复您\n\n您好，我们想和您约个时间上门。"
ASKED_UP_TO = 6


def add_letters(people: list[Customer], users: dict[str, User], *, now: datetime) -> None:
    """Let customer service sort mails, and put some there."""
    db.session.scalars(select(Firm)).one().sorts_mail = True
    for place, address, subject, text, hours in WAITING:
        contact = people[place].contacts[0] if place is not None else None
        sender = contact.email if contact else address
        db.session.add(
            _letter(sender, contact.name if contact else "", subject, text, now - timedelta(hours=hours))
        )
    _answer(State.IN_PROGRESS, "周三下午两点以后都可以，请提前半小时打电话。", now - timedelta(hours=1))
    _answer(State.RESOLVED, "还是不行，昨天晚上又漏水了。", now - timedelta(minutes=20))
    _ask_for_call(now)
    db.session.flush()


def _letter(sender: str, name: str, subject: str, text: str, at: datetime) -> Letter:
    return Letter(
        digest=hashlib.sha256(f"{sender}|{subject}|{text}".encode()).hexdigest(),
        state=Sorted.WAITING.value,
        sender=sender,
        sender_name=name,
        subject=subject,
        text=text,
        language="zh" if not text.isascii() else "en",
        left_out=[],
        received_at=at,
        taken_at=at,
    )


def _answer(state: State, text: str, at: datetime) -> None:
    """The latest case in this state gets a mail of its customer."""
    newest = select(Complaint).where(Complaint.state == state, Complaint.customer_id.is_not(None))
    case = db.session.scalars(newest.where(Complaint.received_at < at).order_by(Complaint.id.desc())).first()
    if case is None or case.customer is None:
        return
    contact = case.customer.contacts[0]
    letter = _letter(contact.email, contact.name, f"回复：恒信服务集团已答复您，{case.number}", text, at)
    taken = log.begin(case, rules.Step.ADD, seen=None, key="", by=None, now=at, part=rules.Part.CUSTOMER)
    assert taken is not None
    log.finish(
        case, taken, log.Entry(rules.Entry.ADDED, text=text, data={"channel": rules.Channel.EMAIL.value})
    )
    letter.state, letter.matched_by = Sorted.ADDED.value, Match.REPLY.value
    letter.feedback_id, letter.event_id, letter.earlier = case.feedback_id, case.events[-1].id, EARLIER
    db.session.add(letter)


def _ask_for_call(now: datetime) -> None:
    """Low scores of the survey that runs are asked about; one of the others has asked to be called."""
    survey = db.session.scalars(select(Survey).where(Survey.state == "live")).first()
    if survey is None:
        return
    asked = next(one for one in offered(parse(survey.questionnaire_version.content)) if one.type == "nps")
    survey.follow_up_question, survey.follow_up_score = asked.code, ASKED_UP_TO
    answers = select(Response).where(Response.survey_id == survey.id, Response.state == "complete")
    for row in db.session.scalars(answers.order_by(Response.id.desc()).limit(50)):
        score = row.answers.get(asked.code)
        if type(score) is int and score > ASKED_UP_TO:
            wish = {"phone": "0571-5550 0127", "words": "想问一下明年的保养怎么约。", "at": now.isoformat()}
            row.answers = row.answers | {CALLBACK_KEY: wish}
            row.call_wanted_at = now - timedelta(hours=2)
            return
