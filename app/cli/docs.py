"""`docs permissions`: the table of permissions as a page of the documentation."""

from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.commands import application, main
from app.rules.permissions import TABLE, Permission, Role
from app.web.access import declaration

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
HEAD = """# Who may do what

Generated from `app/rules/permissions.py` by `python -m app.cli docs permissions`. One person may hold several roles.
Which *rows* somebody sees is decided by the queries; this is which *pages* answer at all.
"""


@main.group(help="Pages of the documentation that are made from the code.")
def docs() -> None:
    """Commands about the documentation."""


@docs.command(help="Write docs/permissions.md.")
def permissions() -> None:
    """Overwrite the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(permissions_page(), "utf-8")
    click.echo(str(PAGE.relative_to(PAGE.parents[1])))


def permissions_page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_table(), "", "## Which address needs what", "", *_addresses(), ""])


def _table() -> Iterator[str]:
    yield "| permission | " + " | ".join(role.value.replace("_", " ") for role in Role) + " |"
    yield "|---" * (len(Role) + 1) + "|"
    for permission, holders in TABLE.items():
        marks = " | ".join("yes" if role in holders else "–" for role in Role)
        yield f"| `{permission}` | {marks} |"


def _addresses() -> Iterator[str]:
    app = application()
    yield "| address | methods | needs |"
    yield "|---|---|---|"
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, sorted(r.methods or ()))):
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        needed = declaration(app, rule.endpoint)
        needs = f"`{needed.value}`" if isinstance(needed, Permission) else "nothing"
        yield f"| `{rule.rule}` | {methods} | {needs} |"
