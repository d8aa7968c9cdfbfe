"""`python -m app.jobs.analyst`: computes statistics for whoever started it, one request a line.

The first line of the input is the configuration (`database`, `data`); every further line is a request with
a `key`, and every line of the output names the key and `error` (null when done). Results are files, written
beside and renamed. The process only reads the database, gives way to others, and ends with its input.
"""

import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

log = logging.getLogger("heed.analyst")
KEPT_RESULTS = 60
_BUSY_MS = 10_000
_NICENESS = 10


def reading_engine(url: str) -> Engine:
    """An engine whose connections cannot write. None is kept open: the database may be replaced by a restored one."""
    if not url.startswith("sqlite"):
        return create_engine(url, execution_options={"postgresql_readonly": True}, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA query_only=ON")

    return engine


def store(target: Path, content: bytes) -> None:
    """Write a result whole or not at all, and forget the oldest ones beside it."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".result-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except BaseException:
        # On a full disk half a result would keep what little room there is.
        Path(name).unlink(missing_ok=True)
        raise
    for old in sorted(target.parent.glob("*.*"), key=_written)[:-KEPT_RESULTS]:
        old.unlink(missing_ok=True)


def _written(path: Path) -> int:
    """When a result was written; one that another process has just forgotten is the oldest."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


class Analyst:
    """Answers requests by their `do`: the summary of a survey or of complaints, a workbook, a columnar copy, warm."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.engine = engine
        self.frames = data / "cache" / "frames"
        self._does = {
            "summary": self._summary,
            "complaints": self._complaints,
            "workbook": self._workbook,
            "frame": self._frame,
            "cases": self._cases,
        }

    def handle(self, request: Mapping[str, Any]) -> None:
        """Do one request, unless its result has come meanwhile. Raises whatever goes wrong."""
        if "target" in request and Path(request["target"]).exists():
            return
        if request["do"] == "warm":
            _load()
            return
        with self.engine.connect() as connection:
            self._does[request["do"]](connection, request)

    def _summary(self, connection: Connection, request: Mapping[str, Any]) -> None:
        from app.queries.analysis.asking import Asking
        from app.queries.analysis.computing import summarise
        from app.queries.figures.model import to_json

        summary = summarise(connection, self.frames, Asking.from_json(request["asking"]))
        store(Path(request["target"]), json.dumps(to_json(summary), ensure_ascii=False).encode())

    def _complaints(self, connection: Connection, request: Mapping[str, Any]) -> None:
        from app.queries.complaints.summary.asking import Asking
        from app.queries.complaints.summary.computing import summarise
        from app.queries.figures.model import to_json

        summary = summarise(connection, self.frames, Asking.from_json(request["asking"]))
        store(Path(request["target"]), json.dumps(to_json(summary), ensure_ascii=False).encode())

    def _workbook(self, _connection: Connection, request: Mapping[str, Any]) -> None:
        from io import BytesIO

        from app.adapters.workbook.writer import Column, Sheet, write_table

        sheets = [
            Sheet(sheet["title"], [Column(*column) for column in sheet["columns"]], sheet["rows"])
            for sheet in request["sheets"]
        ]
        written = BytesIO()
        write_table(written, sheets)
        store(Path(request["target"]), written.getvalue())

    def _frame(self, connection: Connection, request: Mapping[str, Any]) -> None:
        from app.queries.frames import current_frame, read_plan

        current_frame(connection, self.frames, read_plan(connection, request["survey"]))

    def _cases(self, connection: Connection, _request: Mapping[str, Any]) -> None:
        from app.queries.frames.cases import current_cases

        current_cases(connection, self.frames, keep=True)


def _load() -> None:
    """Load what a summary needs: more than half of the time that the first one would take."""
    import app.queries.analysis.computing  # noqa: F401


def main() -> None:
    """Serve until the input ends."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    configuration = json.loads(sys.stdin.readline() or "{}")
    if not configuration:
        return
    os.nice(_NICENESS)
    analyst = Analyst(reading_engine(configuration["database"]), Path(configuration["data"]))
    for line in sys.stdin:
        request = json.loads(line)
        error = None
        try:
            analyst.handle(request)
        except Exception as problem:
            # File, line and type only: messages of databases hold values of rows.
            trace = "".join(traceback.format_tb(problem.__traceback__))
            log.error("%s failed: %s\n%s", request["do"], type(problem).__name__, trace)
            error = type(problem).__name__
        try:
            print(json.dumps({"key": request["key"], "error": error}), flush=True)  # noqa: T201 - the answer
        except BrokenPipeError:  # whoever asked has ended
            os._exit(0)


if __name__ == "__main__":
    main()
