"""Services behind the public pages, without HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.errors import Refused, Stale
from app.extensions import db
from app.models import Invitation, Response
from app.queries.answers import Entry, personal_entry, personal_key, questionnaire_of
from app.queries.wire import present_wire
from app.services import answers
from tests.factories import Factory
from tests.factories.asking import Asking, path_of


@pytest.fixture
def invitation(make: Factory) -> Invitation:
    asking = Asking(make)
    return asking.invitation(asking.survey())


def entry_of(invitation: Invitation) -> Entry:
    entry = personal_entry(present_wire(), path_of(invitation).rsplit("/", 1)[1])
    assert entry is not None
    return entry


def begun(invitation: Invitation, now: datetime) -> Entry:
    token = path_of(invitation).rsplit("/", 1)[1]
    entry = entry_of(invitation)
    wire = present_wire()
    answers.start(wire, entry, key=personal_key(wire, token), language="zh", now=now)
    db.session.commit()
    return entry_of(invitation)


def save(entry: Entry, page_id: str, now: datetime, **fields: Any) -> answers.Saved:
    wire = present_wire()
    questionnaire = questionnaire_of(wire, entry.version_id, entry.content_hash)
    page = questionnaire.page(page_id)
    assert page is not None
    assert entry.kept is not None
    saved = answers.save_page(
        wire,
        entry,
        entry.kept,
        page,
        questionnaire=questionnaire,
        fields={k: [v] for k, v in fields.items()},
        language="zh",
        now=now,
    )
    db.session.commit()
    return saved


def test_a_draft_changed_meanwhile_is_stale(invitation: Invitation, now: datetime) -> None:
    entry = begun(invitation, now)
    save(entry, "p1", now, wait="5")
    with pytest.raises(Stale):
        save(entry, "p1", now, wait="1")
    db.session.rollback()


def test_nothing_starts_or_is_saved_after_closing(invitation: Invitation, now: datetime) -> None:
    entry = begun(invitation, now)
    late = now + timedelta(days=10)
    with pytest.raises(Refused):
        save(entry, "p1", late, wait="5")
    with pytest.raises(Refused):
        answers.start(present_wire(), entry, key="x", language="zh", now=late)


def test_seconds_on_each_page_are_kept_in_the_order_saved(invitation: Invitation, now: datetime) -> None:
    save(begun(invitation, now), "p1", now + timedelta(seconds=20), wait="5")
    saved = save(entry_of(invitation), "p3", now + timedelta(seconds=50), nps="9")
    assert saved.complete
    row = db.session.query(Response).one()
    assert row.page_log == [["p1", 20], ["p3", 30]]
    assert row.submitted_at == now + timedelta(seconds=50)


def test_a_page_with_errors_stores_nothing(invitation: Invitation, now: datetime) -> None:
    saved = save(begun(invitation, now), "p1", now, wait="9")
    assert list(saved.cleaned.errors) == ["wait"]
    assert db.session.query(Response).one().revision == 0


def test_unsubscribing_twice_is_done_once(invitation: Invitation, now: datetime) -> None:
    assert answers.unsubscribe(invitation, now=now)
    assert not answers.unsubscribe(invitation, now=now)
