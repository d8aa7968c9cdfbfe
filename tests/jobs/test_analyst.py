"""The child process that computes statistics: what it leaves on the disk."""

import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.jobs import analyst
from tests.architecture.project import ROOT


def test_a_result_that_does_not_fit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T60: half a result on a full disk would take the room that others need."""

    def full(*_: Any) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            analyst.store(tmp_path / "cache" / "a.json", b"{}")
    assert list((tmp_path / "cache").iterdir()) == []
    analyst.store(tmp_path / "cache" / "a.json", b"{}")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["a.json"]


def test_a_result_that_another_process_forgets_meanwhile_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst.store(tmp_path / "old.json", b"{}")
    listed = Path.glob

    def late(folder: Path, pattern: str) -> list[Path]:
        found = list(listed(folder, pattern))
        (tmp_path / "old.json").unlink()
        return found

    monkeypatch.setattr(Path, "glob", late)
    analyst.store(tmp_path / "new.json", b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["new.json"]


WARMED = """
import json, sys
from pathlib import Path
from app.jobs.analyst import Analyst, reading_engine
child = Analyst(reading_engine("sqlite:///" + sys.argv[1]), Path(sys.argv[1]).parent)
before = "scipy" in sys.modules
child.handle({"do": "warm"})
print(json.dumps([before, "scipy" in sys.modules]))
"""


def test_warming_loads_what_computes_and_opens_no_database(tmp_path: Path) -> None:
    database = tmp_path / "none.sqlite3"
    done = subprocess.run(
        [sys.executable, "-c", WARMED, str(database)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    assert json.loads(done.stdout) == [False, True]
    assert not database.exists()
