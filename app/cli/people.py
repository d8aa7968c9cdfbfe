"""`setup-code` and `users …`."""

import sys

import click

from app import clock
from app.cli.commands import changing, main, reading
from app.queries import users as queries
from app.rules.passwords import weakness
from app.rules.permissions import Role
from app.services import passwords, setup
from app.services import users as service


@main.command("setup-code", help="Show the address of the set-up page, with its one-time code.")
def setup_code() -> None:
    """Exit status 1 when Heed is set up already."""
    with reading() as app:
        settings = app.config["HEED"]
        address = setup.ensure_code(settings.data, settings.base_url)
    if address is None:
        sys.exit("Heed is set up already.")
    click.echo(address)


@main.group(help="Accounts of staff.")
def users() -> None:
    """Commands about users."""


@users.command("create-admin", help="Add an administrator, for whom the password is asked.")
@click.argument("email")
@click.option("--name", required=True, help="Name of the person.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given."
)
def create_admin(email: str, name: str, language: str, password: str) -> None:
    """The way back in when nobody can sign in any more."""
    fault = weakness(password, email=email, name=name)
    if fault:
        sys.exit(f"This password can't be used: {fault.replace('_', ' ')}.")
    with reading():
        hashed = passwords.hashed(password)
    with changing():
        service.create(
            email=email,
            name=name,
            language=language,
            role_names=[Role.ADMINISTRATOR],
            password_hash=hashed,
            by=None,
            now=clock.now(),
        )
    click.echo(f"{email} is an administrator.")


@users.command("password-link", help="Print a link with which a user sets a new password, within an hour.")
@click.argument("email")
def password_link(email: str) -> None:
    """For somebody whose mail does not arrive."""
    with reading():
        user = queries.by_email(email)
        if user is None or not user.active:
            sys.exit("There is no active user with this address.")
        click.echo(passwords.link(user, issued=clock.now(), lifetime=passwords.RESET_LIFETIME))
