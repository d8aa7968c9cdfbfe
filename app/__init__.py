"""Heed 倾听. `create_app()` is the readable list of what is switched on.

Nothing is imported before it is called: the process that computes statistics lives in this package
too, and would otherwise load the whole web framework to answer its first question.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Build the application from settings (by default those of the environment)."""
    import os
    from pathlib import Path

    from app.extensions import csrf, db, init_database, migrate
    from app.web import origin
    from app.web.transactions import TransactionalFlask
    from config import Settings

    settings = settings or Settings.from_env(os.environ)
    app = TransactionalFlask(__name__)
    app.config.from_mapping(settings.flask_config())

    from app.cli import translations

    translations.ensure_compiled(app)
    init_database(app)
    migrate.init_app(app, db, directory=str(Path(app.root_path).parent / "migrations"), compare_type=True)
    origin.init_app(app)
    csrf.init_app(app)

    from app import web

    web.init_app(app)

    from app import blueprints

    blueprints.init_app(app)

    from app.web.access import check_declarations

    check_declarations(app)
    return app
