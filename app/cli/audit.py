"""`audit verify`."""

import sys

import click

from app.cli.commands import main, reading
from app.services import audit as service


@main.group(help="The audit log.")
def audit() -> None:
    """Commands about the audit log."""


@audit.command(help="Walk the chain of the audit log; name the first entry that does not fit.")
def verify() -> None:
    """Exit status 1 when the chain is broken."""
    with reading():
        report = service.verify()
    if report.broken_id is not None:
        sys.exit(f"BROKEN at entry {report.broken_id}, after {report.count} good entries.")
    click.echo(f"The chain is whole: {report.count} entries.")
