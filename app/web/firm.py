"""The firm's row, read once per request."""

from flask import g, has_app_context
from sqlalchemy import select

from app.extensions import db
from app.models import Firm


def present_firm() -> Firm | None:
    """Return the firm, or None before the first set-up."""
    if not has_app_context():
        return None
    if "firm" not in g:
        g.firm = db.session.scalar(select(Firm).limit(1))
    firm: Firm | None = g.firm
    return firm
