"""The child process seen from outside: it comes back when it dies, goes when idle, and is ended when it hangs."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.adapters.analyst import Analyst, State

# Answers every request; "hang" it does not answer, "slow" late, "die" it dies of, "bad" it reports as failed.
CHILD = """
import json, os, sys, time
sys.stdin.readline()
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "warm":
        request["log"] = os.environ["WARM_LOG"]
    if request["do"] == "hang":
        time.sleep(60)
    if request["do"] == "slow":
        time.sleep(0.7)
    if request["do"] == "die":
        os._exit(1)
    with open(request["log"], "a") as log:
        log.write(request["key"] + "\\n")
    error = "ValueError" if request["do"] == "bad" else None
    print(json.dumps({"key": request["key"], "error": error}), flush=True)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Analyst]]:
    started = []

    def make(**limits: float) -> Analyst:
        analyst = Analyst({"x": "y"}, command=(sys.executable, "-c", CHILD), **limits)
        started.append(analyst)
        return analyst

    yield make
    for analyst in started:
        analyst.close()


def until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def request(tmp_path: Path, do: str = "work") -> dict[str, str]:
    return {"do": do, "log": str(tmp_path / "log")}


def test_one_child_answers_many(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    assert analyst.pid is None
    for key in ("a", "b"):
        assert analyst.ask(key, request(tmp_path), wait=10) is State.DONE
    assert (tmp_path / "log").read_text().split() == ["a", "b"]


def test_who_does_not_wait_is_told_at_once(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    assert analyst.ask("a", request(tmp_path), wait=0) is State.WORKING
    assert until(lambda: (tmp_path / "log").exists())


def test_it_is_known_what_is_being_worked_on(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    assert not analyst.is_working("a")
    analyst.ask("a", request(tmp_path, "hang"), wait=0)
    analyst.ask("b", request(tmp_path), wait=0)
    assert (analyst.is_working("a"), analyst.is_working("b")) == (True, True)
    failing = start()
    failing.ask("c", request(tmp_path, "bad"), wait=10)
    assert not failing.is_working("c")


def test_a_child_is_started_before_it_is_needed(
    start: Callable[..., Analyst], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often that is asked for, and not by the thread that asks for it."""
    monkeypatch.setenv("WARM_LOG", str(tmp_path / "log"))
    analyst = start()
    threads: list[threading.Thread] = []
    running = analyst._running
    monkeypatch.setattr(analyst, "_running", lambda: threads.append(threading.current_thread()) or running())
    analyst.warm()
    assert until(lambda: (tmp_path / "log").exists() and not analyst.is_working("warm"))
    first = analyst.pid
    analyst.warm()
    assert analyst.ask("a", request(tmp_path), wait=10) is State.DONE
    assert analyst.pid == first
    assert (tmp_path / "log").read_text().split() == ["warm", "a"]
    assert threading.main_thread() is not threads[0]


def test_a_failure_is_told_and_remembered(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    assert analyst.ask("a", request(tmp_path, "bad"), wait=10) is State.FAILED
    assert analyst.ask("a", request(tmp_path, "bad"), wait=0) is State.FAILED
    assert (tmp_path / "log").read_text().split() == ["a"]


def test_a_dead_child_is_started_again(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    analyst.ask("a", request(tmp_path), wait=10)
    first = analyst.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert analyst.ask("b", request(tmp_path), wait=10) is State.DONE
    assert analyst.pid not in (None, first)


def test_work_that_kills_the_child_is_tried_twice_only(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start()
    assert analyst.ask("a", request(tmp_path, "die"), wait=10) is State.FAILED
    assert analyst.ask("b", request(tmp_path), wait=10) is State.DONE


def test_a_child_that_hangs_is_ended(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start(longest=0.3)
    assert analyst.ask("a", request(tmp_path, "hang"), wait=10) is State.FAILED


def test_what_waits_behind_work_that_hangs_is_done_all_the_same(
    start: Callable[..., Analyst], tmp_path: Path
) -> None:
    """Whoever hung is not tried again, and the others are not ended with it."""
    analyst = start(longest=1.5)
    analyst.ask("a", request(tmp_path, "hang"), wait=0)
    for key in ("b", "c"):
        assert analyst.ask(key, request(tmp_path), wait=0) is State.WORKING
    assert until(lambda: not analyst.is_working("b") and not analyst.is_working("c"))
    assert analyst.ask("a", request(tmp_path), wait=0) is State.FAILED
    assert (tmp_path / "log").read_text().split() == ["b", "c"]


def test_waiting_for_ones_turn_is_not_hanging(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start(longest=2.0)
    keys = ("a", "b", "c", "d")
    for key in keys:
        analyst.ask(key, request(tmp_path, "slow"), wait=0)
    assert until(lambda: not any(analyst.is_working(key) for key in keys))
    assert (tmp_path / "log").read_text().split() == list(keys)


def test_an_idle_child_is_let_go(start: Callable[..., Analyst], tmp_path: Path) -> None:
    analyst = start(idle=0.3)
    analyst.ask("a", request(tmp_path), wait=10)
    assert until(lambda: analyst.pid is None)
    assert analyst.ask("b", request(tmp_path), wait=10) is State.DONE


def test_a_child_that_cannot_be_started_is_a_failure(tmp_path: Path) -> None:
    analyst = Analyst({}, command=(str(tmp_path / "no-such-program"),))
    assert analyst.ask("a", {"do": "work"}, wait=1) is State.FAILED
