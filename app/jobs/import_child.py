"""The child process that touches a stranger's file: `python -m app.jobs.import_child`, task on stdin.

It runs under limits of memory and time, with a bare environment, and leaves its findings as JSON
files beside the upload; it never sees the database. On stdout it says how many rows it has read.
"""

import dataclasses
import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from app.adapters.workbook.errors import WorkbookError
from app.adapters.workbook.limits import apply_limits
from app.rules.customers.import_mapping import ImportMapping
from app.rules.customers.import_preview import (
    MAX_SHOWN_SHEETS,
    finding,
    headers_of,
    row_text,
    short_cells,
)
from app.rules.customers.import_rows import CleanRow, clean_row

REPORT_EVERY = 2_000
BLANK: tuple[Any, ...] = (None, "", (), {})


def main() -> int:
    """Do the task and write `task["answer"]`."""
    task: dict[str, Any] = json.load(sys.stdin)
    os.umask(0o077)
    apply_limits()
    try:
        answer = _inspect(task) if task["what"] == "inspect" else _check(task)
    except WorkbookError as error:
        answer = {"error": finding(error.code, error.params)}
    except (MemoryError, RecursionError):
        answer = {"error": {"code": "too_complex", "params": {}}}
    _write(Path(task["answer"]), json.dumps(answer, ensure_ascii=False))
    return 0


def _inspect(task: dict[str, Any]) -> dict[str, Any]:
    from app.adapters.workbook import reader

    found = reader.inspect(
        Path(task["path"]),
        task["filename"],
        encoding=task.get("encoding"),
        delimiter=task.get("delimiter"),
        header_row=task.get("header_row"),
    )
    encoding = found.encoding
    return {
        "kind": found.kind,
        "encoding": {"name": encoding.name, "confidence": encoding.confidence} if encoding else None,
        "delimiter": found.delimiter,
        "notes": [finding(one.code, one.params) for one in found.notes],
        "sheets": [
            {
                "name": sheet.name,
                "hidden": sheet.hidden,
                "rows": sheet.rows,
                "columns": sheet.columns,
                "header_row": sheet.header_row,
                "header": headers_of(sheet.header),
                "preview": [[row.number, short_cells(row.cells)] for row in sheet.preview]
                if number < MAX_SHOWN_SHEETS
                else [],
                "problems": [finding(one.code, one.params) for one in sheet.problems],
                "notes": [finding(one.code, one.params) for one in sheet.notes],
            }
            for number, sheet in enumerate(found.sheets)
        ],
    }


def _check(task: dict[str, Any]) -> dict[str, Any]:
    """Clean every row: good ones to `task["good"]`, bad ones to `task["bad"]`, one JSON a line."""
    good = bad = 0
    with _open(task["good"]) as good_file, _open(task["bad"]) as bad_file:
        for number, (row, result) in enumerate(_cleaned(task), start=1):
            if isinstance(result, CleanRow):
                good += 1
                good_file.write(json.dumps(_filled(result), ensure_ascii=False) + "\n")
            else:
                bad += 1
                problems = [dataclasses.asdict(one) for one in result]
                line = {"number": row.number, "cells": row_text(row.cells), "problems": problems}
                bad_file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if number % REPORT_EVERY == 0:
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()
        for file in (good_file, bad_file):
            file.flush()
            os.fsync(file.fileno())
    return {"good": good, "bad": bad}


def _cleaned(task: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    from app.adapters.workbook import reader

    mapping = ImportMapping(tuple(task["headers"]), tuple(task["targets"]))
    today = dt.date.fromisoformat(task["today"])
    seen: dict[str, int] = {}
    rows = reader.read_rows(
        Path(task["path"]),
        sheet=task["sheet"] or None,
        encoding=task.get("encoding"),
        header_row=task["header_row"],
        delimiter=task.get("delimiter"),
    )
    for row in rows:
        yield (
            row,
            clean_row(
                row.cells,
                mapping,
                task["branches"],
                number=row.number,
                seen_codes=seen,
                today=today,
                day_first=task.get("day_first"),
            ),
        )


def _filled(row: CleanRow) -> dict[str, Any]:
    """The filled fields of a row; dates as ISO text."""
    found = {name: value for name, value in vars(row).items() if value not in BLANK}
    for name in ("customer_since", "service_date"):
        if name in found:
            found[name] = found[name].isoformat()
    return found


def _open(name: str) -> TextIO:
    return Path(name).open("w", encoding="utf-8", errors="replace")


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    sys.exit(main())
