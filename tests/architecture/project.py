"""What the house checks look at: the files that belong to the project."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, also the new ones that no commit holds yet; without git, every file of a release."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        folders = ("app", "bench", "docs", "migrations", "requirements", "script", "tests", ".ci")
        inside = (path for folder in folders for path in (ROOT / folder).rglob("*"))
        return tuple(sorted(path for path in [*ROOT.glob("*.*"), *inside] if _kept(path)))
    return tuple(sorted(path for name in listed.split("\0") if name and _kept(path := ROOT / name)))


def _kept(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def python_files(*folders: str) -> list[Path]:
    """The Python files of the project, or of these folders."""
    inside = [ROOT / folder for folder in folders] or [ROOT]
    return [
        path for path in tracked() if path.suffix == ".py" and any(path.is_relative_to(top) for top in inside)
    ]


def templates() -> list[Path]:
    return [path for path in tracked() if path.is_relative_to(APP / "templates")]


def lines(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def place(path: Path, number: int) -> str:
    return f"{path.relative_to(ROOT)}:{number}"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
