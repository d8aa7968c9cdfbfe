"""What a search finds a case by: what the customer told, and everything that was written into the log since."""

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, insert, select, update

from app.extensions import db
from app.models import Complaint, ComplaintEvent, ComplaintText, FeedbackText
from app.rules.complaints import searchable

AT_ONCE = 500


def begin(complaint: Complaint, text: str) -> None:
    """Make a new case findable by what was told; `text` is folded."""
    _add_to(complaint, text)


def extend(complaint: Complaint, events: Iterable[ComplaintEvent]) -> None:
    """Make it findable by new entries of its log."""
    text = searchable(event.text for event in events)
    if text:
        _add_to(complaint, text)


def _add_to(complaint: Complaint, text: str) -> None:
    held = ComplaintText.complaint_id == complaint.id
    grown = update(ComplaintText).where(held).values(text=ComplaintText.text + "\n" + text)
    if not db.session.execute(grown).rowcount:  # type: ignore[attr-defined]
        db.session.execute(insert(ComplaintText).values(complaint_id=complaint.id, text=text))


def ensure() -> None:
    """Cases from before there was such a text get theirs."""
    known = exists().where(ComplaintText.complaint_id == Complaint.id)
    missing = db.session.scalars(select(Complaint.id).where(~known)).all()
    for start in range(0, len(missing), AT_ONCE):
        _add(missing[start : start + AT_ONCE])


def _add(ids: Sequence[int]) -> None:
    told = db.session.execute(
        select(Complaint.id, FeedbackText.text)
        .join(FeedbackText, FeedbackText.feedback_id == Complaint.feedback_id)
        .where(Complaint.id.in_(ids))
    )
    texts = {complaint_id: [text] for complaint_id, text in told}
    written = db.session.execute(
        select(ComplaintEvent.complaint_id, ComplaintEvent.text)
        .where(ComplaintEvent.complaint_id.in_(ids), ComplaintEvent.text != "")
        .order_by(ComplaintEvent.id)
    )
    for complaint_id, text in written:
        texts.setdefault(complaint_id, []).append(text)
    values = [{"complaint_id": ident, "text": searchable(parts)} for ident, parts in texts.items()]
    if values:
        db.session.execute(insert(ComplaintText), values)
