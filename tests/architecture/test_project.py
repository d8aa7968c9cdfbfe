"""House rules about the project as a whole: it stands alone, and its first page tells the truth."""

import re
import stat
from dataclasses import fields

import pytest

from config import KNOWN_HEED_NAMES, Settings
from tests.architecture.project import ROOT, place, tracked

README = ROOT / "README.md"
SETTINGS = {
    "PORT",
    "DATABASE_URL",
    "REDIS_URL",
    "BASE_URL",
    "MAIL_URL",
    "MAILBOX_URL",
    "SECRET_KEY",
} | KNOWN_HEED_NAMES
SCRIPTS = ("server", "test", "check", "heed", "bench")
# Folders of one machine, and hosts that only a tool should know. Written in parts, or this file would find itself.
ELSEWHERE = re.compile(
    r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/[a-z]+)/|\.\./sha" + r"red"
    r"|(?:py" + r"pi|npm" + r"js|python" + r"hosted|deb\.deb" + r"ian)\.(?:org|com)"
)
TEXT = {
    "",
    ".cfg",
    ".css",
    ".html",
    ".in",
    ".js",
    ".json",
    ".md",
    ".po",
    ".py",
    ".sh",
    ".sql",
    ".toml",
    ".txt",
    ".yml",
}


def test_nothing_leans_on_one_machine() -> None:
    found = [
        place(path, number)
        for path in tracked()
        if path.suffix in TEXT and "vendor" not in path.parts
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        )
        if ELSEWHERE.search(line)
    ]
    assert not found


def test_the_readme_lists_every_setting() -> None:
    text = README.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    assert rows == SETTINGS
    assert len(SETTINGS) == len(fields(Settings))


def test_the_readme_lists_every_script() -> None:
    text = README.read_text(encoding="utf-8")
    own = {
        path.name for path in (ROOT / "script").iterdir() if path.is_file() and not path.name.startswith("_")
    }
    assert own == set(SCRIPTS)
    for name in SCRIPTS:
        assert f"script/{name}" in text


@pytest.mark.parametrize("name", [*(f"script/{name}" for name in SCRIPTS), "script/_state", ".ci/run"])
def test_scripts_can_be_run(name: str) -> None:
    path = ROOT / name
    assert path.stat().st_mode & stat.S_IXUSR
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash\n")


def test_links_and_pictures_in_the_documentation_lead_somewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)} → {target}"
        for path in tracked()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not found


def test_no_merge_was_left_half_done() -> None:
    marks = tuple(mark * 7 + " " for mark in "<>")
    texts = (
        p for p in tracked() if p.suffix in {".py", ".html", ".css", ".js", ".po", ".md", ".toml", ".json"}
    )
    found = [
        path.relative_to(ROOT)
        for path in texts
        if "vendor" not in path.parts
        and any(line.startswith(marks) for line in path.read_text("utf-8").splitlines())
    ]
    assert not found
