"""Settings of the firm, users, and units."""

from app.blueprints.settings.routes import bp

__all__ = ["bp"]
