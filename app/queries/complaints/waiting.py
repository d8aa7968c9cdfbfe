"""For whom a case waits, since when, and what follows if he says nothing."""

from datetime import datetime, timedelta

from app.models import Complaint, ComplaintEvent
from app.queries.complaints import clocks as clock_reads
from app.queries.complaints.trees import tree
from app.rules.clocks import Kind, Party, Severity
from app.rules.complaints import Entry, State
from app.rules.complaints.lapsing import Prompt, Wait, next_prompt
from app.rules.worktime import next_opening


def question_of(complaint: Complaint) -> ComplaintEvent | None:
    """The entry with which the present wait for the customer began; None: the case does not wait for him."""
    if complaint.state != State.WAITING:
        return None
    last = next((event for event in reversed(complaint.events) if event.kind == Kind.WAITING), None)
    return last if last is not None and last.data.get("party") == Party.CUSTOMER else None


def prompt_of(complaint: Complaint) -> Prompt | None:
    """What the timetable does next about the present wait; None: nothing."""
    question = question_of(complaint)
    if question is None or complaint.waiting_until is None:
        return None
    reminded = [
        event.at
        for event in complaint.events
        if event.kind == Entry.REMINDED and event.version > question.version
    ]
    return next_prompt(Wait(question.at, complaint.waiting_until, reminded, lapse_after(complaint)))


def lapse_after(complaint: Complaint) -> timedelta:
    """How long after the last reminder it is waited, by the policy of the case."""
    chain = tree().chain(complaint.category_id)
    policy = clock_reads.policies(complaint.policy_version).of(chain, Severity(complaint.severity))
    return timedelta(days=policy.lapse_days)


def in_opening_time(complaint: Complaint, at: datetime) -> datetime:
    """That moment, or when the firm next opens: nobody is reminded at night."""
    calendar = clock_reads.calendars(complaint.calendar_version).firm
    return next_opening(calendar, at) or at
