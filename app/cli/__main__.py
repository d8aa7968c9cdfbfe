"""`script/heed COMMAND`: the application's own commands."""

from app.cli.commands import main

main(prog_name="script/heed")
