"""Pages of the customer register: list, one customer, segments, imports, exports."""

from flask import Blueprint

bp = Blueprint("customers", __name__, url_prefix="/customers")

# The routes register themselves on `bp`, which therefore has to exist first.
from app.blueprints.customers import contacts, exports, imports, listing, pages, segments  # noqa: E402

__all__ = ["bp", "contacts", "exports", "imports", "listing", "pages", "segments"]
