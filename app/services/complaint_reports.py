"""The steps of a report on complaints. Each is checked, written into its history, and audited without its texts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.errors import Refused, Stale
from app.extensions import db
from app.models import ComplaintReport, ComplaintReportEvent, Unit, User
from app.queries import complaint_reports as reads
from app.queries.complaints.summary.model import ComplaintSummary
from app.queries.figures.model import to_json
from app.rules import complaint_reports as rules
from app.rules.complaint_reports import Step
from app.services import audit

DRAFTED = ("situation", "causes")


def start(
    *,
    period: str,
    unit: Unit | None,
    figures: ComplaintSummary,
    language: str,
    texts: Mapping[str, str],
    key: str,
    by: User,
    now: datetime,
) -> ComplaintReport:
    """Begin a report with the figures of a period and what was drafted from them. The same form begins one."""
    present = reads.of_key(key)
    if present is not None:
        return present
    report = ComplaintReport(
        period=period,
        kind=figures.kind,
        unit_id=unit.id if unit else None,
        language=language,
        figures=to_json(figures),
        figures_at=datetime.fromisoformat(figures.at),
        drafted={name: texts.get(name, "") for name in DRAFTED},
        created_by_id=by.id,
        created_at=now,
        updated_at=now,
        **{name: texts.get(name, "") for name in DRAFTED},
    )
    db.session.add(report)
    db.session.flush()
    _note(report, "started", by=by, now=now, key=f"start:{key}" if key else None)
    return report


def edit(
    report: ComplaintReport, *, texts: Mapping[str, str], seen: int, key: str, by: User, now: datetime
) -> None:
    """Store the sections as they were typed. Raises `Refused`, `Stale`."""
    if _begin(report, Step.EDIT, seen=seen, key=key, by=by) is None:
        return
    changed = [name for name in rules.SECTIONS if name in texts and getattr(report, name) != texts[name]]
    if not changed:
        return
    for name in changed:
        setattr(report, name, texts[name])
    _note(report, "edited", by=by, now=now, key=_key_of(report, key), sections=changed)


def refresh(
    report: ComplaintReport,
    *,
    figures: ComplaintSummary,
    texts: Mapping[str, str],
    seen: int,
    key: str,
    by: User,
    now: datetime,
) -> list[str]:
    """Take the figures anew. What still reads as it was drafted is drafted anew; returns the sections left as typed."""
    if _begin(report, Step.REFRESH, seen=seen, key=key, by=by) is None:
        return []
    report.figures, report.figures_at = to_json(figures), datetime.fromisoformat(figures.at)
    kept = []
    for name in DRAFTED:
        if getattr(report, name) in (report.drafted.get(name, ""), ""):
            setattr(report, name, texts.get(name, ""))
        else:
            kept.append(name)
    report.drafted = {name: texts.get(name, "") for name in DRAFTED}
    _note(report, "refreshed", by=by, now=now, key=_key_of(report, key))
    return kept


def submit(report: ComplaintReport, *, seen: int, key: str, by: User, now: datetime) -> None:
    """Hand it to management: from now on figures and text are frozen. Raises `Refused("empty_report")` too."""
    to = _begin(report, Step.SUBMIT, seen=seen, key=key, by=by)
    if to is None:
        return
    rules.check_sections(reads.texts_of(report))
    report.digest = reads.digest_of(report)
    _move(report, to, "submitted", by=by, now=now, key=key)


def review(report: ComplaintReport, *, seen: int, key: str, by: User, now: datetime) -> None:
    """Management has read it. Raises `Refused`: `own_report`, `not_whole` (changed behind the application's back)."""
    to = _begin(report, Step.REVIEW, seen=seen, key=key, by=by)
    if to is None:
        return
    if not reads.is_whole(report):
        raise Refused("not_whole")
    _move(report, to, "reviewed", by=by, now=now, key=key, own=reads.standing(by, report).own)


def give_back(report: ComplaintReport, *, reason: str, seen: int, key: str, by: User, now: datetime) -> None:
    """Back to the authors, with a reason. Raises `Refused("no_reason")` too."""
    to = _begin(report, Step.RETURN, seen=seen, key=key, by=by)
    if to is None:
        return
    said, digest = rules.check_reason(reason), report.digest
    report.digest = ""
    _move(report, to, "returned", by=by, now=now, key=key, text=said, digest=digest)


def _begin(report: ComplaintReport, step: Step, *, seen: int, key: str, by: User) -> rules.State | None:
    """The state the step leads to; None when this very form was taken already. Raises `Refused` or `Stale`."""
    taken = select(ComplaintReportEvent.id).where(ComplaintReportEvent.key == _key_of(report, key))
    if key and db.session.scalar(taken) is not None:
        return None
    to = rules.check_step(report.state, step, reads.standing(by, report))
    if seen != report.version:
        raise Stale("changed_meanwhile")
    return to


def _key_of(report: ComplaintReport, key: str) -> str | None:
    return f"{report.id}:{key}" if key else None


def _move(
    report: ComplaintReport,
    to: rules.State,
    kind: str,
    *,
    by: User,
    now: datetime,
    key: str,
    text: str = "",
    digest: str = "",
    **detail: Any,
) -> None:
    before, report.state = report.state, to.value
    _note(
        report, kind, by=by, now=now, key=_key_of(report, key), text=text, digest=digest or report.digest,
        state_before=before, state_after=to.value, **detail,
    )  # fmt: skip


def _note(
    report: ComplaintReport,
    kind: str,
    *,
    by: User,
    now: datetime,
    key: str | None,
    text: str = "",
    digest: str = "",
    **detail: Any,
) -> None:
    """Write the history and the audit log; what people wrote stays out of the latter."""
    report.updated_at = now
    report.events.append(
        ComplaintReportEvent(
            kind=kind, at=now, by_id=by.id, by_name=by.name, text=text, digest=digest, key=key
        )
    )
    db.session.flush()
    audit.record(
        f"report.{kind}", kind="complaint_report", object_id=report.id, by=by, now=now, period=report.period,
        **({"digest": digest} if digest else {}), **detail,
    )  # fmt: skip
