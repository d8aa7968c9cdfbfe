"""From a question to its result: a file that is kept, or else what the analyst makes of the request."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import current_app

from app.adapters.analyst import Analyst, State
from app.queries.figures.model import from_json

_EXTENSION = "heed.analyst"
_SUMMARIES = 16
T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A summary from its file. `edition` is another one for every summary ever computed: what is made of a
    summary may be kept under it."""

    summary: T
    edition: str


def analyst() -> Analyst:
    """This process's analyst."""
    client: Analyst | None = current_app.extensions.get(_EXTENSION)
    if client is None:
        settings = current_app.config["HEED"]
        made = Analyst({"database": settings.database_url, "data": str(settings.data)})
        client = current_app.extensions.setdefault(_EXTENSION, made)
    return client


def place(of: str, name: str) -> Path:
    """Where a result lies: `of` says what it is about."""
    data: Path = current_app.config["HEED"].data
    return data / "cache" / "analysis" / of / name


def look(kind: type[T], target: Path) -> Kept[T] | None:
    """The summary if it is there and whole. A damaged one is taken away, so that it can be computed again."""
    try:
        about = target.stat()
        edition = f"{target.stem}.{about.st_ino}.{about.st_mtime_ns}"
        # mypy doubts that a class which it does not know can be hashed.
        return Kept(_read(kind, target, edition), edition)  # type: ignore[arg-type]
    except OSError:
        return None
    except (ValueError, TypeError, KeyError):
        with contextlib.suppress(OSError):
            target.unlink()
        return None


@lru_cache(maxsize=_SUMMARIES)
def _read(kind: type[T], path: Path, _edition: str) -> T:
    return from_json(kind, json.loads(path.read_text("utf-8")))


def computed(
    kind: type[T], target: Path, key: str, request: Mapping[str, Any], *, wait: float
) -> tuple[State, Kept[T] | None]:
    """The summary, waiting up to so many seconds for it to be computed; it is there when the state is DONE."""
    present = look(kind, target)
    if present is not None:
        return State.DONE, present
    state = analyst().ask(key, {**request, "target": str(target)}, wait=wait)
    if state is not State.DONE:
        return state, None
    present = look(kind, target)
    return (State.FAILED if present is None else state), present


def written(
    target: Path, key: str, sheets: list[Mapping[str, Any]], *, wait: float
) -> tuple[State, Path | None]:
    """A spreadsheet; the file is there when the state is DONE. `sheets` as `app.jobs.analyst` takes them.

    Names in it change while the figures stay as they are, so what is kept is found by all that it holds.
    """
    content = hashlib.sha256(json.dumps(sheets, sort_keys=True).encode()).hexdigest()[:16]
    target, key = target.with_name(f"{target.stem}.{content}{target.suffix}"), f"{key}.{content}"
    if not target.exists():
        state = analyst().ask(key, {"do": "workbook", "sheets": sheets, "target": str(target)}, wait=wait)
        if state is not State.DONE:
            return state, None
    return (State.DONE, target) if target.exists() else (State.FAILED, None)
