"""Signing in and out, passwords, the second factor, and everybody's own account."""

from app.blueprints.accounts.routes import bp

__all__ = ["bp"]
