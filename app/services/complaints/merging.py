"""Merging: one of two cases about the same thing ends, the other goes on."""

from datetime import datetime

from app.models import Complaint, User
from app.rules import clocks
from app.rules import complaints as rules
from app.rules.complaints import Outcome, State, Step
from app.services.complaints import log


def merge(
    complaint: Complaint,
    *,
    into: Complaint,
    reason: str,
    sure: bool,
    seen: int | None,
    key: str,
    by: User,
    now: datetime,
) -> None:
    """End this case; the other goes on with what was told in both. The customer is told its number.

    `sure`: somebody knows that they come from different people, and merges them all the same. Both rows are locked first: of A into B and B into A at once, the second finds its case closed. Raises `Refused`:
    as `log.begin`, `rules.guard_merging` and `rules.guard_complainants`; `Stale`.
    """
    log.lock(complaint, into)
    taken = log.begin(complaint, Step.MERGE, seen=seen, key=key, by=by, now=now)
    if taken is None:
        return
    rules.guard_merging(
        complaint.id,
        complaint.about_user_id,
        into_id=into.id,
        into_state=State(into.state),
        into_about_user_id=into.about_user_id,
    )
    rules.guard_complainants(_complainant(complaint), _complainant(into), sure=sure)
    complaint.merged_into_id = into.id
    complaint.outcome, complaint.closed_at, complaint.waiting_until = Outcome.MERGED.value, now, None
    data = {"outcome": Outcome.MERGED.value, "case": into.id}
    entry = log.Entry(clocks.Kind.CLOSED, text=reason, data=data)
    log.finish(complaint, taken, entry, outcome=Outcome.MERGED.value, into=into.number)
    brought = log.Entry(rules.Entry.MERGED_IN, text=complaint.feedback.content, data={"case": complaint.id})
    log.finish(into, log.beside(into, "merged_in", by=by, now=now), brought, merged=complaint.number)


def _complainant(complaint: Complaint) -> rules.Complainant:
    told = complaint.feedback
    return rules.Complainant(complaint.customer_id, told.contact_email, told.contact_phone)
