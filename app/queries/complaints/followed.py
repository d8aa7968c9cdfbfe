"""What the customer is shown of his case: what was said on both sides, and what we promise. Never what is internal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import db
from app.models import Attachment, Complaint, ComplaintEvent, Feedback
from app.queries.complaints import cases, waiting
from app.queries.complaints import clocks as clock_reads
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.clocks import Clock, Kind, Party, Reading
from app.rules.complaints import Entry, State


@dataclass(frozen=True)
class Promise:
    """What comes next and by when: "reply" a first one, "result", or "call" to ask whether it is solved.

    `at` None: by no date that can be named. `late`: it has passed.
    """

    what: str
    at: datetime | None
    late: bool


@dataclass(frozen=True)
class Line:
    """One thing that was said or happened. `what`: wrote, replied, asked, satisfied, unsatisfied, reminded, lapsed, reopened,
    closed.
    """

    what: str
    at: datetime
    text: str = ""
    channel: str = ""
    outcome: str = ""
    files: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Followed:
    """A feedback as the customer sees it; `complaint` None: it opened no case.

    `stage` is the state in his eyes: taken, working, asked (we wait for him), others (for a third party), answered (we
    wait for his verdict), lapsed (we asked him in vain), closed. `goes_on`: the number of the case in which a merged one goes on.
    """

    feedback: Feedback
    complaint: Complaint | None
    stage: str
    promise: Promise | None
    question: str
    until: datetime | None
    lines: list[Line]
    goes_on: str = ""


def case_of(feedback: Feedback) -> Complaint | None:
    """The case a feedback opened, with its log."""
    return db.session.scalar(
        select(Complaint)
        .where(Complaint.feedback_id == feedback.id)
        .options(
            joinedload(Complaint.customer),
            selectinload(Complaint.events),
            selectinload(Complaint.rounds),
            selectinload(Complaint.tries),
            selectinload(Complaint.units),
        )
    )


def follow(feedback: Feedback, *, now: datetime) -> Followed:
    """All the customer sees."""
    complaint = case_of(feedback)
    files = files_of(feedback)
    by_event: dict[int | None, list[Attachment]] = {}
    for one in files:
        by_event.setdefault(one.event_id, []).append(one)
    first = Line(
        "wrote", feedback.received_at, feedback.content, feedback.channel, files=by_event.get(None, ())
    )
    if complaint is None:
        return Followed(feedback, None, "taken", None, "", None, [first])
    stage, question = stage_of(complaint), waiting.question_of(complaint)
    said = [line for event in complaint.events if (line := _line(event, by_event))]
    return Followed(
        feedback,
        complaint,
        stage,
        promise_of(complaint, now=now),
        question.text if question else "",
        complaint.waiting_until if question else None,
        [first, *sorted(said, key=lambda line: line.at)],
        cases.goes_on(complaint).number if complaint.merged_into_id is not None else "",
    )


def files_of(feedback: Feedback) -> Sequence[Attachment]:
    """The files of a feedback, those of later messages too."""
    return db.session.scalars(
        select(Attachment).where(Attachment.feedback_id == feedback.id).order_by(Attachment.id)
    ).all()


def files_of_case(complaint: Complaint) -> Sequence[Attachment]:
    """The files of a case, and of those that were merged into it."""
    ids = [complaint.id, *cases.ids_within(complaint)]
    of_case = select(Attachment).join(Complaint, Complaint.feedback_id == Attachment.feedback_id)
    return db.session.scalars(of_case.where(Complaint.id.in_(ids)).order_by(Attachment.id)).all()


def file_of(feedback: Feedback, attachment_id: int) -> Attachment | None:
    """One file of this feedback and of no other."""
    return db.session.scalar(
        select(Attachment).where(Attachment.id == attachment_id, Attachment.feedback_id == feedback.id)
    )


def stage_of(complaint: Complaint) -> str:
    """The state in the customer's eyes; see `Followed`."""
    state = State(complaint.state)
    if state is State.WAITING:
        return "asked" if waiting.question_of(complaint) else "others"
    if state is State.RESOLVED:
        if complaint.present_round.told_at is None:
            return "working"
        return "lapsed" if _has_lapsed(complaint) else "answered"
    taken = {State.RECEIVED: "taken", State.ASSIGNED: "taken", State.CLOSED: "closed"}
    return taken.get(state, "working")


def promise_of(complaint: Complaint, *, now: datetime) -> Promise | None:
    """What the clocks promise him next; None while nothing does."""
    stage = stage_of(complaint)
    if stage in ("asked", "lapsed", "closed"):
        return None
    if stage == "answered" and not _can_be_asked(complaint):
        return None
    readings = clocks.read(clock_reads.case_of(complaint), now=now)
    wanted = ((Clock.CALLBACK, "call"),) if stage == "answered" else ((Clock.INTERIM, "reply"), (Clock.CUSTOMER, "result"))  # fmt: skip
    found = [
        (what, reading)
        for clock, what in wanted
        if (reading := readings.latest(clock)) is not None and reading.is_running
    ]
    return _nearest(found)


def _nearest(found: Sequence[tuple[str, Reading]]) -> Promise | None:
    dated = sorted(
        ((reading.due_at, what, reading.is_late) for what, reading in found if reading.due_at),
        key=lambda one: one[0],
    )
    if dated:
        at, what, late = dated[0]
        return Promise(what, at, late)
    return Promise(found[-1][0], None, False) if found else None


def _can_be_asked(complaint: Complaint) -> bool:
    told = complaint.feedback
    return bool(told.contact_email or told.contact_phone or complaint.customer_id)


def _has_lapsed(complaint: Complaint) -> bool:
    ended = [event for event in complaint.events if event.kind == Kind.RESOLVED]
    return bool(ended) and bool(ended[-1].data.get("lapsed"))


def _line(event: ComplaintEvent, files: Mapping[int | None, Sequence[Attachment]]) -> Line | None:
    """What the customer sees of an entry; None: nothing. Reasons and notes are written for ourselves."""
    channel = str(event.data.get("channel", ""))
    if event.kind == Entry.ADDED:
        if "case" in event.data:  # told in a case that was merged into this one, perhaps by somebody else
            return None
        return Line("wrote", event.at, event.text, channel, files=files.get(event.id, ()))
    if event.kind in rules.REPLIES:
        return Line("replied", event.at, event.text, channel) if event.text else None
    if event.kind == Entry.REMINDED:
        return Line("reminded", event.at)
    if event.kind == Kind.RESOLVED and event.data.get("lapsed"):
        return Line("lapsed", event.at)
    if event.kind == Kind.WAITING and event.data.get("party") == Party.CUSTOMER:
        return Line("asked", event.at, event.text)
    if event.kind == Kind.CALLED_BACK and event.data.get("reached"):
        what = "satisfied" if event.data.get("satisfaction") == "satisfied" else "unsatisfied"
        # Over the phone these are our words about him.
        return Line(what, event.at, event.text if channel == "web" and event.by_id is None else "", channel)
    if event.kind == Kind.REOPENED:
        return Line("reopened", event.at)
    if event.kind == Kind.CLOSED:
        return Line("closed", event.at, outcome=str(event.data.get("outcome", "")))
    return None
