"""Files that are there whole or not at all."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file beside its place and put it there. One that cannot be written is only slower next time."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".frame-", delete=False) as file:
            try:
                write(file)  # type: ignore[arg-type]  # a temporary file is one, only wrapped
                file.close()
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
