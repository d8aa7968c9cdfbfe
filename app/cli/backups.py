"""`backup` and `restore`: the whole installation in one file."""

import sys
from pathlib import Path

import click

from app import clock
from app.adapters import archive
from app.cli.commands import main
from config import SettingError, Settings


def _settings() -> Settings:
    import os

    try:
        return Settings.from_env(os.environ)
    except SettingError as error:
        sys.exit(f"Heed can't start: {error}")


@main.command(help="Write database, files and keys into one .tar.gz. Heed may go on running meanwhile.")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), required=False)
def backup(target: Path | None) -> None:
    """On PostgreSQL, pg_dump does the database."""
    settings = _settings()
    database = settings.sqlite_path
    if database is None:
        sys.exit(
            "The database is PostgreSQL: use pg_dump for it, and copy the folder of HEED_DATA"
            f" ({settings.data}), which holds files and keys."
        )
    if not database.exists():
        sys.exit("There is no database yet.")
    target = target or Path.cwd() / f"heed-{clock.now():%Y%m%d-%H%M%S}.tar.gz"
    if target.exists():
        sys.exit(f"{target} exists already; choose another name.")
    count = archive.write(target, database=database, data=settings.data)
    click.echo(
        f"{target}: the database and {count} other files. It holds everything, also the keys: keep it safe."
    )


@main.command(help="Put a backup back. Mail stays off until somebody switches it on in the settings.")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Overwrite the database that is there; it is kept beside.")
def restore(source: Path, replace: bool) -> None:
    """Stop Heed first."""
    settings = _settings()
    database = settings.sqlite_path
    if database is None:
        sys.exit("The database is PostgreSQL: use pg_restore, then copy the folder of HEED_DATA back.")
    if database.exists() and not replace:
        sys.exit(
            f"{database} exists. Stop Heed, then repeat with --replace; the present one is kept beside it."
        )
    try:
        kept = archive.read(
            source, database=database, data=settings.data, stamp=f"{clock.now():%Y%m%d-%H%M%S}"
        )
    except archive.BadArchive as error:
        sys.exit(f"Nothing was changed: {error}")
    if kept:
        click.echo(f"The former database is at {kept}.")
    click.echo("Restored. Mail is off: look through the surveys, then switch it on under Settings.")
