"""Complaints as rows, for tests of figures over many of them: made at once, without the steps that lead there."""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from app.extensions import db
from app.jobs.analyst import reading_engine
from app.models import (
    Complaint,
    ComplaintEvent,
    ComplaintRound,
    ComplaintRun,
    ComplaintUnit,
    Feedback,
    FeedbackCategory,
    User,
)
from app.queries.complaints.summary import access, results
from app.queries.complaints.summary.computing import summarise
from app.queries.complaints.summary.model import ComplaintSummary
from app.rules.complaints import Kind
from app.rules.complaints.periods import parse
from app.services.complaints import basics
from tests.factories import Factory

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Told:
    """One complaint. `clocks` maps a clock to when it was due; None never. `closed` stops all that run."""

    received: datetime
    closed: datetime | None = None
    category: str = "category.repair.repeat"
    cause: str = ""
    unit: int | None = None
    channel: str = "phone"
    customer: int | None = None
    about: int | None = None
    outcome: str = ""
    acknowledged: datetime | None = None
    clocks: dict[str, datetime | None] = field(default_factory=dict)
    kind: str = "complaint"
    round: int = 1
    called: datetime | None = None
    satisfaction: str = ""
    scores: tuple[int | None, int | None] = (None, None)


class Counted:
    """Puts complaints into the database and asks for summaries in this very process."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        make.firm()
        basics.ensure(now=make.now)
        db.session.commit()

    def branch(self, code: str) -> int:
        """The id of a category or cause."""
        return db.session.scalars(select(FeedbackCategory.id).where(FeedbackCategory.code == code)).one()

    def add(self, told: Iterable[Told]) -> None:
        """Store these complaints; committed."""
        first = (db.session.scalar(select(func.max(Feedback.id))) or 0) + 1
        for number, one in enumerate(told, start=first):
            db.session.execute(insert(Feedback).values(**self._feedback(one, number)))
            if one.kind == "complaint":
                self._add_case(one, number)
        db.session.commit()

    def _feedback(self, one: Told, number: int) -> dict[str, Any]:
        return {
            "id": number, "key": f"counted-{number}", "kind": one.kind, "customer_id": one.customer,
            "content": f"第{number}件：空调漏水。", "summary": f"第{number}件：空调漏水。", "received_at": one.received,
            "channel": one.channel, "category_id": self.branch(one.category), "unit_id": one.unit,
            "severity": "general", "language": "zh", "about_user_id": one.about, "recorded_at": one.received,
        }  # fmt: skip

    def _add_case(self, one: Told, number: int) -> None:
        case = db.session.scalar(
            insert(Complaint).values(
                number=f"N{number:06}", year=1990, running=number, feedback_id=number, customer_id=one.customer,
                about_user_id=one.about, category_id=self.branch(one.category), severity="general",
                state="closed" if one.closed else "in_progress", unit_id=one.unit, round=one.round, sent_back=0,
                outcome=one.outcome, received_at=one.received, closed_at=one.closed, policy_version=1,
                calendar_version=1, due_clock="", paused=False, version=1,
            ).returning(Complaint.id)
        )  # fmt: skip
        texts = dict.fromkeys(
            ("result", "reply", "remedy", "cause_text", "prevention", "no_prevention_because"), ""
        )
        for place in range(1, one.round + 1):
            last = place == one.round
            db.session.execute(
                insert(ComplaintRound).values(
                    complaint_id=case, number=place, started_at=one.received,
                    cause_id=self.branch(one.cause) if one.cause and last else None,
                    satisfaction=one.satisfaction if last else "", called_back_at=one.called if last else None,
                    solution_score=one.scores[0] if last else None,
                    handling_score=one.scores[1] if last else None, **texts,
                )
            )  # fmt: skip
        for clock, due in one.clocks.items():
            stopped = one.acknowledged if clock == "acknowledge" else one.closed
            db.session.execute(
                insert(ComplaintRun).values(
                    complaint_id=case, clock=clock, round=1 if clock == "acknowledge" else one.round, turn=1,
                    unit_id=one.unit if clock == "department" else None, started_at=one.received,
                    stopped_at=stopped, due_at=due,
                )
            )  # fmt: skip
        if one.unit is not None:
            db.session.execute(
                insert(ComplaintUnit).values(complaint_id=case, unit_id=one.unit, since=one.received)
            )
        self.note(int(case or 0), one.received)

    def note(self, case: int, at: datetime) -> None:
        """An entry in the log, as every step leaves one."""
        db.session.execute(
            insert(ComplaintEvent).values(
                complaint_id=case, round=1, kind="noted", at=at, recorded_at=at, by_name="", text="", data={}, version=1
            )
        )  # fmt: skip

    def asked(self, user: User, period: str, **own: Any) -> ComplaintSummary:
        """The summary of a period for a user, judged at `at`."""
        reader = access.reader_of(user)
        scope = access.scope_of(reader, own.get("kind", Kind.COMPLAINT), own.get("units"))
        at, zone = own.get("at", self.make.now), own.get("zone", ZONE)
        question = results.asking(reader, parse(period), scope, zone=zone, now=at)
        with reading() as connection:
            return summarise(connection, own["frames"], type(question).from_json(question.to_json()))


@contextmanager
def reading() -> Any:
    """A connection that cannot write, as the analyst has."""
    engine = reading_engine(db.engine.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        yield connection


def hours(start: datetime, *lengths: float) -> Sequence[datetime]:
    """So many hours after a moment."""
    return [start + timedelta(hours=length) for length in lengths]


__all__ = ["Connection", "Counted", "Path", "Told", "hours", "reading"]
