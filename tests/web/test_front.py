"""The front: what comes by the server's protocol reaches lane and framework, and their answers go back."""

import asyncio
import io
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.utils import send_file

from app.extensions import db
from app.web import front, lanes
from app.web.front import Front, environ_of
from app.web.lanes import Answer
from app.web.transactions import WAITED
from tests.rsgi import Headers, Protocol, Scope, post

TEXT = [("Content-Type", "text/plain")]


class Plain:
    """Stands for the framework: notes what it is given and gives `pieces` back."""

    def __init__(self, *pieces: bytes, length: int | None = None) -> None:
        self.pieces, self.length = pieces, length
        self.seen: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        length = [] if self.length is None else [("Content-Length", str(self.length))]
        start("200 OK", TEXT + length)
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        self.closed += 1


class Quick:
    """A lane that answers what begins with /quick; `work` is what it wants stored."""

    def __init__(self, engine: Any, work: Callable[[Any], None] | None = None) -> None:
        self.engine = engine
        self.work = work

    def prepare(self, environ: dict[str, Any]) -> Answer | None:
        if not environ["PATH_INFO"].startswith("/quick"):
            return None
        return Answer("303 SEE OTHER", [("Location", "/next")], b"", self.work)


Fronts = Callable[..., Front]


@pytest.fixture
def fronts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Fronts:
    """Makes the front of an application whose framework is `inner`; with a lane when `lane` is true."""

    def make(inner: Plain, *, lane: bool = False, work: Callable[[Any], None] | None = None) -> Front:
        monkeypatch.setattr(app, "wsgi_app", inner)
        with app.app_context():
            found = Quick(db.engine, work) if lane else None
        monkeypatch.setattr(lanes, "lane_of", lambda _app: found)
        return Front(app)

    return make


def ask(door: Front, scope: Scope, protocol: Protocol | None = None) -> Protocol:
    protocol = protocol or Protocol()
    asyncio.run(door.__rsgi__(scope, protocol))
    return protocol


def test_the_environment_is_that_of_wsgi() -> None:
    headers = Headers(("cookie", "a=1"), ("cookie", "b=2"), ("x-dup", "1"), ("x-dup", "2"), ("host", "heed"))
    environ = environ_of(
        Scope("GET", "/客户/a b", headers, query_string="q=%E5%AE%A2", client="[::1]:9", server="[::1]:8000")
    )
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/客户/a b"
    assert (environ["HTTP_COOKIE"], environ["HTTP_X_DUP"]) == ("a=1; b=2", "1,2")
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"], environ["QUERY_STRING"]) == (
        "::1", "8000", "q=%E5%AE%A2",
    )  # fmt: skip


def test_a_query_that_nobody_encoded_is_bytes_too() -> None:
    """T71: links written by hand, and some programs, send Chinese as it is."""
    environ = environ_of(Scope(query_string="q=客户"))
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "q=客户"


def test_an_underscore_does_not_stand_for_a_hyphen() -> None:
    """T52: a proxy that overwrites X-Forwarded-For may let X_Forwarded_For pass."""
    forged = [("x_forwarded_for", "1.2.3.4"), ("x-forwarded_proto", "https"), ("content_length", "9")]
    environ = environ_of(Scope(headers=Headers(("x-forwarded-for", "203.0.113.9"), *forged)))
    assert environ["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"
    assert not {"HTTP_X_FORWARDED_PROTO", "HTTP_CONTENT_LENGTH", "CONTENT_LENGTH"} & environ.keys()


def test_a_page_comes_back_whole_and_is_closed(fronts: Fronts) -> None:
    inner = Plain(b"one ", b"page", length=8)
    said = ask(fronts(inner), post("/form", b"a=1"), Protocol((b"a=", b"1")))
    assert (said.status, said.headers, said.body) == (200, [*TEXT, ("Content-Length", "8")], b"one page")
    assert (inner.bodies, inner.closed, said.sent) == ([b"a=1"], 1, 0)


def test_a_large_file_goes_in_pieces(fronts: Fronts) -> None:
    piece = b"x" * (front.IN_ONE // 2)
    inner = Plain(piece, b"", piece, b"end", length=2 * len(piece) + 3)
    said = ask(fronts(inner), Scope())
    assert (said.body, said.sent, inner.closed) == (piece * 2 + b"end", 3, 1)


def test_who_hangs_up_while_it_comes_is_no_error(fronts: Fronts) -> None:
    inner = Plain(*[b"x" * front.IN_ONE] * 3, length=3 * front.IN_ONE)
    said = ask(fronts(inner), Scope(), Protocol(hangs_up_after=1))
    assert (said.sent, inner.closed) == (1, 1)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(b"0123456789" * (front.IN_ONE // 8))
    return path


class Hands(Plain):
    """Hands over a file, as `send_file` does."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        response = send_file(self.path, environ, mimetype="text/plain", conditional=True)
        return response(environ, start)


@pytest.mark.parametrize("asked", ["", "bytes=5-2000", "bytes=5-"])
def test_a_large_file_is_read_by_the_server(fronts: Fronts, large: Path, asked: str) -> None:
    """T32: in pieces, all of them would wait in memory for who downloads slowly."""
    said = ask(fronts(Hands(large)), Scope(headers=Headers(*[("range", asked)] if asked else [])))
    if asked == "bytes=5-2000":
        assert (said.status, said.sent, said.file) == (206, 0, "")
        assert said.body == large.read_bytes()[5:2001]
        return
    size = large.stat().st_size
    assert (said.file, said.sent, said.body) == (str(large), 0, b"")
    assert (said.status, said.part) == ((206, (5, size)) if asked else (200, None))


def test_a_large_file_without_a_name_goes_in_pieces(fronts: Fronts) -> None:
    class Unnamed(Plain):
        def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            start("200 OK", [("Content-Length", str(2 * front.IN_ONE))])
            found: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 2 * front.IN_ONE))
            return found

    said = ask(fronts(Unnamed()), Scope())
    assert (len(said.body), said.file) == (2 * front.IN_ONE, "")


@pytest.mark.parametrize(
    ("protocol", "status", "words"),
    [
        (Protocol((b"comment=The+first+half",)), 400, b"broke off"),
        (Protocol(trouble=OSError(28, "No space left on device")), 503, b"Nothing was stored"),
    ],
)
def test_no_room_for_a_body_is_said_so(fronts: Fronts, protocol: Protocol, status: int, words: bytes) -> None:
    """T60: the folder for temporary files can be full too."""
    inner = Plain(b"fine")
    said = ask(fronts(inner), post("/form", b"", length=60), protocol)
    assert said.status == status
    assert words in said.body
    assert inner.seen == []


def test_a_body_must_tell_its_length(fronts: Fronts) -> None:
    inner = Plain(b"fine")
    scope = Scope("POST", "/form", Headers(("transfer-encoding", "chunked")))
    said = ask(fronts(inner), scope, Protocol((b"comment=The+first+half",)))
    assert (said.status, inner.seen) == (411, [])


def test_who_sends_slowly_takes_no_place_from_others(fronts: Fronts) -> None:
    inner = Plain(b"fine")
    door = fronts(inner)

    class Slow(Protocol):
        async def __aiter__(self) -> Any:
            await go.wait()
            yield b"slow"

    async def crowd() -> list[int]:
        slow = [
            asyncio.create_task(door.__rsgi__(post("/f", b"slow"), Slow())) for _ in range(front.PLACES * 3)
        ]
        quick = Protocol((b"quick",))
        await asyncio.wait_for(door.__rsgi__(post("/f", b"quick"), quick), 20)
        before_the_others = list(inner.bodies)
        go.set()
        await asyncio.gather(*slow)
        return [quick.status, len(before_the_others), len(inner.bodies)]

    go = asyncio.Event()
    assert asyncio.run(crowd()) == [200, 1, 1 + front.PLACES * 3]


def test_who_saves_leaves_two_places_to_those_who_read(fronts: Fronts) -> None:
    """T61: whoever waits for a locked database keeps his place meanwhile."""
    inside, go = threading.Semaphore(0), threading.Event()

    class Waits(Plain):
        def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] == "POST":
                inside.release()
                assert go.wait(20)
            return super().__call__(environ, start)

    door = fronts(Waits(b""))

    async def crowd() -> int:
        savers = [
            asyncio.create_task(door.__rsgi__(post("/f", b""), Protocol())) for _ in range(front.PLACES + 4)
        ]
        for _ in range(front.PLACES - front.FOR_READING):
            assert await asyncio.to_thread(inside.acquire, timeout=20)
        reader = Protocol()
        await asyncio.wait_for(door.__rsgi__(Scope(), reader), 20)
        go.set()
        await asyncio.gather(*savers)
        return reader.status

    assert asyncio.run(crowd()) == 200


@pytest.fixture
def on_sqlite(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("only with SQLite the front runs the lane itself")


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.text("SELECT description FROM role WHERE name = 'viewer'")))


def rename(cursor: Any) -> None:
    cursor.execute("UPDATE role SET description = 'seen' WHERE name = 'viewer'")


@pytest.mark.usefixtures("on_sqlite")
def test_the_lane_answers_when_its_work_is_stored(app: Flask, fronts: Fronts) -> None:
    inner = Plain(b"page")
    said = ask(fronts(inner, lane=True, work=rename), post("/quick", b""))
    assert (said.status, said.headers) == (303, [("Location", "/next")])
    assert names(app) == ["seen"]
    assert inner.seen == []


@pytest.mark.usefixtures("on_sqlite")
def test_what_the_lane_leaves_is_not_tried_by_it_again(fronts: Fronts) -> None:
    inner = Plain(b"page")
    said = ask(fronts(inner, lane=True), Scope("GET", "/slow"))
    assert said.body == b"page"
    assert inner.seen[0][lanes.LEFT] is True


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("busy", [True, False])
def test_a_work_that_fails_is_left_to_the_framework(fronts: Fronts, busy: bool) -> None:
    def fails(_cursor: Any) -> None:
        error = sqlite3.OperationalError("locked" if busy else "broken")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY if busy else sqlite3.SQLITE_ERROR
        raise error

    inner = Plain(b"says so")
    said = ask(fronts(inner, lane=True, work=fails), post("/quick", b"a=1"), Protocol((b"a=1",)))
    assert (said.body, inner.bodies) == (b"says so", [b"a=1"])
    assert (WAITED in inner.seen[0]) is busy
