"""The first page after signing in, and the gallery of the visual language."""

from app.blueprints.home.routes import bp

__all__ = ["bp"]
