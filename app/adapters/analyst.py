"""The child process that computes statistics, seen from the process that asks.

One child per asking process, started when first needed and let go when idle. A request is done under its
key: who asks again for the same key waits for the same work. Results are files; this module only tells
whether they are ready.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Any

log = logging.getLogger("heed.analyst")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "app.jobs.analyst")
IDLE_SECONDS = 120.0
LONGEST_SECONDS = 90.0
# Failures are remembered this long, so that a page that asks again and again does not spin.
MEMORY_SECONDS = 15.0
MOST_TRIES = 2
_LOOK_SECONDS = 1.0


class State(StrEnum):
    """How a request stands."""

    DONE = "done"
    WORKING = "working"
    FAILED = "failed"


@dataclass
class _Request:
    line: str
    tries: int = 0
    state: State = State.WORKING
    failed_at: float = 0.0


@dataclass
class _Child:
    """`outbox` is emptied by a thread of its own: a busy child reads slowly, and nobody should wait for that.
    None in it means that nothing more will come. `open_keys` are in the order in which they were sent: the first
    is being worked on, since `busy_since`."""

    process: "subprocess.Popen[str]"
    outbox: "SimpleQueue[str | None]" = field(default_factory=SimpleQueue)
    open_keys: list[str] = field(default_factory=list)
    busy_since: float = 0.0

    def put(self, key: str, line: str) -> None:
        """Give it one more request."""
        if not self.open_keys:
            self.busy_since = time.monotonic()
        self.open_keys.append(key)
        self.outbox.put(line)

    def settled(self, key: str) -> None:
        """It is done with a request, and begins the next."""
        if key in self.open_keys:
            self.open_keys.remove(key)
        self.busy_since = time.monotonic()

    def takes_longer_than(self, seconds: float) -> bool:
        """Whether it has been working on one request for so long."""
        return bool(self.open_keys) and time.monotonic() - self.busy_since > seconds


class Analyst:
    """Asks the child. All methods may be called from any thread.

    `configuration` is its first line of input. `idle` and `longest` are seconds.
    """

    def __init__(
        self,
        configuration: Mapping[str, str],
        *,
        command: Sequence[str] = COMMAND,
        idle: float = IDLE_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._configuration = dict(configuration)
        self._command, self._idle, self._longest = command, idle, longest
        self._changed = threading.Condition()
        self._requests: dict[str, _Request] = {}
        self._child: _Child | None = None
        self._last_used = 0.0
        self._waiting = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Process id of the running child, None when there is none."""
        with self._changed:
            return self._child.process.pid if self._child else None

    def ask(self, key: str, request: Mapping[str, Any], *, wait: float) -> State:
        """Have the request done and wait up to so many seconds for it.

        Whoever asks after it is done has it done again: look for the result first. One caller waits at a time;
        others are told `WORKING` at once, so that a crowd does not hold every thread of the server.
        """
        patient = wait > 0 and self._waiting.acquire(blocking=False)
        try:
            return self._ask(key, request, time.monotonic() + (wait if patient else 0))
        finally:
            if patient:
                self._waiting.release()

    def _ask(self, key: str, request: Mapping[str, Any], deadline: float) -> State:
        with self._changed:
            self._forget_old_failures()
            if key not in self._requests:
                line = json.dumps({**request, "key": key}, ensure_ascii=False)
                self._requests[key] = _Request(line)
                self._send(key)
            while self._state(key) is State.WORKING and time.monotonic() < deadline:
                self._changed.wait(deadline - time.monotonic())
            return self._state(key)

    def is_working(self, key: str) -> bool:
        """Whether a request with this key is being done or waits for its turn."""
        with self._changed:
            request = self._requests.get(key)
            return request is not None and request.state is State.WORKING

    def warm(self) -> None:
        """Have the child started, and load what it computes with, so that the first question does not wait for it.

        A thread of its own does it: starting a process takes longer than most requests.
        """
        with self._changed:
            self._last_used = time.monotonic()
            if self._child is None:
                threading.Thread(target=self._warm, name="analyst-warms", daemon=True).start()

    def _warm(self) -> None:
        self.ask("warm", {"do": "warm"}, wait=0)

    def close(self) -> None:
        """End the child when it has done what it is doing."""
        with self._changed:
            child, self._child = self._child, None
        if child is not None:
            child.outbox.put(None)

    def _state(self, key: str) -> State:
        """State of a request; one that is gone is done."""
        request = self._requests.get(key)
        return request.state if request else State.DONE

    def _send(self, key: str) -> None:
        request = self._requests[key]
        request.tries += 1
        try:
            child = self._running()
        except OSError as problem:
            log.error("the analyst cannot be started: %s", problem.strerror)
            self._fail(key)
            return
        child.put(key, request.line)

    def _running(self) -> _Child:
        self._last_used = time.monotonic()
        if self._child is None or self._child.process.poll() is not None:
            self._child = self._start()
        return self._child

    def _start(self) -> _Child:
        # One thread: more of them make linear algebra faster here, and saving an answer slower.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        process = subprocess.Popen(  # noqa: S603 - our own module, no text of anybody
            list(self._command),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        child = _Child(process)
        child.outbox.put(json.dumps(self._configuration))
        for name, work in (("speaks", _speak), ("listens", self._listen), ("watches", self._watch)):
            threading.Thread(target=work, args=(child,), name=f"analyst-{name}", daemon=True).start()
        return child

    def _listen(self, child: _Child) -> None:
        assert child.process.stdout is not None
        with child.process.stdout as replies, contextlib.suppress(ValueError, OSError):
            for line in replies:
                reply = json.loads(line)
                self._settle(child, reply["key"], State.FAILED if reply["error"] else State.DONE)
        child.process.wait()
        child.outbox.put(None)
        self._bury(child)

    def _settle(self, child: _Child, key: str, state: State) -> None:
        with self._changed:
            child.settled(key)
            if state is State.DONE:
                self._requests.pop(key, None)
            else:
                self._fail(key)
            self._last_used = time.monotonic()
            self._changed.notify_all()

    def _fail(self, key: str) -> None:
        if request := self._requests.get(key):
            request.state, request.failed_at = State.FAILED, time.monotonic()

    def _bury(self, child: _Child) -> None:
        """The child has ended: what it still had is tried once more with a new one."""
        with self._changed:
            if self._child is child:
                self._child = None
            for key in child.open_keys:
                if key not in self._requests:
                    continue
                if self._requests[key].tries < MOST_TRIES:
                    self._send(key)
                else:
                    self._fail(key)
            child.open_keys.clear()
            self._changed.notify_all()

    def _give_up(self, child: _Child) -> None:
        """End a child that hangs. What it was doing has failed; what waited behind that is tried with a new one."""
        key = child.open_keys.pop(0)
        log.error("the analyst took longer than %s s and was ended", self._longest)
        self._fail(key)
        child.process.kill()
        self._changed.notify_all()

    def _watch(self, child: _Child) -> None:
        """Let an idle child go; end one that takes too long."""
        while child.process.poll() is None:
            time.sleep(min(_LOOK_SECONDS, self._idle / 2, self._longest / 2))
            with self._changed:
                if child.takes_longer_than(self._longest):
                    self._give_up(child)
                    return
                idle = not child.open_keys and time.monotonic() - self._last_used > self._idle
                if idle and self._child is child:
                    self._child = None
                    child.outbox.put(None)

    def _forget_old_failures(self) -> None:
        now = time.monotonic()
        for key, request in list(self._requests.items()):
            if request.state is State.FAILED and now - request.failed_at > MEMORY_SECONDS:
                del self._requests[key]


def _speak(child: _Child) -> None:
    assert child.process.stdin is not None
    with contextlib.suppress(OSError), child.process.stdin as pipe:
        while (line := child.outbox.get()) is not None:
            pipe.write(line + "\n")
            pipe.flush()
