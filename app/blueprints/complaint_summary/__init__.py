"""The summary of complaints for a period, and the cases behind its figures."""

from app.blueprints.complaint_summary.routes import bp

__all__ = ["bp"]
