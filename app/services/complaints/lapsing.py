"""Waiting for the customer in vain: two reminders, then the case is resolved with a word that says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import Complaint
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints import waiting
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Channel, Step
from app.rules.complaints.lapsing import REMINDERS, Prompt, What, lapses_at
from app.services.complaints import customer_mail, log

MOST_AT_ONCE = 200
# Whom no mail reaches is looked at again so often: an address may be added.
LOOK_AGAIN = timedelta(days=1)


def due_ids(*, now: datetime) -> Sequence[int]:
    """Cases whose customer is to be reminded or waited for no longer, the oldest first."""
    due = select(Complaint.id).where(Complaint.next_prompt_at <= now).order_by(Complaint.next_prompt_at)
    return db.session.scalars(due.limit(MOST_AT_ONCE)).all()


def take_due(complaint_id: int, *, now: datetime) -> str:
    """Do what is due of one case; returns it, "" for nothing. A second run finds nothing more.

    The row is locked and its log read anew: whoever has answered meanwhile is not reminded. Without an address nothing
    happens at all, for nobody is left waiting without having been told; a person calls him.
    """
    complaint = db.session.get(Complaint, complaint_id, with_for_update=True, populate_existing=True)
    prompt = None if complaint is None else waiting.prompt_of(complaint)
    if complaint is None or prompt is None:
        return ""
    at = waiting.in_opening_time(complaint, max(prompt.at, now))
    if at > now:
        log.set_by_time(complaint, next_prompt_at=at)
        return ""
    if not customer_mail.address_of(complaint):
        log.set_by_time(complaint, next_prompt_at=now + LOOK_AGAIN)
        return ""
    if prompt.what is What.REMIND:
        _remind(complaint, prompt, now)
    else:
        _lapse(complaint, now)
    return prompt.what.value


def _remind(complaint: Complaint, prompt: Prompt, now: datetime) -> None:
    taken = log.begin(complaint, Step.REMIND, seen=None, key="", by=None, now=now)
    assert taken is not None, "only a form can be sent twice"
    question = waiting.question_of(complaint)
    assert question is not None, "it waits for the customer"
    data: dict[str, object] = {"number": prompt.number, "question": question.id}
    if prompt.number == REMINDERS:
        calendar = clock_reads.calendars(complaint.calendar_version).firm
        data["lapses_at"] = lapses_at(now, calendar, waiting.lapse_after(complaint)).isoformat()
    log.finish(complaint, taken, log.Entry(rules.Entry.REMINDED, data=data), reminder=prompt.number)


def _lapse(complaint: Complaint, now: datetime) -> None:
    taken = log.begin(complaint, Step.LAPSE, seen=None, key="", by=None, now=now)
    assert taken is not None, "only a form can be sent twice"
    present = complaint.present_round
    present.resolved_at = present.told_at = now
    complaint.waiting_until = None
    ended = log.Entry(clocks.Kind.RESOLVED, data={"lapsed": True})
    # The mail about it is what tells him.
    told = log.Entry(clocks.Kind.CUSTOMER_TOLD, data={"lapsed": True, "channel": Channel.EMAIL.value})
    log.finish(complaint, taken, ended, told)
