"""House rules about Python code that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.project import APP, ROOT, calls, lines, place, python_files, tree

LONGEST_FILE = 400
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "tools"}
MAY_COMMIT = {"app/web/transactions.py", "app/jobs/runner.py"}
# Says whether the database answers at all, and has to leave a session that does.
MAY_ROLL_BACK = MAY_COMMIT | {"app/queries/health.py"}
READS_THE_CLOCK = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|raise NotImpl" + r"ementedError")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_migration(path: Path) -> bool:
    """Written once, never read again as a whole: one revision is one file, however long."""
    return path.is_relative_to(ROOT / "migrations")


@pytest.mark.parametrize(("end", "places"), [("commit", MAY_COMMIT), ("rollback", MAY_ROLL_BACK)])
def test_only_two_places_end_transactions(end: str, places: set[str]) -> None:
    found = {
        name(path)
        for path in python_files("app")
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == end
    }
    assert found <= places, f"{end}() belongs to web/transactions.py and jobs/runner.py, not {found - places}"


@pytest.mark.parametrize("package", ["services", "queries", "adapters", "models", "jobs"])
def test_nothing_below_the_pages_knows_of_requests(package: str) -> None:
    """`current_app` holds settings and is there for jobs and commands as well; the rest of Flask is not."""
    found = [
        place(path, node.lineno)
        for path in python_files(f"app/{package}")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        if {imported.name for imported in node.names} - {"current_app", "Flask"}
    ]
    assert not found


def clock_readings(path: Path) -> list[int]:
    """Lines that ask for the present: datetime.now(), datetime.datetime.utcnow(), date.today(), time.time()."""
    found = []
    for call in calls(path):
        function = call.func
        if not isinstance(function, ast.Attribute):
            continue
        owner = function.value
        owner_name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if (owner_name, function.attr) in READS_THE_CLOCK:
            found.append(call.lineno)
    return found


def test_only_the_clock_reads_the_time() -> None:
    found = [
        place(path, number)
        for path in [*python_files("app"), ROOT / "config.py"]
        if path != APP / "clock.py"
        for number in clock_readings(path)
    ]
    assert not found, f"now is handed down from app/clock.py: {found}"


def test_the_search_for_clock_readings_finds_them(tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(
        "import datetime as d\nd.datetime.now(d.UTC)\nd.date.today()\nd.datetime.fromtimestamp(0)\nnow()\n"
    )
    assert clock_readings(file) == [2, 3]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    counts = {name(path): sum(1 for _ in lines(path)) for path in python_files() if not is_migration(path)}
    found = {file: count for file, count in counts.items() if count > LONGEST_FILE}
    assert not found, f"over {LONGEST_FILE} lines, make it a package of the same name: {found}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = [
        name(path)
        for path in python_files()
        if SAY_NOTHING & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]
    assert not found, f"name the feature instead: {found}"


def test_nothing_is_left_unfinished() -> None:
    found = [
        place(path, number)
        for path in python_files()
        for number, line in lines(path)
        if UNFINISHED.search(line)
    ]
    assert not found, f"finish it or file it: {found}"


@pytest.mark.parametrize("package", ["rules", "stats"])
def test_rules_and_statistics_speak_no_language(package: str) -> None:
    """They raise codes; the sentence is made where somebody reads it."""
    found = [
        place(path, call.lineno)
        for path in python_files(f"app/{package}")
        for call in calls(path)
        if isinstance(call.func, ast.Name)
        and call.func.id in ("_", "_l", "gettext", "ngettext", "lazy_gettext")
    ]
    assert not found


def test_every_module_says_what_lives_in_it() -> None:
    found = [
        name(path)
        for path in python_files("app")
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, f"no module docstring: {found}"


def test_every_test_file_is_found_by_the_test_runner() -> None:
    found = [
        name(path)
        for path in python_files("tests")
        if not path.name.startswith("test_")
        and any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert not found, f"tests that never run: {found}"
