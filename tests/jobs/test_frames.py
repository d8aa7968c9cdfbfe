"""The worker keeps the copies of answers up to date."""

import shutil
from collections.abc import Iterator

import pytest

from app.jobs import frames
from app.queries.figures import kept
from config import Settings
from tests.conftest import NOW
from tests.factories import Factory
from tests.factories.answered import Answered, documents
from tests.factories.counted import Counted, Told


@pytest.fixture
def answered(make: Factory, settings: Settings) -> Iterator[Answered]:
    frames._done.clear()
    yield Answered(make, NOW)
    kept.analyst().close()
    shutil.rmtree(settings.data / "cache", ignore_errors=True)


def test_copies_follow_the_answers(answered: Answered, settings: Settings) -> None:
    survey, draft = answered.wave(documents(8)), answered.wave(documents(3), state="draft")
    folder = settings.data / "cache" / "frames"
    frames.keep_frames_warm()
    copy = folder / f"{survey.id}.npz"
    before = copy.read_bytes()
    assert not (folder / f"{draft.id}.npz").exists()
    answered.answer(survey, documents(1))
    frames.keep_frames_warm()
    assert copy.read_bytes() != before


def test_nothing_is_asked_when_nothing_is_new(answered: Answered, settings: Settings) -> None:
    survey = answered.wave(documents(8))
    frames.keep_frames_warm()
    (settings.data / "cache" / "frames" / f"{survey.id}.npz").unlink()
    frames.keep_frames_warm()
    assert not (settings.data / "cache" / "frames" / f"{survey.id}.npz").exists()


def test_the_copy_of_complaints_follows_them(make: Factory, settings: Settings) -> None:
    frames._done.clear()
    copy = settings.data / "cache" / "frames" / "cases.npz"
    copy.unlink(missing_ok=True)
    frames.keep_cases_warm()
    assert not copy.exists()  # there is nothing to keep
    counted = Counted(make)
    counted.add([Told(NOW)])
    frames.keep_cases_warm()
    before = copy.read_bytes()
    counted.add([Told(NOW)])
    frames.keep_cases_warm()
    assert copy.read_bytes() != before
    copy.unlink()
    frames.keep_cases_warm()
    assert not copy.exists()
    kept.analyst().close()
    shutil.rmtree(settings.data / "cache", ignore_errors=True)
