"""T35: files and rows never stay out of step for long, whatever dies between them."""

import io
import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.adapters import files
from app.extensions import db
from app.jobs.attachments import sweep_attachments
from app.models import Attachment
from app.rules.complaints import Kind
from app.services import attachments
from app.services.attachments import Offered, Stored
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories import complaints as made
from tests.factories import sent_files as sent


@pytest.fixture(autouse=True)
def in_an_empty_folder(ctx: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for path in attachments.folder().iterdir():
        path.unlink()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    yield


def stored(count: int = 1, *, hours_ago: float = 2) -> list[Stored]:
    """Files on the disk that have no row yet, written a while ago."""
    offered = [Offered(f"{n}.png", io.BytesIO(sent.png())) for n in range(count)]
    found, refused = attachments.store(offered, before=0, bytes_before=0, room=count)
    assert not refused
    written = (NOW - timedelta(hours=hours_ago)).timestamp()
    for one in found:
        os.utime(attachments.folder() / one.file.name, (written, written))
    return found


def on_disk() -> set[str]:
    return {path.name for path in attachments.folder().iterdir()}


def rows() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Attachment.stored)))


def test_what_died_between_file_and_row_is_swept_up() -> None:
    kept, _died = stored(5), stored(5)
    attachments.add(kept, form_key="k", now=NOW)
    db.session.commit()
    sweep_attachments()
    assert on_disk() == rows() == {one.file.name for one in kept}


def test_a_request_that_is_still_at_it_loses_nothing() -> None:
    young = stored(hours_ago=0.1)
    sweep_attachments()
    assert on_disk() == {young[0].file.name}


def test_a_file_that_gets_its_row_during_the_sweep_stays() -> None:
    (one,) = stored()

    def row_comes_now() -> set[str]:
        attachments.add([one], form_key="k", now=NOW)
        return attachments.known_files()

    assert files.remove_unknown(attachments.folder(), row_comes_now, NOW) == 0
    assert on_disk() == {one.file.name}


def test_what_was_never_sent_goes_after_a_day_and_what_was_stays(make: Factory) -> None:
    """T30."""
    feedback = made.record(make, kind=Kind.PRAISE)
    for key, age in (("old", 25), ("new", 23), ("sent", 400)):
        attachments.add(stored(), form_key=key, now=NOW - timedelta(hours=age))
    attachments.join("sent", feedback, None)
    db.session.commit()
    sweep_attachments()
    db.session.rollback()
    assert set(db.session.scalars(select(Attachment.form_key))) == {"new", "sent"}
    assert on_disk() == rows()


def test_a_file_that_cannot_be_written_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """T60."""

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        stored()
    assert on_disk() == set()
