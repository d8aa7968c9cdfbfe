"""The worker keeps the copies of answers up to date."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.adapters.analyst import Analyst
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


def warm(task: Callable[[], None], *keys: str) -> None:
    """Run the task, which waits for nothing, and then wait for what it has asked for."""
    task()
    until = time.monotonic() + 30
    while any(kept.analyst().is_working(key) for key in keys) and time.monotonic() < until:
        time.sleep(0.02)


def test_copies_follow_the_answers(answered: Answered, settings: Settings) -> None:
    survey, draft = answered.wave(documents(8)), answered.wave(documents(3), state="draft")
    folder = settings.data / "cache" / "frames"
    warm(frames.keep_frames_warm, f"frame-{survey.id}")
    copy = folder / f"{survey.id}.npz"
    before = copy.read_bytes()
    assert not (folder / f"{draft.id}.npz").exists()
    answered.answer(survey, documents(1))
    warm(frames.keep_frames_warm, f"frame-{survey.id}")
    assert copy.read_bytes() != before


def test_nothing_is_asked_when_nothing_is_new(answered: Answered, settings: Settings) -> None:
    survey = answered.wave(documents(8))
    warm(frames.keep_frames_warm, f"frame-{survey.id}")
    (settings.data / "cache" / "frames" / f"{survey.id}.npz").unlink()
    warm(frames.keep_frames_warm, f"frame-{survey.id}")
    assert not (settings.data / "cache" / "frames" / f"{survey.id}.npz").exists()


def test_the_copy_of_complaints_follows_them(make: Factory, settings: Settings) -> None:
    frames._done.clear()
    copy = settings.data / "cache" / "frames" / "cases.npz"
    copy.unlink(missing_ok=True)
    warm(frames.keep_cases_warm, "cases")
    assert not copy.exists()  # there is nothing to keep
    counted = Counted(make)
    counted.add([Told(NOW)])
    warm(frames.keep_cases_warm, "cases")
    before = copy.read_bytes()
    counted.add([Told(NOW)])
    warm(frames.keep_cases_warm, "cases")
    assert copy.read_bytes() != before
    copy.unlink()
    warm(frames.keep_cases_warm, "cases")
    assert not copy.exists()
    kept.analyst().close()
    shutil.rmtree(settings.data / "cache", ignore_errors=True)


def test_an_analyst_that_hangs_is_not_waited_for(answered: Answered, app: Flask) -> None:
    survey = answered.wave(documents(8))
    ready = kept.analyst()
    silent = Analyst({}, command=(sys.executable, "-c", "import time; time.sleep(60)"))
    app.extensions["heed.analyst"] = silent
    try:
        began = time.monotonic()
        frames.keep_frames_warm()
        frames.keep_frames_warm()  # and asks for nothing twice
        assert time.monotonic() - began < 5
        assert silent.is_working(f"frame-{survey.id}")
    finally:
        app.extensions["heed.analyst"] = ready
        if silent._child is not None:
            silent._child.process.kill()
