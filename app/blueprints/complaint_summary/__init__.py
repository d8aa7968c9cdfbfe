"""The summary of complaints for a period, how often what was told, and the cases behind the figures."""

from app.blueprints.complaint_summary import frequency_pages
from app.blueprints.complaint_summary.routes import bp

__all__ = ["bp", "frequency_pages"]
