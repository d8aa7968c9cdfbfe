"""Files that people send or fetch: kept in the data folder under names nobody can guess."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

CHUNK = 1024 * 1024
PRIVATE = 0o700


@dataclass(frozen=True)
class StoredFile:
    """A file on disk: its name inside the folder, its SHA-256 (hex) and its size in bytes."""

    name: str
    sha256: str
    size: int


def private_folder(data: Path, name: str) -> Path:
    """A folder inside the data folder that only Heed's own account can read; made if missing."""
    folder = data / name
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return folder


def new_name(suffix: str = "") -> str:
    """A name nobody can guess."""
    return secrets.token_urlsafe(18) + suffix


def store(stream: IO[bytes], folder: Path) -> StoredFile:
    """Copy a stream into the folder, on the disk for good before this returns.

    Raises OSError, on a full disk for one, and leaves nothing half-written behind.
    """
    path = folder / new_name()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            digest, size = _copy(stream, file)
        sync_folder(folder)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return StoredFile(path.name, digest, size)


def _copy(stream: IO[bytes], file: IO[bytes]) -> tuple[str, int]:
    """Write it all to the disk; return its SHA-256 in hex and its size."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size


def sync_folder(folder: Path) -> None:
    """Put new names of a folder on the disk for good."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def remove(folder: Path, prefix: str) -> None:
    """Remove every file of the folder whose name begins with `prefix`."""
    for path in folder.glob(f"{prefix}*"):
        path.unlink(missing_ok=True)


def remove_older(folder: Path, moment: datetime) -> int:
    """Remove files last written before `moment`; return how many."""
    old = [path for path in folder.iterdir() if path.is_file() and _written(path) < moment]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def free_bytes(folder: Path) -> int:
    """Room that is left on the folder's disk."""
    return shutil.disk_usage(folder).free


def remove_unknown(folder: Path, known: Callable[[], set[str]], moment: datetime) -> int:
    """Remove files last written before `moment` that nothing knows of; return how many.

    What is known is asked after the folder is listed: a file that gets its row in between is known.
    """
    old = [path for path in folder.iterdir() if path.is_file() and _written(path) < moment]
    names = known() if old else set()
    unknown = [path for path in old if path.name not in names]
    for path in unknown:
        path.unlink(missing_ok=True)
    return len(unknown)
