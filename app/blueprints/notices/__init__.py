"""Everybody's own notices, and what each person wants by mail."""

from app.blueprints.notices.routes import bp

__all__ = ["bp"]
