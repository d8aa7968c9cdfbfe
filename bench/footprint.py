"""How much memory a running, idle Heed takes, and how much room the production environment takes on disk.

Starts the supervisor with web and worker on an empty data folder, opens the health page once, waits until all is
quiet, and adds up the proportional share (PSS) of every process: memory that several share is counted once.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench._report import Figure, report

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
QUIET_SECONDS = 15.0
MEGABYTE = 1024 * 1024


def main() -> None:
    """Measure and print."""
    report("footprint", [*_memory(), *_disk()])


def _memory() -> Iterator[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="heed-bench-"))
    port = _free_port()
    bare = {k: v for k, v in os.environ.items() if not k.startswith("HEED_")}
    environment = bare | {"HEED_DATA": str(folder), "PORT": str(port), "HEED_ASSETS": "local"}
    started = subprocess.Popen(
        [sys.executable, str(ROOT / "app" / "supervisor.py")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"http://localhost:{port}/healthz")
        time.sleep(QUIET_SECONDS)
        shares = {pid: _proportional(pid) for pid in (started.pid, *_descendants(started.pid))}
        for pid, share in shares.items():
            yield Figure(f"process: {_name(pid)}", share / MEGABYTE, "MB")
        yield Figure("all processes, idle", sum(shares.values()) / MEGABYTE, "MB", 330)
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _disk() -> Iterator[Figure]:
    """The environment that script/server makes; nothing where it has not been made yet."""
    folder = ROOT / ".venv"
    if folder.is_dir():
        size = sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
        yield Figure("production environment on disk", size / MEGABYTE, "MB", 700)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError:
            pass  # it answers, but the worker has not beaten yet
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("Heed did not start.")


def _descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return found


def _proportional(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return " ".join(Path(word).name for word in words[1:4] if word)[:48] or "?"


if __name__ == "__main__":
    main()
