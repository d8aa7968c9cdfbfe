"""Moves Heed's clock for a journey: on PYTHONPATH of a whole installation, `app.clock.now` is shifted by the seconds that
stand in the file HEED_TEST_CLOCK names. Nothing of the product knows of it.
"""

import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class _Shifted(Loader):
    """Loads the module of the clock and puts the shift on top."""

    def __init__(self, inner: Loader, file: Path) -> None:
        self._inner = inner
        self._file = file

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        real = module.now

        def now() -> datetime:
            shifted: datetime = real() + timedelta(seconds=float(self._file.read_text()))
            return shifted

        module.now = now  # type: ignore[attr-defined]


class _Finder(MetaPathFinder):
    def __init__(self, file: Path) -> None:
        self._file = file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "app.clock":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Shifted(spec.loader, self._file)
        return spec


if "HEED_TEST_CLOCK" in os.environ:
    sys.meta_path.insert(0, _Finder(Path(os.environ["HEED_TEST_CLOCK"])))
