"""The examples in the docstrings run, and the package stays light."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import app.stats

ROOT = Path(__file__).parents[2]
MODULES = [found.name for found in pkgutil.walk_packages(app.stats.__path__, "app.stats.")]
FORBIDDEN = ("scipy.stats", "pandas", "statsmodels", "sklearn")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_nothing_heavy_is_imported() -> None:
    # A fresh interpreter: the tests themselves may use heavier libraries to compare with.
    # The package `app` is stood in for, because only what app.stats imports counts here.
    code = (
        "import importlib, sys, types\n"
        "package = types.ModuleType('app')\n"
        f"package.__path__ = [{str(ROOT / 'app')!r}]\n"
        "sys.modules['app'] = package\n"
        f"[importlib.import_module(name) for name in {MODULES!r}]\n"
        f"print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
