"""What a search finds a case by beside what the customer told: everything that was written into its log since."""

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, insert, select, update

from app.extensions import db
from app.models import Complaint, ComplaintEvent, ComplaintText
from app.rules.complaints import searchable

AT_ONCE = 500


def extend(complaint: Complaint, events: Iterable[ComplaintEvent]) -> None:
    """Make the new entries of a case findable."""
    text = searchable(event.text for event in events)
    if not text:
        return
    held = ComplaintText.complaint_id == complaint.id
    grown = update(ComplaintText).where(held).values(text=ComplaintText.text + "\n" + text)
    if not db.session.execute(grown).rowcount:  # type: ignore[attr-defined]
        db.session.execute(insert(ComplaintText).values(complaint_id=complaint.id, text=text))


def ensure() -> None:
    """Cases from before there was such a text get theirs from their logs."""
    written = exists().where(ComplaintEvent.complaint_id == Complaint.id, ComplaintEvent.text != "")
    known = exists().where(ComplaintText.complaint_id == Complaint.id)
    missing = db.session.scalars(select(Complaint.id).where(written, ~known)).all()
    for start in range(0, len(missing), AT_ONCE):
        _add(missing[start : start + AT_ONCE])


def _add(ids: Sequence[int]) -> None:
    rows = db.session.execute(
        select(ComplaintEvent.complaint_id, ComplaintEvent.text)
        .where(ComplaintEvent.complaint_id.in_(ids), ComplaintEvent.text != "")
        .order_by(ComplaintEvent.id)
    )
    texts: dict[int, list[str]] = {}
    for complaint_id, text in rows:
        texts.setdefault(complaint_id, []).append(text)
    values = [{"complaint_id": ident, "text": searchable(parts)} for ident, parts in texts.items()]
    db.session.execute(insert(ComplaintText), values)
