"""Reports on the complaints of the demonstration firm: one that management has reviewed, one that waits, one begun."""

import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.extensions import db
from app.models import User
from app.queries.complaints.summary import access, results
from app.queries.complaints.summary.model import ComplaintSummary
from app.rules.complaints import Kind
from app.rules.complaints.periods import Length, Period, recent
from app.services import complaint_reports as service
from app.services.demo import report_words as words

ZONE = ZoneInfo("Asia/Shanghai")


def add_reports(users: dict[str, User], *, now: datetime) -> dict[str, int]:
    """Add the reports; the complaints are there."""
    today = now.astimezone(ZONE).date()
    months = [one for one in recent(Length.MONTH, today, 3) if one.end <= today]
    quarter = next(one for one in recent(Length.QUARTER, today, 2) if one.end <= today)
    plans = (
        (months[1], "zh", "reviewed"),
        (months[0], "zh", "submitted"),
        (quarter, "en", "draft"),
    )
    for period, language, until in plans:
        _write(period, language, until, users=users, now=now)
    return {"reports on complaints": len(plans)}


def _write(period: Period, language: str, until: str, *, users: dict[str, User], now: datetime) -> None:
    author, manager = users["service"], users["manager"]
    figures = _figures(period, author, now=now)
    texts = words.texts(figures, period, language)
    report = service.start(
        period=period.code,
        unit=None,
        figures=figures,
        language=language,
        texts=texts,
        key="",
        by=author,
        now=now,
    )
    if until == "draft":
        return
    added = words.ADDED[language]
    service.edit(report, texts=texts | added, seen=report.version, key="", by=author, now=now)
    service.submit(report, seen=report.version, key="", by=author, now=now)
    if until == "reviewed":
        service.review(report, seen=report.version, key="", by=manager, now=now)


def _figures(period: Period, author: User, *, now: datetime) -> ComplaintSummary:
    """Counted from what has been added in this very transaction; nothing of it is kept beside the database."""
    # Loads numpy: the demonstration is made by the worker or on the command line.
    from app.queries.complaints.summary.computing import summarise

    reader = access.reader_of(author)
    scope = access.scope_of(reader, Kind.COMPLAINT, None)
    question = results.asking(reader, period, scope, zone=ZONE, now=now)
    with tempfile.TemporaryDirectory() as folder:
        return summarise(db.session.connection(), Path(folder), question)
