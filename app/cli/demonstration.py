"""`demo`: the demonstration firm without a browser."""

import sys

import click

from app import clock
from app.cli.commands import application, changing, main
from app.preparation import PreparationError, prepare
from app.rules.passwords import weakness
from app.services import demo, setup


@main.command("demo", help="Fill an empty installation with the demonstration firm.")
@click.option("--password", required=True, help="Password of the demonstration users.")
def load_demo(password: str) -> None:
    """Exit status 1 when there are customers already or the password is weak."""
    if weakness(password) is not None:
        sys.exit("This password is too weak: take at least 10 characters that are not easily guessed.")
    app = application()
    settings = app.config["HEED"]
    try:
        prepare(app, database=settings.sqlite_path, backups=settings.data / "backups", now=clock.now())
    except PreparationError as problem:
        sys.exit(str(problem))
    with changing():
        counts = demo.load(password=password, by=None, now=clock.now())
        setup.forget_code(settings.data)
    click.echo(", ".join(f"{number:,} {what}" for what, number in counts.items()) + ".")
    click.echo(
        "Sign in as marketing@demo.example; others: admin@ manager@ service@ handler@ interviewer@ viewer@."
    )
