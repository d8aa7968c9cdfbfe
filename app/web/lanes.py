"""A lane beside the framework: a feature answers its ordinary requests before the application is asked.

The server's front (`web.front`) runs the lane on its event loop; under any other WSGI server, and on PostgreSQL, `Before`
runs it in the request's own thread. Either way the framework does what the lane leaves.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from flask import Flask
from sqlalchemy.engine import Engine

from app.web import transactions
from app.web.transactions import WAITED, Work, is_busy

Headers = list[tuple[str, str]]
# In the environment of a request that the lane has left to the framework.
LEFT = "heed.left"
_EXTENSION = "heed_lane"


class Answer(NamedTuple):
    """An answer, and what has to be stored before it may leave."""

    status: str
    headers: Headers
    body: bytes
    work: Work | None = None


class Lane(Protocol):
    """What a feature installs. Only reads; quick enough to keep everybody waiting for it."""

    engine: Engine

    def prepare(self, environ: dict[str, Any]) -> Answer | None:
        """The answer to a request; None leaves it to the framework, with its body put back."""


class Before:
    """WSGI middleware: the lane, then the application."""

    def __init__(self, lane: Lane, inner: Callable[..., Iterable[bytes]]) -> None:
        self._lane = lane
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = None if LEFT in environ else self._lane.prepare(environ)
        if answer is None or not self._stored(environ, answer.work):
            return self._inner(environ, start_response)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _stored(self, environ: dict[str, Any], work: Work | None) -> bool:
        try:
            if work is not None:
                transactions.write(self._lane.engine, work)
        except Exception as error:
            leave(environ, error)
            return False
        return True


def leave(environ: dict[str, Any], error: Exception | None = None) -> None:
    """Let the framework do it again: it fails in the same way and says so, but does not wait as long once more."""
    environ[LEFT] = True
    if error is not None and is_busy(error):
        environ[WAITED] = error


def install(app: Flask, lane: Lane) -> None:
    """Put the lane in front of the application."""
    app.extensions[_EXTENSION] = lane
    app.wsgi_app = Before(lane, app.wsgi_app)  # type: ignore[method-assign]


def lane_of(app: Flask) -> Lane | None:
    """The lane of an application."""
    lane: Lane | None = app.extensions.get(_EXTENSION)
    return lane
