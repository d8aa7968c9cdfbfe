"""The numbered cases that broke other systems (docs say "case 8"): each has a test whose first words name it."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.project import ROOT

# Those that concern complaints; the others speak of improvements, invitations and answers.
NUMBERS = {*range(1, 14), 15}
NAMED = re.compile(r"\bcases? (\d+)(?: and (\d+))?\b", re.IGNORECASE)


def test_every_numbered_case_is_found_by_its_number() -> None:
    found = {
        int(number) for said in docstrings() for pair in NAMED.findall(said) for number in pair if number
    }
    assert NUMBERS - found == set(), "no test says that it is this case"


def docstrings() -> Iterator[str]:
    """What tests say of themselves; only of functions that pytest collects."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield ast.get_docstring(node) or ""
