"""Pages of field work: surveys from the first idea to the seal."""

from app.blueprints.surveys import links, recipients, sending  # noqa: F401 - they add the routes
from app.blueprints.surveys.routes import bp

__all__ = ["bp"]
