"""The statistics pages of a survey."""

from app.blueprints.analysis.routes import bp

__all__ = ["bp"]
