"""Letting a child process read a stranger's file, and learning what became of it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.adapters.workbook.limits import died_of_limits
from app.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
WALL_SECONDS = 300
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")


def read_file(task: dict[str, Any], *, told: Callable[[int], None] = lambda _rows: None) -> dict[str, Any]:
    """Run `import_child` on the task and return its answer; `told` hears of rows read.

    Raises Refused with the code of what is wrong with the file; too_complex when the child ran into
    its limits.
    """
    answer = Path(task["answer"])
    answer.unlink(missing_ok=True)
    code = _run(json.dumps(task), told)
    if code != 0 or not answer.exists():
        if died_of_limits(code):
            raise Refused("too_complex")
        raise RuntimeError(f"the reading process ended with {code}")
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    if "error" in found:
        raise Refused(found["error"]["code"], **found["error"]["params"])
    return found


def _run(task: str, told: Callable[[int], None]) -> int:
    # A bare environment: the child needs neither the keys nor the address of the database.
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "app.jobs.import_child"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    # The processor limit does not count a child that waits, so that the wall clock ends it.
    timer = threading.Timer(WALL_SECONDS, child.kill)
    timer.start()
    try:
        with child.stdin:
            child.stdin.write(task)
        with child.stdout:
            for line in child.stdout:
                told(int(line))
        return child.wait()
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()
