"""The steps of a report: frozen figures, versions, keys, history, and who sees it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.errors import Missing, Refused, Stale
from app.extensions import db
from app.models import AuditEntry, ComplaintReport, User
from app.queries import complaint_reports as reads
from app.services import audit
from app.services import complaint_reports as service
from tests.factories import Factory
from tests.factories.counted import Counted, Told
from tests.factories.reported import TEXTS, Reported


@pytest.fixture
def reported(make: Factory, tmp_path: Path) -> Reported:
    return Reported(Counted(make), tmp_path)


@pytest.fixture
def author(make: Factory) -> User:
    return make.user(roles=("customer_service",))


@pytest.fixture
def manager(make: Factory) -> User:
    return make.user(roles=("management",))


def common(report: ComplaintReport, by: User, now: Any, key: str = "") -> dict[str, Any]:
    return {"seen": report.version, "key": key, "by": by, "now": now}


def test_figures_are_frozen_with_the_submission(
    reported: Reported, author: User, manager: User, make: Factory
) -> None:
    report = reported.report(author, until="submitted")
    before, digest = json.dumps(report.figures, sort_keys=True), report.digest
    assert report.figures["counted"]["count"] == 11
    reported.counted.add([Told(make.now - timedelta(days=20))])
    for step in (
        lambda: service.edit(report, texts={"causes": "x"}, **common(report, author, make.now)),
        lambda: service.refresh(
            report, figures=reads.figures_of(report), texts={}, **common(report, author, make.now)
        ),
    ):
        with pytest.raises(Refused, match="not_now"):
            step()
    service.review(report, **common(report, manager, make.now))
    db.session.commit()
    db.session.expire_all()
    assert json.dumps(report.figures, sort_keys=True) == before
    assert report.digest == digest == reads.digest_of(report)
    assert reads.is_whole(report)


@pytest.mark.parametrize("column", ["figures", "situation"])
def test_a_change_behind_the_back_is_seen_and_not_reviewed(
    reported: Reported, author: User, manager: User, make: Factory, column: str
) -> None:
    report = reported.report(author, until="submitted")
    figures = dict(report.figures, left_out=99)
    changed = json.dumps(figures) if column == "figures" else "anything"
    db.session.execute(text(f"UPDATE complaint_report SET {column} = :new"), {"new": changed})
    db.session.commit()
    db.session.expire_all()
    assert not reads.is_whole(report)
    with pytest.raises(Refused, match="not_whole"):
        service.review(report, **common(report, manager, make.now))


def test_a_returned_report_is_worked_on_and_submitted_again(
    reported: Reported, author: User, manager: User, make: Factory
) -> None:
    report = reported.report(author, until="returned")
    assert (report.state, report.digest) == ("returned", "")
    returned = reads.last_event(report, "returned")
    assert returned is not None
    assert returned.text == "请补充原因。"
    service.edit(report, texts={"causes": "排班过满。"}, **common(report, author, make.now))
    service.submit(report, **common(report, author, make.now))
    service.review(report, **common(report, manager, make.now))
    assert [event.kind for event in report.events] == [
        "started", "submitted", "returned", "edited", "submitted", "reviewed",
    ]  # fmt: skip
    first, second = (event.digest for event in report.events if event.kind == "submitted")
    assert first != second
    of_reports = select(AuditEntry).where(AuditEntry.object_kind == "complaint_report")
    actions = db.session.scalars(of_reports.order_by(AuditEntry.id)).all()
    assert [one.action.partition(".")[2] for one in actions] == [event.kind for event in report.events]
    # What people wrote is not in the audit log.
    assert "排班过满" not in json.dumps([one.detail for one in actions], ensure_ascii=False)
    assert audit.verify().broken_id is None


def test_a_stale_save_changes_nothing(reported: Reported, author: User, make: Factory) -> None:
    report = reported.report(author)
    old = common(report, author, make.now)
    service.edit(report, texts={"causes": "一"}, **old)
    with pytest.raises(Stale):
        service.edit(report, texts={"causes": "二"}, **old)
    assert report.causes == "一"


def test_the_same_form_is_taken_once(reported: Reported, author: User, make: Factory) -> None:
    report = reported.report(author)
    once = common(report, author, make.now, key="k1")
    service.submit(report, **once)
    service.submit(report, **once)
    assert [event.kind for event in report.events] == ["started", "submitted"]
    again = reported.counted.asked(author, "2026-09", frames=reported.frames)
    begun = {"period": "2026-09", "unit": None, "figures": again, "language": "zh", "texts": TEXTS}
    first = service.start(**begun, key="k2", by=author, now=make.now)
    assert service.start(**begun, key="k2", by=author, now=make.now) is first


def test_new_figures_draft_anew_only_what_nobody_has_touched(
    reported: Reported, author: User, make: Factory
) -> None:
    report = reported.report(author)
    service.edit(report, texts={"causes": "亲手写的"}, **common(report, author, make.now))
    reported.counted.add([Told(make.now - timedelta(days=20))])
    figures = reported.counted.asked(author, "2026-09", frames=reported.frames)
    kept = service.refresh(
        report,
        figures=figures,
        texts={"situation": "新的", "causes": "新的"},
        **common(report, author, make.now),
    )
    assert kept == ["causes"]
    assert (report.situation, report.causes) == ("新的", "亲手写的")
    assert report.figures["counted"]["count"] == 12


def test_a_report_without_a_word_is_not_submitted(reported: Reported, author: User, make: Factory) -> None:
    report = reported.report(author)
    service.edit(report, texts={"situation": " "}, **common(report, author, make.now))
    with pytest.raises(Refused, match="empty_report"):
        service.submit(report, **common(report, author, make.now))


def test_nobody_reviews_what_he_has_written(reported: Reported, make: Factory) -> None:
    both = make.user(roles=("customer_service", "management"))
    report = reported.report(both, until="submitted")
    # The firm has one person: then it is allowed, and the audit log says so.
    service.review(report, **common(report, both, make.now))
    assert db.session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "report.reviewed")).one()[
        "own"
    ]
    make.user(roles=("viewer",))
    second = reported.report(both, until="submitted", language="en")
    with pytest.raises(Refused, match="own_report"):
        service.review(second, **common(second, both, make.now))


def test_departments_see_what_was_reviewed_about_their_own_units(
    reported: Reported, author: User, make: Factory
) -> None:
    region = make.unit(name="区域")
    own, other = make.unit(name="城西店", parent_id=region.id), make.unit(name="城东店", parent_id=region.id)
    handler = make.user(roles=("department",), units=(own,))
    # In charge of the region, but not of the branches below it.
    head = make.user(roles=("department",), units=(region,))
    mine = reported.report(author, unit=own, until="reviewed")
    for unit, until in (
        (own, "submitted"),
        (own, "draft"),
        (other, "reviewed"),
        (region, "reviewed"),
        (None, "reviewed"),
    ):
        reported.report(author, unit=unit, until=until)
    assert [one.id for one in reads.listed(handler, state="", number=1).rows] == [mine.id]
    assert reads.get_visible(handler, mine.id) is mine
    assert reads.listed(head, state="", number=1).rows == []
    for role in ("viewer", "interviewer", "administrator"):
        with pytest.raises(Missing):
            reads.get_visible(make.user(roles=(role,), units=(own,)), mine.id)
    assert reads.listed(author, state="", number=1).total == 6
    assert reads.listed(author, state="reviewed", number=1).total == 4
