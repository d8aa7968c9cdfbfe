"""The summary of complaints for a period: its figures and their cases, documents of it, and reports about it."""

from app.blueprints.complaint_summary import documents, reports
from app.blueprints.complaint_summary.routes import bp

__all__ = ["bp", "documents", "reports"]
