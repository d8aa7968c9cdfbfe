"""T32, T70: slow, broken and giant bodies at the door of the application."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.web import bodies
from app.web.bodies import BrokenOff, NoLength, take_in

MOST = 1000


class Sender:
    """A body in pieces; counts what was taken of it."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.taken += len(piece)
            yield piece


def take(sender: Sender, length: int | None = None, most: int = MOST, **more: str) -> bytes:
    environ: dict[str, Any] = more | ({} if length is None else {"CONTENT_LENGTH": str(length)})
    with asyncio.run(take_in(environ, aiter(sender), most)) as body:
        return body.read()


def test_a_body_that_breaks_off_is_never_worked_on() -> None:
    with pytest.raises(BrokenOff):
        take(Sender(b"comment=The+", b"first+half"), 60)
    assert take(Sender(b"comment=", b"whole"), 13) == b"comment=whole"


def test_a_body_of_unknown_length_is_refused() -> None:
    """Nobody could tell its end from its breaking off: the server ends both in the same way."""
    sender = Sender(b"comment=The+", b"first+half")
    with pytest.raises(NoLength):
        take(sender, None, HTTP_TRANSFER_ENCODING="chunked")
    assert sender.taken == 0


def test_without_a_length_there_is_no_body() -> None:
    sender = Sender(b"unannounced")
    assert take(sender) == b""
    assert sender.taken == 0


@pytest.mark.parametrize("length", [20, 2 * MOST])
def test_who_sends_nothing_more_is_given_up(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """T70: a thousand such senders would keep everybody else out for ever."""
    monkeypatch.setattr(bodies, "SILENT_SECONDS", 0.2)

    class Falters(Sender):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in self.pieces:
                await asyncio.sleep(0.05)
                yield piece
            await asyncio.Event().wait()

    assert take(Falters(*[b"x" * (length // 10)] * 10), length) in (b"x" * length, b"")
    with pytest.raises(BrokenOff):
        take(Falters(b"x"), length)


@pytest.mark.parametrize("length", [2, 2 * bodies.IN_MEMORY])
def test_not_more_is_taken_than_was_announced(length: int) -> None:
    sender = Sender(b"x" * length, b"second")
    assert take(sender, length, most=4 * bodies.IN_MEMORY) == b"x" * length
    assert sender.taken == length


def test_what_is_too_large_is_not_kept() -> None:
    little, giant = Sender(*[b"x" * MOST] * 3), Sender(*[b"x" * MOST] * 9)
    assert take(little, 3 * MOST) == b""
    assert little.taken == 3 * MOST, "the browser reads the answer"
    assert take(giant, 9 * MOST) == b""
    assert giant.taken == 0
