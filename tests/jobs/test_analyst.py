"""The child process that computes statistics: what it leaves on the disk."""

import errno
from pathlib import Path
from typing import Any

import pytest

from app.jobs import analyst


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
