"""T32, T70: slow, broken and giant bodies at the door of the application."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from app.web import bodies
from app.web.bodies import Bodies

MOST = 1000


class Body:
    """A stream that gives what it has, and first waits for `go` when there is one."""

    def __init__(self, content: bytes, go: threading.Event | None = None) -> None:
        self.left = content
        self.taken = 0
        self.go = go

    def read(self, size: int) -> bytes:
        if self.go is not None:
            assert self.go.wait(20)
        given, self.left = self.left[:size], self.left[size:]
        self.taken += len(given)
        return given


class Door:
    """The middleware before an application that notes what it was given."""

    def __init__(self, places: int = 1) -> None:
        self.seen: list[bytes] = []
        self.middleware = Bodies(self._work, MOST, places)

    def _work(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ["wsgi.input"].read(2 * MOST))
        start("200 OK", [])
        return [b"fine"]

    def ask(self, body: Body, length: int | None = None, **more: str) -> str:
        """Send a request; return the status."""
        said: list[str] = []
        environ: dict[str, Any] = {"wsgi.input": body} | more
        if length is not None:
            environ["CONTENT_LENGTH"] = str(length)
        self.middleware(environ, lambda status, _headers: said.append(status))
        return said[0][:3]


def test_who_sends_slowly_takes_no_place_from_others() -> None:
    door, go = Door(places=1), threading.Event()
    slow = [threading.Thread(target=door.ask, args=(Body(b"slow", go), 4)) for _ in range(5)]
    for one in slow:
        one.start()
    assert door.ask(Body(b""), None) == "200"
    assert door.ask(Body(b"quick"), 5) == "200"
    go.set()
    for one in slow:
        one.join(20)
    assert sorted(door.seen) == [b"", b"quick"] + [b"slow"] * 5


def test_a_body_that_breaks_off_is_never_worked_on() -> None:
    door = Door()
    assert door.ask(Body(b"comment=The+first+half"), 60) == "400"
    assert not door.seen
    assert door.ask(Body(b"in pieces"), None, HTTP_TRANSFER_ENCODING="chunked") == "200"
    assert door.seen == [b"in pieces"]


def test_what_is_too_large_is_not_kept() -> None:
    door, little, giant = Door(), Body(b"x" * 3 * MOST), Body(b"x" * 9 * MOST)
    assert (door.ask(little, 3 * MOST), little.taken) == ("200", 3 * MOST), "the browser reads the answer"
    assert (door.ask(giant, 9 * MOST), giant.taken) == ("200", 0)
    assert door.seen == [b"", b""], "the application sees the length and says 413"
    endless = Body(b"x" * 9 * MOST)
    door.ask(endless, None, HTTP_TRANSFER_ENCODING="chunked")
    assert endless.taken == MOST + 1


def test_no_room_for_a_body_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """T60: the folder for temporary files can be full too."""

    def full(_size: int) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bodies.tempfile, "SpooledTemporaryFile", full)
    door = Door()
    assert door.ask(Body(b"abc"), 3) == "503"
    assert not door.seen


def test_who_saves_leaves_two_places_to_those_who_read() -> None:
    """T61: whoever waits for a locked database keeps his place meanwhile."""
    inside, go = threading.Semaphore(0), threading.Event()

    def work(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            inside.release()
            assert go.wait(20)
        start("200 OK", [])
        return [b""]

    middleware = Bodies(work, MOST)

    def ask(method: str) -> str:
        said: list[str] = []
        environ = {"wsgi.input": Body(b""), "REQUEST_METHOD": method}
        middleware(environ, lambda status, _headers: said.append(status))
        return said[0]

    savers = [threading.Thread(target=ask, args=("POST",)) for _ in range(bodies.PLACES + 4)]
    for one in savers:
        one.start()
    for _ in range(bodies.PLACES - bodies.FOR_READING):
        assert inside.acquire(timeout=20)
    assert ask("GET") == "200 OK"
    go.set()
    for one in savers:
        one.join(20)
