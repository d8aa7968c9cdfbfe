"""The page of the first run."""

from app.blueprints.setup.routes import bp

__all__ = ["bp"]
