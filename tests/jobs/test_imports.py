"""Reading files in a child process, and what the web process must not hold for it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.errors import Refused
from app.jobs import reading
from tests.architecture.project import ROOT

HEAVY = {"pandas", "numpy", "xlsxwriter", "openpyxl", "python_calamine"}
PROBE = """
import sys
from app.blueprints.customers import exports, imports
from app.jobs import exports, imports
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def task(path: Path, **more: Any) -> dict[str, Any]:
    """What the worker asks of the child."""
    return {"what": "inspect", "path": str(path), "answer": f"{path}.answer", "filename": path.name} | more


def test_a_list_is_read_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text("code,name\nA1,青禾\n", encoding="utf-8")
    found = reading.read_file(task(path))
    assert found["sheets"][0]["header"] == ["code", "name"]
    assert found["sheets"][0]["preview"][1] == [2, ["A1", "青禾"]]
    assert not Path(f"{path}.answer").exists()


def test_what_is_wrong_comes_back_as_a_code(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(Refused, match="unsupported_type"):
        reading.read_file(task(path))


@pytest.mark.parametrize("ending", [-9, -6, -24])
def test_a_child_that_ran_into_its_limits_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: int
) -> None:
    monkeypatch.setattr(reading, "_run", lambda _task, _told: ending)
    with pytest.raises(Refused, match="too_complex"):
        reading.read_file(task(tmp_path / "x"))


def test_a_child_that_broke_is_an_error_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_run", lambda _task, _told: 1)
    with pytest.raises(RuntimeError):
        reading.read_file(task(tmp_path / "x"))


def test_the_child_sees_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def spy(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs["env"])
        return real(*args, **kwargs)

    monkeypatch.setattr(reading.subprocess, "Popen", spy)
    path = tmp_path / "x.csv"
    path.write_text("code,name\nA1,x\n")
    reading.read_file(task(path))
    assert "SECRET_KEY" not in seen


def test_pages_and_jobs_load_no_spreadsheet_library_by_being_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
