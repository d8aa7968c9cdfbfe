"""The audit log: reading, exporting, verifying."""

from app.blueprints.audit.routes import bp

__all__ = ["bp"]
