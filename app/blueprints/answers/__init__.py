"""The public site: the pages behind the links in mails and on posters. No staff session is involved."""

from app.blueprints.answers import express, opened, personal, preview, unsubscribing  # noqa: F401 - they add the routes
from app.blueprints.answers.site import bp

bp.record_once(lambda state: express.install(state.app))  # type: ignore[arg-type]

__all__ = ["bp"]
