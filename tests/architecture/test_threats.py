"""The table of threats names tests that exist."""

import re

from tests.architecture.project import ROOT

TABLE = ROOT / "docs" / "threats.md"
ROW = re.compile(r"^\| (T\d\d) \|.*\|(.*)\|$", re.MULTILINE)


def test_every_threat_names_tests_that_exist() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)", code))
    rows = ROW.findall(TABLE.read_text("utf-8"))
    named = {row: set(re.findall(r"`(test_\w+)`", tests)) for row, tests in rows}
    assert len(named) == len(rows) > 40
    assert {row: tests - there for row, tests in named.items() if not tests or tests - there} == {}
