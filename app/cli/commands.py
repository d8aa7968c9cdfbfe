"""The group of commands, and how a command gets the application."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import create_app
from app.errors import HeedError
from app.extensions import intends_to_write
from app.web.transactions import release, store_and_release
from config import SettingError

# What a command may be refused, for the person at the terminal. Other codes are shown as they are.
REFUSALS = {
    "demo_needs_empty_register": "There are customers already. Take an empty data folder by HEED_DATA.",
    "email_taken": "There is a user with this address already.",
}


@click.group(help="Heed 倾听: commands for whoever runs this installation.")
def main() -> None:
    """Commands register themselves in the modules imported below."""


def application() -> Flask:
    """The application, or an end with the sentence about the bad setting."""
    try:
        return create_app()
    except SettingError as error:
        sys.exit(f"Heed can't start: {error}")


@contextmanager
def reading() -> Iterator[Flask]:
    """Run the block with the database open for reading."""
    app = application()
    with app.app_context():
        try:
            yield app
        except HeedError as error:
            sys.exit(f"Not done. {REFUSALS.get(error.code, error.code)}")
        except (OperationalError, ProgrammingError):
            sys.exit("The database is not ready. Start Heed once: it makes what is missing.")
        finally:
            release()


@contextmanager
def changing() -> Iterator[Flask]:
    """Run the block in one writing transaction: all of it or nothing."""
    token = intends_to_write.set(True)
    try:
        with reading() as app:
            yield app
            store_and_release()
    finally:
        intends_to_write.reset(token)


from app.cli import audit, backups, demonstration, docs, people, translating  # noqa: E402

__all__ = [
    "application",
    "audit",
    "backups",
    "changing",
    "demonstration",
    "docs",
    "main",
    "people",
    "reading",
    "translating",
]
