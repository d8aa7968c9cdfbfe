"""Jobs of the customer import: first look, check of every row, bringing in, taking back.

What touches the stranger's file runs in a child process (`reading`). Bringing in and taking back are
many short transactions, with a pause after each, so that the pages never wait long for the database.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from app import clock
from app.adapters import files
from app.errors import Missing, Refused
from app.extensions import db
from app.jobs import registry, runner
from app.jobs.reading import read_file
from app.models import CustomerImport, Firm, User
from app.queries import imports as queries
from app.services.customers import imports, merging, undoing

BATCH = 1_000
PAUSE_SECONDS = 0.02
CHECK_BATCH = 2_000
KEPT = timedelta(days=30)


def uploads() -> Path:
    """The folder of uploaded files."""
    return files.private_folder(current_app.config["HEED"].data, "uploads")


def load(import_id: int, *, lock: bool = False) -> CustomerImport:
    """The import's row as it is now; Missing when it was discarded."""
    imported = db.session.get(CustomerImport, import_id, populate_existing=True, with_for_update=lock)
    if imported is None:
        raise Missing("import")
    return imported


@contextmanager
def telling_failures(import_id: int) -> Iterator[None]:
    """Keep on the import's row why its job ended; the runner keeps it on the job's."""
    try:
        yield
    except runner.LeaseLost:
        raise
    except Refused as refusal:
        if refusal.code != "moved_on":
            _tell(import_id, refusal.code, refusal.params)
        raise
    except Exception as error:
        if not isinstance(error, Missing):
            _tell(import_id, "internal", {})
        raise


def _tell(import_id: int, code: str, params: dict[str, Any]) -> None:
    with runner.transaction():
        imported = db.session.get(CustomerImport, import_id)
        if imported is not None:
            imports.store_failure(imported, code, params)


@registry.job("import_read")
def import_read(_progress: runner.Progress, import_id: int) -> None:
    """Look into the file: sheets, columns, first rows, what is odd."""
    with telling_failures(import_id):
        with runner.transaction():
            imported = load(import_id)
            if imported.state not in ("uploaded", "reading"):
                return
            imported.state = "reading"
            path, filename = imported.path, imported.filename
            reading = dict(imported.options.get("reading", {}))
        preview = read_file(_task("inspect", path) | {"filename": filename} | reading)
        with runner.transaction():
            imports.store_preview(load(import_id), preview)


def _task(what: str, name: str) -> dict[str, Any]:
    path = uploads() / name
    if not path.exists():
        raise Refused("file_gone")
    return {"what": what, "path": str(path), "answer": f"{path}.answer"}


@registry.job("import_check")
def import_check(progress: runner.Progress, import_id: int) -> None:
    """Clean every row, keep the bad ones, and count what the good ones would do."""
    with telling_failures(import_id):
        runner.release()
        imported = load(import_id)
        if imported.state != "checking":
            return
        options = dict(imported.options)
        sheet = imported.preview["sheets"][options["sheet"]]
        headers, total = sheet["header"], sheet["rows"]
        task = _task("check", imported.path) | _check_task(imported, sheet)
        answer = read_file(task, told=lambda rows: progress.set(rows, 2 * total))
        _keep_bad_rows(import_id, Path(task["bad"]))
        counts = {"created": 0, "updated": 0, "same": 0}
        index = merging.CodeIndex()
        index.refresh()
        clearing = merging.clearing_of(options, headers)
        done = total
        for rows in _batches(Path(task["good"]), 0, CHECK_BATCH):
            for name, count in merging.count_outcomes(rows, index, clearing).items():
                counts[name] += count
            runner.release()
            done += len(rows)
            progress.set(done, 2 * total)
        with runner.transaction():
            imports.store_check(
                load(import_id),
                {name: answer[name] for name in ("good", "bad")}
                | {f"would_be_{name}": count for name, count in counts.items()},
            )


def _check_task(imported: CustomerImport, sheet: dict[str, Any]) -> dict[str, Any]:
    options, preview = imported.options, imported.preview
    firm = db.session.scalar(select(Firm))
    zone = ZoneInfo(firm.timezone if firm else "Asia/Shanghai")
    path = uploads() / imported.path
    return {
        "sheet": sheet["name"],
        "header_row": sheet["header_row"],
        "headers": sheet["header"],
        "targets": options["targets"],
        "day_first": options["day_first"],
        "encoding": (preview["encoding"] or {}).get("name"),
        "delimiter": preview["delimiter"],
        "branches": queries.known_branches(),
        "today": clock.now().astimezone(zone).date().isoformat(),
        "good": f"{path}.good",
        "bad": f"{path}.bad",
    }


def _keep_bad_rows(import_id: int, path: Path) -> None:
    with runner.transaction():
        imports.forget_rows(load(import_id))
    for lines in _batches(path, 0, BATCH):
        with runner.transaction():
            imports.store_bad_rows(load(import_id), lines)


def _batches(path: Path, skip: int, size: int) -> Iterator[list[dict[str, Any]]]:
    """The JSON lines of a file from line `skip` on, in lists of `size`."""
    if not path.exists():
        raise Refused("file_gone")
    with path.open(encoding="utf-8") as file:
        lines = islice(file, skip, None)
        while batch := [json.loads(line) for line in islice(lines, size)]:
            yield batch


@registry.job("import_run")
def import_run(progress: runner.Progress, import_id: int) -> dict[str, Any]:
    """Bring the good rows in, going on where an earlier attempt stopped."""
    with telling_failures(import_id):
        runner.release()
        imported = load(import_id)
        if imported.state != "running":
            return {}
        start, total = imported.result["applied"], imported.result["good"]
        headers = imported.preview["sheets"][imported.options["sheet"]]["header"]
        clearing = merging.clearing_of(imported.options, headers)
        index = merging.CodeIndex()
        index.refresh()
        opted_out = merging.opted_out_addresses()
        for rows in _batches(uploads() / f"{imported.path}.good", start, BATCH):
            with runner.transaction():
                merging.apply_batch(
                    load(import_id, lock=True),
                    rows,
                    start=start,
                    index=index,
                    clearing=clearing,
                    opted_out=opted_out,
                    now=clock.now(),
                )
            start += len(rows)
            progress.set(start, total)
            time.sleep(PAUSE_SECONDS)
        with runner.transaction():
            imported = load(import_id, lock=True)
            imports.finish_run(imported, by=_author(imported), now=clock.now())
            return dict(imported.result)


def _author(imported: CustomerImport) -> User | None:
    return db.session.get(User, imported.created_by_id) if imported.created_by_id else None


@registry.job("import_undo")
def import_undo(progress: runner.Progress, import_id: int) -> None:
    """Take everything back, unless something depends on it."""
    with telling_failures(import_id):
        with runner.transaction():
            imported = load(import_id, lock=True)
            if imported.state != "undoing" or undoing.refuse_if_depended_on(imported):
                return
            total = imported.result["created"] + imported.result["updated"]
        done, last = 0, 1
        while last:
            with runner.transaction():
                last = undoing.undo_batch(load(import_id, lock=True), limit=BATCH, now=clock.now())
            done += last
            progress.set(done, total)
            time.sleep(PAUSE_SECONDS)
        with runner.transaction():
            imported = load(import_id, lock=True)
            undoing.finish_undo(imported, by=_author(imported), now=clock.now())


@registry.every(timedelta(hours=6))
def forget_old_uploads() -> None:
    """Remove uploaded files after 30 days; what an import has done stays on record."""
    files.remove_older(uploads(), clock.now() - KEPT)
