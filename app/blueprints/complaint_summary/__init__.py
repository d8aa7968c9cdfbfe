"""The summary of complaints: its figures and their cases, how often what was told, documents, and reports about it."""

from app.blueprints.complaint_summary import documents, frequency_pages, reports
from app.blueprints.complaint_summary.routes import bp

__all__ = ["bp", "documents", "frequency_pages", "reports"]
