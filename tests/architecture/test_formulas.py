"""A kept result is computed again whenever the code changes that it comes from."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.queries.analysis import asking as surveys
from app.queries.complaints.summary import asking as complaints
from tests.architecture.project import APP, ROOT, tree

# Only names of clocks and kinds are taken from these; what they compute lies in the rows.
NAMES_ONLY = {"rules/clocks", "rules/worktime"}
# Lie in a package from which something else counts, and are not used for figures; and what only these use.
BESIDE = {"rules/questionnaire"}
BESIDE_FILES = {"errors.py", "rules/check_digit.py", "rules/indicators.py"}


def imported(path: Path) -> Iterator[Path]:
    """The files of the application that a file imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
            for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names)):
                place = ROOT / str(name).replace(".", "/")
                yield from (
                    file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()
                )


def reached(start: Path) -> set[Path]:
    found, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(path)
    return found


@pytest.mark.parametrize(
    ("package", "asking", "beside"),
    [
        ("queries/analysis", surveys, set()),
        ("queries/complaints/summary", complaints, NAMES_ONLY | BESIDE),
    ],
)
def test_results_are_named_by_all_the_code_they_come_from(
    package: str, asking: Any, beside: set[str]
) -> None:
    files = reached(APP / package / "computing.py")
    assert {APP / "stats" / "change.py", APP / "queries" / "figures" / "differing.py"} <= files
    known = tuple(APP / folder for folder in (*asking._SOURCES, *beside))
    left_out = {
        path.relative_to(APP).as_posix()
        for path in files
        if not any(path.is_relative_to(folder) for folder in known) and path.name != "__init__.py"
    }
    assert left_out <= BESIDE_FILES
