"""The steps of an import: received, read, mapped, checked, decided, done, undone.

Each step is one conditional change of `state`, so that of two clicks or two tabs only one counts.
What a step starts is done by the worker; see `merging` and `undoing` for what it does to customers.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from app.adapters.files import StoredFile
from app.errors import Refused
from app.extensions import db
from app.models import CustomerImport, CustomerImportRow, User
from app.queries import imports as queries
from app.rules.customers.import_mapping import ImportMapping, MappingProblem, check_mapping
from app.services import audit
from app.services.jobs import request_job

MAX_OPEN = 20
MAX_FOLDER_BYTES = 2 * 1024**3
BEFORE_RUN = ("uploaded", "reading", "read", "checking", "checked", "failed")


def check_room(*, by: User, folder_bytes: int) -> None:
    """Refuse one more upload: too_many_uploads (a person's), uploads_full (everybody's)."""
    if queries.count_open(by) >= MAX_OPEN:
        raise Refused("too_many_uploads")
    if folder_bytes > MAX_FOLDER_BYTES:
        raise Refused("uploads_full")


def receive(*, filename: str, file: StoredFile, by: User, now: datetime) -> CustomerImport:
    """Record an uploaded file and let the worker look into it."""
    imported = CustomerImport(
        filename=filename[:255],
        path=file.name,
        sha256=file.sha256,
        options={},
        created_by_id=by.id,
        created_at=now,
    )
    db.session.add(imported)
    db.session.flush()
    _ask_worker(imported, "import_read", by=by, now=now)
    return imported


def read_again(imported: CustomerImport, *, reading: dict[str, Any], by: User, now: datetime) -> None:
    """Look into the file with other choices (encoding, delimiter, header_row). Refused: not_now."""
    _move(imported, ("read", "checked"), "uploaded")
    imported.options = imported.options | {"reading": reading, "sheet": None}
    imported.error = None
    _ask_worker(imported, "import_read", by=by, now=now)


def choose_mapping(
    imported: CustomerImport,
    *,
    sheet: int,
    targets: list[str],
    day_first: bool | None,
    clear_blank: bool,
    by: User,
    now: datetime,
) -> list[MappingProblem]:
    """Keep what each column means and let the worker check every row; or return what is wrong.

    `sheet` is its place in the preview. Refused: not_now.
    """
    headers = imported.preview["sheets"][sheet]["header"]
    problems = check_mapping(ImportMapping(tuple(headers), tuple(targets)))
    if problems:
        return problems
    _move(imported, ("read", "checked"), "checking")
    imported.options = imported.options | {
        "sheet": sheet,
        "targets": targets,
        "day_first": day_first,
        "clear_blank": clear_blank,
    }
    imported.error = None
    _ask_worker(imported, "import_check", by=by, now=now)
    return []


def change_mapping(imported: CustomerImport) -> None:
    """Go back to the columns. Refused: not_now."""
    _move(imported, ("checked",), "read")


def start_run(imported: CustomerImport, *, good_only: bool, by: User, now: datetime) -> None:
    """Decide to bring the list in. Refused: nothing_to_bring_in, bad_rows, not_now."""
    if imported.state == "checked":
        if not imported.result.get("good"):
            raise Refused("nothing_to_bring_in")
        if imported.result.get("bad") and not good_only:
            raise Refused("bad_rows")
    _move(imported, ("checked",), "running")
    imported.options = imported.options | {"good_only": good_only}
    imported.result = imported.result | {"applied": 0, "created": 0, "updated": 0, "same": 0}
    audit.record("import.started", kind="import", object_id=imported.id, by=by, now=now)
    _ask_worker(imported, "import_run", by=by, now=now)


def continue_run(imported: CustomerImport, *, by: User, now: datetime) -> None:
    """Go on with an import that was interrupted. Refused: not_now."""
    if not was_interrupted(imported):
        raise Refused("not_now")
    _move(imported, ("running", "failed"), "running")
    imported.error = None
    _ask_worker(imported, "import_run", by=by, now=now)


def was_interrupted(imported: CustomerImport) -> bool:
    """Whether the work ended in the middle of changing customers."""
    if imported.state == "failed":
        return "applied" in imported.result
    job = queries.job_of(imported)
    return imported.state == "running" and job is not None and job.state == "failed"


def start_undo(imported: CustomerImport, *, by: User, now: datetime) -> None:
    """Take back what an import has changed, also one that was interrupted. Refused: not_now."""
    if imported.state != "done" and not was_interrupted(imported):
        raise Refused("not_now")
    _move(imported, ("done", "running", "failed"), "undoing")
    imported.error = None
    imported.result = {name: value for name, value in imported.result.items() if name != "dependents"}
    audit.record("import.undo_started", kind="import", object_id=imported.id, by=by, now=now)
    _ask_worker(imported, "import_undo", by=by, now=now)


def discard(imported: CustomerImport, *, by: User, now: datetime) -> str:
    """Forget a file that has changed nothing; returns its name in the folder. Refused: not_now."""
    if imported.state not in BEFORE_RUN or "applied" in imported.result:
        raise Refused("not_now")
    _move(imported, BEFORE_RUN, "failed")
    audit.record("import.discarded", kind="import", object_id=imported.id, by=by, now=now)
    db.session.execute(delete(CustomerImportRow).where(CustomerImportRow.import_id == imported.id))
    db.session.delete(imported)
    db.session.flush()
    return imported.path


def store_preview(imported: CustomerImport, preview: dict[str, Any]) -> None:
    """Keep what the first look has found."""
    imported.preview, imported.state, imported.error = preview, "read", None
    db.session.flush()


def store_check(imported: CustomerImport, counts: dict[str, int]) -> None:
    """Keep the counts of the check: good, bad, and what good rows would do."""
    imported.result, imported.state, imported.error = dict(counts), "checked", None
    db.session.flush()


def store_bad_rows(imported: CustomerImport, lines: list[dict[str, Any]]) -> None:
    """Keep rows that cannot be taken, each with all its problems."""
    rows = [
        {
            "import_id": imported.id,
            "number": line["number"],
            "outcome": "bad",
            "problems": line["problems"],
            "cells": line["cells"],
        }
        for line in lines
    ]
    if rows:
        db.session.execute(CustomerImportRow.__table__.insert(), rows)  # type: ignore[attr-defined]


def forget_rows(imported: CustomerImport) -> None:
    """Drop the rows of an earlier check."""
    db.session.execute(delete(CustomerImportRow).where(CustomerImportRow.import_id == imported.id))


def store_failure(imported: CustomerImport, code: str, params: dict[str, Any]) -> None:
    """Keep why the work ended: a list that cannot be checked goes back to its columns."""
    imported.error = {"code": code, "params": params}
    imported.state = {"checking": "read", "undoing": "done"}.get(imported.state, "failed")
    db.session.flush()


def finish_run(imported: CustomerImport, *, by: User | None, now: datetime) -> None:
    """The whole list is in."""
    imported.state, imported.finished_at = "done", now
    counts = {name: imported.result[name] for name in ("created", "updated", "same")}
    audit.record("import.done", kind="import", object_id=imported.id, by=by, now=now, **counts)


def _move(imported: CustomerImport, wanted: tuple[str, ...], state: str) -> None:
    """Change the state if it is still one of `wanted`; of two at once only one succeeds."""
    moved = db.session.execute(
        update(CustomerImport)
        .where(
            CustomerImport.id == imported.id,
            CustomerImport.state.in_(wanted),
            CustomerImport.version == imported.version,
        )
        .values(state=state, version=CustomerImport.version + 1)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("not_now")
    db.session.refresh(imported)


def _ask_worker(imported: CustomerImport, kind: str, *, by: User, now: datetime) -> None:
    asked = imported.options.get("asked", 0) + 1
    key = f"{kind}:{imported.id}:{asked}"
    imported.options = imported.options | {"asked": asked, "job": key}
    request_job(kind, key=key, by=by, now=now, import_id=imported.id)
