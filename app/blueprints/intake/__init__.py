"""The customer's side of complaints: the public form, and the page behind his secret link."""

from app.blueprints.intake import case, complain, files  # noqa: F401 - they add the routes
from app.blueprints.intake.site import bp

__all__ = ["bp"]
