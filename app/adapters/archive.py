"""A backup as one file: the database by SQLite's own copying, and the other files of the data folder."""

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

DATABASE = "heed.sqlite3"
# What belongs to the running processes or to one start, or can be computed again, not to the installation.
LEFT_OUT = ("setup_code", "backups", "cache", "lock")
LEFT_OUT_SUFFIXES = (".lock", ".pid", ".sock", "-wal", "-shm", "-journal")


class BadArchive(Exception):
    """The file is no backup of Heed, or is damaged. The text is one sentence."""


def write(target: Path, *, database: Path, data: Path) -> int:
    """Write the archive and return the number of files beside the database.

    The database is copied by the backup interface, which sees one state whoever writes meanwhile;
    a plain copy of the file would lose what is still in the write-ahead log.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".heed-backup-") as folder:
        copy = Path(folder) / DATABASE
        _copy_database(database, copy)
        packed = Path(folder) / "archive.tar.gz"
        count = 0
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(copy, DATABASE)
            for path in _other_files(data, database):
                archive.add(path, f"data/{path.relative_to(data)}")
                count += 1
        packed.chmod(0o600)
        packed.rename(target)
    return count


def read(source: Path, *, database: Path, data: Path, stamp: str) -> Path | None:
    """Put database and files back, with mail switched off. Returns where a former database was kept.

    Raises `BadArchive` before anything is changed.
    """
    data.mkdir(parents=True, exist_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".heed-restore-") as name:
        folder = Path(name)
        _unpack(source, folder)
        restored = folder / DATABASE
        _check_and_silence(restored)
        kept = _move_aside(database, stamp)
        files = folder / "data"
        if files.is_dir():
            shutil.copytree(files, data, dirs_exist_ok=True)
        restored.rename(database)
    return kept


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def _other_files(data: Path, database: Path) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data)
        if inside.parts[0] in LEFT_OUT or inside.name.endswith(LEFT_OUT_SUFFIXES):
            continue
        if path.is_file() and not path.is_symlink() and path != database and ".sqlite3" not in path.name:
            yield path


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                _unpack_member(archive, member, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadArchive(f"{source} can't be read as a backup ({type(error).__name__}).") from error
    if not (folder / DATABASE).is_file():
        raise BadArchive(f"{source} holds no database of Heed.")


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One plain file, readable by its owner only. (`extractall(filter=…)` is missing before Python 3.11.4.)"""
    name = PurePosixPath(member.name)
    stream = archive.extractfile(member) if member.isfile() else None
    if stream is None or name.is_absolute() or ".." in name.parts:
        raise BadArchive(f"The backup holds “{member.name}”, which no backup of Heed does.")
    target = folder / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with stream, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file)


def _check_and_silence(database: Path) -> None:
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BadArchive("The database in the backup is damaged.")
            # What was due when the backup was made may have been sent since.
            connection.execute("UPDATE firm SET mail_paused = 1, version = version + 1")
    except sqlite3.DatabaseError as error:
        raise BadArchive("The database in the backup can't be opened.") from error


def _move_aside(database: Path, stamp: str) -> Path | None:
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore-{stamp}")
    # Opened once more so that the write-ahead log is written into the file that is kept.
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.rename(kept)
    for leftover in ("-wal", "-shm"):
        database.with_name(database.name + leftover).unlink(missing_ok=True)
    return kept
