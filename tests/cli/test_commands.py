"""The commands, run as a person at a terminal runs them."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.extensions import db
from app.services import audit
from config import ROOT, Settings
from tests.factories import Factory


@pytest.fixture
def heed(settings: Settings) -> Any:
    """Return a function that runs a command on the installation of the tests, or on another folder."""
    if settings.sqlite_path is None:
        pytest.skip("the commands about files are for SQLite")

    def run(*arguments: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = {
            "PATH": os.environ["PATH"],
            "HEED_DATA": str(data or settings.data),
            "BASE_URL": settings.base_url,
            "SECRET_KEY": settings.secret_key,
        }
        command = [sys.executable, "-W", "error", "-m", "app.cli", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)

    return run


def test_setup_code_until_there_is_a_firm(heed: Any, make: Factory) -> None:
    first = heed("setup-code")
    assert re.fullmatch(r"http://localhost:8000/setup\?code=[\w-]{22,}\n", first.stdout), first.stderr
    assert heed("setup-code").stdout == first.stdout
    make.firm()
    done = heed("setup-code")
    assert (done.returncode, done.stderr) == (1, "Heed is set up already.\n")


def test_audit_verify_names_the_broken_row(heed: Any, make: Factory, now: Any) -> None:
    for number in range(3):
        audit.record("unit.added", kind="unit", object_id=number, by=None, now=now)
    db.session.commit()
    assert heed("audit", "verify").stdout == "The chain is whole: 3 entries.\n"
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id = 2"))
    broken = heed("audit", "verify")
    assert (broken.returncode, "entry 3" in broken.stderr) == (1, True)


def test_the_way_back_in(heed: Any, make: Factory) -> None:
    make.firm()
    arguments = ("users", "create-admin", "boss@firm.example", "--name", "Boss", "--password")
    assert heed(*arguments, "short").returncode == 1
    assert heed(*arguments, "a long enough sentence").returncode == 0
    again = heed(*arguments, "a long enough sentence")
    assert (again.returncode, again.stderr) == (1, "Not done. There is a user with this address already.\n")
    link = heed("users", "password-link", "boss@firm.example")
    assert link.stdout.startswith("http://localhost:8000/reset-password/")
    assert heed("users", "password-link", "nobody@firm.example").returncode == 1


def test_backup_and_restore_bring_everything_back_with_mail_off(
    heed: Any, make: Factory, settings: Settings, tmp_path: Path
) -> None:
    make.firm()
    (settings.data / "files").mkdir(exist_ok=True)
    (settings.data / "files" / "材料.txt").write_text("x", "utf-8")
    target = tmp_path / "备份.tar.gz"
    assert heed("backup", str(target)).returncode == 0
    assert target.stat().st_mode & 0o077 == 0, "it holds keys"
    assert heed("backup", str(target)).returncode == 1, "nothing is overwritten"
    with tarfile.open(target) as archive:
        names = archive.getnames()
    assert "heed.sqlite3" in names
    assert not [name for name in names if name.endswith(("setup_code", "lock", "-wal"))]

    elsewhere = tmp_path / "new home"
    assert heed("restore", str(target), data=elsewhere).returncode == 0
    with closing(sqlite3.connect(elsewhere / "heed.sqlite3")) as connection:
        assert connection.execute("SELECT name, mail_paused FROM firm").fetchall() == [("恒信服务集团", 1)]
    assert (elsewhere / "files" / "材料.txt").read_text("utf-8") == "x"

    refused = heed("restore", str(target), data=elsewhere)
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    assert heed("restore", "--replace", str(target), data=elsewhere).returncode == 0
    assert list(elsewhere.glob("heed.sqlite3.before-restore-*"))
    shutil.rmtree(settings.data / "files")


def test_a_damaged_backup_changes_nothing(heed: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"\x1f\x8b not really")
    answer = heed("restore", str(bad), data=tmp_path / "home")
    assert (answer.returncode, answer.stderr.startswith("Nothing was changed:")) == (1, True)
    assert not (tmp_path / "home" / "heed.sqlite3").exists()


def test_a_backup_that_points_outside_its_folder_changes_nothing(heed: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as archive:
        archive.add(Path(__file__), "data/../../escaped")
    answer = heed("restore", str(bad), data=tmp_path / "home")
    assert (answer.returncode, "escaped" in answer.stderr) == (1, True)
    assert not list(tmp_path.rglob("escaped"))


def test_the_demonstration_needs_an_empty_register(heed: Any, make: Factory) -> None:
    make.firm()
    make.customer()
    answer = heed("demo", "--password", "a long enough sentence")
    assert (answer.returncode, "There are customers already." in answer.stderr) == (1, True)


def test_a_bad_setting_is_one_sentence(heed: Any, settings: Settings) -> None:
    environ = {"PATH": os.environ["PATH"], "HEED_DATA": str(settings.data), "SECRET_KEY": "short"}
    command = [sys.executable, "-m", "app.cli", "audit", "verify"]
    answer = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Heed can't start: SECRET_KEY")
    assert "Traceback" not in answer.stderr
