"""`translations compile` and `translations check`, as commands of the group."""

import sys

from app.cli import translations
from app.cli.commands import main


@main.group("translations", help="The catalogues of translations.")
def group() -> None:
    """Commands about translations."""


@group.command("compile", help="Compile all catalogues.")
def compile_catalogues() -> None:
    """Needed by nobody: it happens at every start."""
    sys.exit(translations.main(["compile"]))


@group.command("check", help="Name what lacks a translation, and what is translated in vain.")
def check_catalogues() -> None:
    """Exit status 1 when there is something."""
    sys.exit(translations.main(["check"]))
